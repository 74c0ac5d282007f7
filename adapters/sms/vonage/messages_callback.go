package vonage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// webhook is a call of the Messages API: a status of a text, or a reply.
type webhook struct {
	ID          string `json:"message_uuid"`
	From        string `json:"from"`
	To          string `json:"to"`
	Timestamp   string `json:"timestamp"`
	Status      string `json:"status"`
	ClientRef   string `json:"client_ref"`
	Channel     string `json:"channel"`
	MessageType string `json:"message_type"`
	Text        string `json:"text"`
	Error       struct {
		Type  string `json:"type"`
		Title any    `json:"title"` // the code, as a text or a number, in older accounts
	} `json:"error"`
	Destination struct {
		Network string `json:"network_code"`
	} `json:"destination"`
}

// Callback implements sms.CalledBack. A token in the header signs the raw body.
func (p *Messages) Callback(call sms.Call) (sms.Callback, error) {
	if len(call.Body) > sms.MaxBody || call.Method != http.MethodPost {
		return sms.Callback{}, fmt.Errorf("%w: it is too long, or not a POST", sms.ErrMalformed)
	}
	id, err := bearer(call, p.config.Settings["api_key"], p.config.Secrets["signature_secret"])
	if err != nil {
		return sms.Callback{}, err
	}
	var said webhook
	if err := json.Unmarshal(call.Body, &said); err != nil {
		return sms.Callback{}, fmt.Errorf("%w: it is not the JSON of a webhook", sms.ErrMalformed)
	}
	if said.ID == "" {
		return sms.Callback{}, fmt.Errorf("%w: it has no message_uuid", sms.ErrMalformed)
	}
	callback := sms.Callback{Once: "vonage " + sms.Clip(id)}
	switch {
	case said.Channel != "" && said.Channel != "sms":
	case call.Kind != sms.Inbound && said.Status == "":
		return sms.Callback{}, fmt.Errorf("%w: it has no status", sms.ErrMalformed)
	case call.Kind != sms.Inbound:
		callback.Receipts = []messaging.Receipt{p.receipt(said, call.At)}
	case said.From == "":
		return sms.Callback{}, fmt.Errorf("%w: it has no from", sms.ErrMalformed)
	case said.MessageType == "text":
		callback.Inbound = []messaging.Inbound{{
			Provider: p.config.Provider, ID: sms.Clip(said.ID), From: sms.International(sms.Clip(said.From)),
			To: sms.International(sms.Clip(said.To)), Text: said.Text, At: happened(said.Timestamp, call.At),
		}}
	}
	return callback, nil
}

// messagesStates maps the statuses of the Messages API. What is not here is unknown.
var messagesStates = map[string]string{
	"submitted": "sent", "delivered": "delivered", "read": "delivered",
	"rejected": "undelivered", "undeliverable": "undelivered",
}

// ttlEnded is the code of a text that was not delivered within its time to live.
const ttlEnded = "1360"

func (p *Messages) receipt(said webhook, came time.Time) messaging.Receipt {
	receipt := messaging.Receipt{
		Reference: said.ClientRef, State: cmp.Or(messagesStates[said.Status], "unknown"), ProviderID: sms.Clip(said.ID),
		Network: sms.Network(said.Destination.Network), At: happened(said.Timestamp, came),
	}
	if receipt.State == "delivered" || receipt.State == string(message.Sent) {
		return receipt
	}
	receipt.Code = sms.Clip(said.Status)
	code := problemCode(said.Error.Type)
	if code == "" && said.Error.Title != nil {
		code = sms.Clip(strings.TrimSpace(fmt.Sprint(said.Error.Title)))
	}
	if code != "" {
		receipt.Code, receipt.Fault = code, p.Fault("messages", code)
	}
	if code == ttlEnded {
		receipt.State = "expired"
	}
	return receipt
}

// happened parses the timestamp of a webhook. One without a zone is not used: it may be hours off.
func happened(timestamp string, came time.Time) time.Time {
	return sms.Happened(timestamp, came, time.RFC3339, "2006-01-02 15:04:05 -0700")
}
