package clickatell

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// Bounds of validityPeriod, which is in minutes and ends when Clickatell hands the text to a network.
const (
	shortestValidity = time.Minute
	longestValidity  = 24 * time.Hour
)

type submission struct {
	Messages []outbound `json:"messages"`
}

type outbound struct {
	Channel         string `json:"channel"`
	To              string `json:"to"`
	From            string `json:"from,omitempty"`
	Content         string `json:"content"`
	ClientMessageID string `json:"clientMessageId"`
	ValidityPeriod  int64  `json:"validityPeriod,omitempty"`
}

// Send implements messaging.Provider.
func (p *Provider) Send(ctx context.Context, text messaging.Text) (messaging.Accepted, error) {
	minutes, err := sms.Validity(p.config.Now(), text.ValidUntil, time.Minute, shortestValidity, longestValidity)
	if err != nil {
		return messaging.Accepted{}, err
	}
	if p.config.Settings["validity_period"] == "omit" {
		minutes = 0
	}
	body, err := json.Marshal(submission{[]outbound{{
		Channel: "sms", To: strings.TrimPrefix(text.To, "+"), Content: text.Body, ClientMessageID: text.Reference,
		From:           strings.TrimPrefix(cmp.Or(text.From, p.config.Settings["sender"]), "+"),
		ValidityPeriod: minutes,
	}}})
	if err != nil {
		return messaging.Accepted{}, err
	}
	request, err := p.request(ctx, http.MethodPost, "/v1/message", string(body))
	if err != nil {
		return messaging.Accepted{}, err
	}
	reply, err := p.caller.Submit(request)
	if err != nil {
		return messaging.Accepted{}, err
	}
	return p.outcome(reply)
}

// result is the reply to a submission: for each message, and for all of them.
type result struct {
	Messages []struct {
		ID       string   `json:"apiMessageId"`
		Accepted *bool    `json:"accepted"`
		Error    *problem `json:"error"`
	} `json:"messages"`
	Error *problem `json:"error"`
}

type problem struct {
	Code json.Number `json:"code"`
}

func (p *problem) code() string {
	if p == nil {
		return ""
	}
	return sms.Clip(p.Code.String())
}

// outcome reads the reply to a submission. Clickatell replies with a success also to a message that it refuses.
func (p *Provider) outcome(reply sms.Reply) (messaging.Accepted, error) {
	var said result
	readable := json.Unmarshal(reply.Body, &said) == nil
	if reply.Status < 200 || reply.Status > 299 {
		return messaging.Accepted{}, p.rejection(reply, said.Error.code())
	}
	switch {
	case !readable || len(said.Messages) > 1:
	case len(said.Messages) == 0 && said.Error.code() != "":
		return messaging.Accepted{}, p.reject(said.Error.code())
	case len(said.Messages) == 0 || said.Messages[0].Accepted == nil:
	case *said.Messages[0].Accepted && said.Messages[0].ID != "":
		return messaging.Accepted{ProviderID: sms.Clip(said.Messages[0].ID), At: p.config.Now()}, nil
	case !*said.Messages[0].Accepted:
		code := cmp.Or(said.Messages[0].Error.code(), said.Error.code(), "not_accepted")
		return messaging.Accepted{}, p.reject(code)
	}
	return messaging.Accepted{}, reply.InDoubt()
}

func (p *Provider) reject(code string) *messaging.NotAccepted {
	return messaging.Reject(p.Fault("error", code), code)
}

// rejection returns what a reply without success says, with the code of an error if there is one.
func (p *Provider) rejection(reply sms.Reply, code string) error {
	byStatus := reply.Rejected()
	switch {
	case byStatus == nil:
		return reply.InDoubt()
	case code == "":
		return byStatus
	}
	refused := p.reject(code)
	if refused.Fault == message.FaultUnknown {
		refused = messaging.Reject(byStatus.Fault, code)
	}
	refused.After = byStatus.After
	return refused
}

// Status implements messaging.Provider. Clickatell finds a text by its own id only.
func (p *Provider) Status(ctx context.Context, inquiry messaging.Inquiry) (messaging.Standing, error) {
	if inquiry.ProviderID == "" {
		return messaging.Standing{}, messaging.ErrCannotTell
	}
	request, err := p.request(ctx, http.MethodGet, "/v1/message/"+url.PathEscape(inquiry.ProviderID), "")
	if err != nil {
		return messaging.Standing{}, err
	}
	reply, err := p.caller.Do(request)
	if err != nil {
		return messaging.Standing{}, err
	}
	var known struct {
		SMS update `json:"sms"`
	}
	if reply.Status != http.StatusOK || json.Unmarshal(reply.Body, &known) != nil || known.SMS.code() == "" {
		return messaging.Standing{}, messaging.ErrCannotTell
	}
	standing := messaging.Standing{Accepted: messaging.Accepted{ProviderID: inquiry.ProviderID, At: inquiry.Attempted}}
	if receipt := p.receipt(known.SMS, p.config.Now()); receipt.State != string(message.Sent) {
		receipt.Reference, receipt.ProviderID = inquiry.Reference, inquiry.ProviderID
		standing.Receipt = receipt
	}
	return standing, nil
}
