package vonage

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// Callback implements sms.CalledBack. An account sends receipts and replies as the query of a GET, as a form or as
// JSON. The signature is over the parameters, so they are parsed before it is verified, and only into texts.
func (p *Provider) Callback(call sms.Call) (sms.Callback, error) {
	values, err := parameters(call)
	if err != nil {
		return sms.Callback{}, err
	}
	once, err := p.once(call, values)
	if err != nil {
		return sms.Callback{}, err
	}
	var callback sms.Callback
	if call.Kind == sms.Inbound {
		callback, err = p.inbound(values, call)
	} else {
		callback, err = p.receipts(values, call)
	}
	callback.Once = once
	return callback, err
}

// parameters returns the parameters of a call. One that is there twice is refused: it is not clear how it is signed.
func parameters(call sms.Call) (map[string]string, error) {
	if len(call.Body) > sms.MaxBody {
		return nil, fmt.Errorf("%w: it is too long", sms.ErrMalformed)
	}
	query := string(call.Body)
	kind, _, _ := mime.ParseMediaType(call.Header.Get("Content-Type"))
	switch {
	case call.Method == http.MethodGet:
		_, query, _ = strings.Cut(call.URL, "?")
	case call.Method != http.MethodPost:
		return nil, fmt.Errorf("%w: it is neither a GET nor a POST", sms.ErrMalformed)
	case kind == "application/json":
		values, err := sms.ParseFlat(call.Body)
		if err != nil {
			return nil, sms.ErrForged // what cannot be parsed cannot be verified
		}
		return values, nil
	case kind != "application/x-www-form-urlencoded":
		return nil, fmt.Errorf("%w: it is neither a form nor JSON", sms.ErrMalformed)
	}
	form, err := url.ParseQuery(query)
	if err != nil {
		return nil, sms.ErrForged
	}
	values := make(map[string]string, len(form))
	for key, all := range form {
		if len(all) != 1 {
			return nil, sms.ErrForged
		}
		values[key] = all[0]
	}
	return values, nil
}

// states maps the statuses of receipts of the SMS API. What is not here is unknown.
var states = map[string]string{
	"accepted": "sent", "buffered": "sent", "delivered": "delivered", "expired": "expired",
	"failed": "undelivered", "rejected": "undelivered",
}

// pushed is the layout of message-timestamp, which is in UTC: when Vonage began to call.
const pushed = "2006-01-02 15:04:05"

func (p *Provider) receipts(values map[string]string, call sms.Call) (sms.Callback, error) {
	id, status := values["messageId"], values["status"]
	if id == "" || status == "" {
		return sms.Callback{}, fmt.Errorf("%w: it has no messageId or no status", sms.ErrMalformed)
	}
	came := sms.Happened(values["message-timestamp"], call.At, pushed)
	receipt := messaging.Receipt{
		Reference: values["client-ref"], State: cmp.Or(states[status], "unknown"), ProviderID: sms.Clip(id),
		Network: sms.Network(values["network-code"]), At: sms.LateBy(values["scts"], came),
	}
	if code := values["err-code"]; receipt.State != "delivered" && receipt.State != string(message.Sent) {
		receipt.Code = sms.Clip(status)
		if code != "" && code != "0" {
			receipt.Code, receipt.Fault = sms.Clip(code), p.Fault("receipt", code)
		}
	}
	return sms.Callback{Receipts: []messaging.Receipt{receipt}}, nil
}

func (p *Provider) inbound(values map[string]string, call sms.Call) (sms.Callback, error) {
	id, from := values["messageId"], values["msisdn"]
	if id == "" || from == "" {
		return sms.Callback{}, fmt.Errorf("%w: it has no messageId or no msisdn", sms.ErrMalformed)
	}
	if values["type"] == "binary" {
		return sms.Callback{}, nil
	}
	return sms.Callback{Inbound: []messaging.Inbound{{
		Provider: p.config.Provider, ID: sms.Clip(id), From: sms.International(sms.Clip(from)),
		To: sms.International(sms.Clip(values["to"])), Text: strings.ToValidUTF8(values["text"], "�"),
		At: sms.Happened(values["message-timestamp"], call.At, pushed),
	}}}, nil
}
