package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
)

// Callback implements sms.CalledBack. Twilio signs the URL and the form with the auth token, without a time. So a
// repeated call cannot be told from a retry: Once is what it said, and a message counts a receipt once.
func (p *Provider) Callback(call sms.Call) (sms.Callback, error) {
	form, err := p.verified(call)
	if err != nil {
		return sms.Callback{}, err
	}
	if call.Kind == sms.Inbound {
		return p.inbound(form, call.At)
	}
	return p.receipts(form, call)
}

// verified returns the form of a call that Twilio signed. A form with a key twice is refused: Twilio sends none, and
// libraries do not agree on how it is signed.
func (p *Provider) verified(call sms.Call) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(call.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || call.Method != http.MethodPost {
		return nil, fmt.Errorf("%w: it is not a form", sms.ErrMalformed)
	}
	if len(call.Body) > sms.MaxBody {
		return nil, fmt.Errorf("%w: it is too long", sms.ErrMalformed)
	}
	form, err := url.ParseQuery(string(call.Body))
	if err != nil {
		return nil, sms.ErrForged
	}
	for _, values := range form {
		if len(values) != 1 {
			return nil, sms.ErrForged
		}
	}
	given := call.Header.Values("X-Twilio-Signature")
	for _, token := range p.config.Secrets["auth_token"] {
		for _, address := range addresses(call.URL) {
			if len(given) == 1 && sms.SameSecret(given[0], sign(token, address, form)) {
				return form, nil
			}
		}
	}
	return nil, sms.ErrForged
}

// sign returns the signature of a form that is sent to an address: HMAC-SHA1 over the address and all keys with their
// values, in the order of the keys.
func sign(token, address string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(token))
	_, _ = mac.Write([]byte(address))
	for _, key := range slices.Sorted(maps.Keys(form)) {
		_, _ = mac.Write([]byte(key + form.Get(key)))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// addresses returns an address as it is, without a port, and with the port of its scheme, because Twilio and proxies
// do not agree on it. The query stays as it came.
func addresses(address string) []string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return []string{address}
	}
	host, path := rest, ""
	if at := strings.IndexAny(rest, "/?"); at >= 0 {
		host, path = rest[:at], rest[at:]
	}
	port := map[string]string{"https": "443", "http": "80"}[scheme]
	if name, _, err := net.SplitHostPort(host); err == nil {
		return []string{address, scheme + "://" + name + path}
	}
	return []string{address, scheme + "://" + host + ":" + port + path}
}

func (p *Provider) receipts(form url.Values, call sms.Call) (sms.Callback, error) {
	id, status := form.Get("MessageSid"), form.Get("MessageStatus")
	if id == "" {
		id, status = form.Get("SmsSid"), form.Get("SmsStatus")
	}
	address, err := url.Parse(call.URL)
	if err != nil || id == "" || status == "" {
		return sms.Callback{}, fmt.Errorf("%w: it has no MessageSid or no MessageStatus", sms.ErrMalformed)
	}
	code := form.Get("ErrorCode")
	receipt := p.receipt(status, code)
	receipt.Reference, receipt.ProviderID = address.Query().Get("ref"), sms.Clip(id)
	receipt.At = sms.LateBy(form.Get("RawDlrDoneDate"), call.At)
	return sms.Callback{
		Receipts: []messaging.Receipt{receipt},
		Once:     strings.Join([]string{"twilio", sms.Clip(id), sms.Clip(status), sms.Clip(code)}, " "),
	}, nil
}

func (p *Provider) inbound(form url.Values, came time.Time) (sms.Callback, error) {
	id, from := form.Get("MessageSid"), form.Get("From")
	if id == "" || from == "" {
		return sms.Callback{}, fmt.Errorf("%w: it has no MessageSid or no From", sms.ErrMalformed)
	}
	return sms.Callback{
		Inbound: []messaging.Inbound{{
			Provider: p.config.Provider, ID: sms.Clip(id), From: sms.International(sms.Clip(from)),
			To:   sms.Clip(form.Get("To")),
			Text: strings.ToValidUTF8(form.Get("Body"), "�"), At: came,
		}},
		Once: "twilio inbound " + sms.Clip(id),
	}, nil
}
