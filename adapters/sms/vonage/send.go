package vonage

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// Bounds of ttl, which is in milliseconds.
const (
	shortestTTL = 20 * time.Second
	longestTTL  = 7 * 24 * time.Hour
)

// Send implements messaging.Provider.
func (p *Provider) Send(ctx context.Context, text messaging.Text) (messaging.Accepted, error) {
	ttl, err := sms.Validity(p.config.Now(), text.ValidUntil, time.Millisecond, shortestTTL, longestTTL)
	if err != nil {
		return messaging.Accepted{}, err
	}
	form := url.Values{
		"api_key": {p.config.Settings["api_key"]}, "api_secret": {p.config.Secret("api_secret")},
		"from": {sender(cmp.Or(text.From, p.config.Settings["sender"]))}, "to": {strings.TrimPrefix(text.To, "+")},
		"text": {text.Body}, "type": {encoding(text.Body)}, "ttl": {strconv.FormatInt(ttl, 10)},
		"status-report-req": {"1"}, "client-ref": {text.Reference},
	}
	if p.config.Callback != nil {
		form.Set("callback", p.config.Callback(sms.Receipts))
	}
	request, err := p.caller.Request(ctx, http.MethodPost, "/sms/json", form.Encode())
	if err != nil {
		return messaging.Accepted{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	reply, err := p.caller.Submit(request)
	if err != nil {
		return messaging.Accepted{}, err
	}
	return p.outcome(reply)
}

// sender returns a sender as Vonage takes it: a number has no plus.
func sender(from string) string { return strings.TrimPrefix(from, "+") }

// encoding returns the value of type: Vonage does not choose it.
func encoding(body string) string {
	if _, alphabet := message.Segments(body); alphabet == message.UCS2 {
		return "unicode"
	}
	return "text"
}

// part is the reply for one part of a text.
type part struct {
	ID      string  `json:"message-id"`
	Status  *string `json:"status"`
	Network string  `json:"network"`
}

// outcome reads the reply to a submission. Vonage always replies 200; each part of the text has its own status. If any
// part was accepted the text is: sent again, that part would arrive twice.
func (p *Provider) outcome(reply sms.Reply) (messaging.Accepted, error) {
	var submitted struct {
		Messages []part `json:"messages"`
	}
	readable := json.Unmarshal(reply.Body, &submitted) == nil && len(submitted.Messages) > 0
	switch {
	case readable && reply.Status < 500: // also for a status of HTTP that is not 200, which says less
	case reply.Rejected() != nil:
		return messaging.Accepted{}, reply.Rejected()
	default:
		return messaging.Accepted{}, reply.InDoubt()
	}
	for _, part := range submitted.Messages {
		if part.Status == nil {
			return messaging.Accepted{}, reply.InDoubt()
		}
		if *part.Status == "0" {
			return messaging.Accepted{
				ProviderID: sms.Clip(part.ID), Network: sms.Network(part.Network), At: p.config.Now(),
			}, nil
		}
	}
	code := sms.Clip(*submitted.Messages[0].Status)
	return messaging.Accepted{}, messaging.Reject(p.Fault("submit", code), code)
}

// Status implements messaging.Provider. The SMS API has no query for a text: receipts settle attempts in doubt.
func (p *Provider) Status(context.Context, messaging.Inquiry) (messaging.Standing, error) {
	return messaging.Standing{}, messaging.ErrCannotTell
}
