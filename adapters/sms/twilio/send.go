package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// resource is a message as Twilio's API shows it.
type resource struct {
	SID         string `json:"sid"`
	Status      string `json:"status"`
	ErrorCode   *int   `json:"error_code"`
	DateCreated string `json:"date_created"` // RFC 2822
	DateUpdated string `json:"date_updated"`
}

func (r resource) code() string {
	if r.ErrorCode == nil {
		return ""
	}
	return strconv.Itoa(*r.ErrorCode)
}

// problem is the body of a reply that is not a success.
type problem struct {
	Code int `json:"code"`
}

func parseProblem(body []byte) problem {
	var p problem
	if json.Unmarshal(body, &p) != nil {
		return problem{} // a gateway in between replied
	}
	return p
}

// Send implements messaging.Provider.
func (p *Provider) Send(ctx context.Context, text messaging.Text) (messaging.Accepted, error) {
	seconds, err := sms.Validity(p.config.Now(), text.ValidUntil, time.Second, shortestValidity, longestValidity)
	if err != nil {
		return messaging.Accepted{}, err
	}
	form := url.Values{
		"To": {text.To}, "Body": {text.Body}, "ValidityPeriod": {strconv.FormatInt(seconds, 10)},
	}
	if sender := cmp.Or(text.From, p.config.Settings["sender"]); isService(sender) {
		form.Set("MessagingServiceSid", sender)
	} else {
		form.Set("From", sender)
	}
	if p.config.Callback != nil {
		form.Set("StatusCallback", p.config.Callback(sms.Receipts)+"?"+url.Values{"ref": {text.Reference}}.Encode())
	}
	request, err := p.request(ctx, http.MethodPost, p.path("/Messages.json"), form.Encode())
	if err != nil {
		return messaging.Accepted{}, err
	}
	reply, err := p.caller.Submit(request)
	if err != nil {
		return messaging.Accepted{}, err
	}
	return p.outcome(reply)
}

// outcome reads the reply to a submission.
func (p *Provider) outcome(reply sms.Reply) (messaging.Accepted, error) {
	if reply.Status != http.StatusCreated && reply.Status != http.StatusOK {
		return messaging.Accepted{}, p.rejection(reply)
	}
	var created resource
	if err := json.Unmarshal(reply.Body, &created); err != nil || created.SID == "" {
		return messaging.Accepted{}, reply.InDoubt()
	}
	if created.Status == "failed" || created.Status == "canceled" { // created, and given up before any carrier got it
		code := cmp.Or(created.code(), created.Status)
		return messaging.Accepted{}, messaging.Reject(p.Fault("code", code), code)
	}
	return messaging.Accepted{ProviderID: sms.Clip(created.SID), At: p.config.Now()}, nil
}

// rejection returns what a reply without success says. The code counts, except that a server error never proves that
// the text was not accepted.
func (p *Provider) rejection(reply sms.Reply) error {
	byStatus := reply.Rejected()
	if byStatus == nil {
		return reply.InDoubt()
	}
	said := parseProblem(reply.Body)
	if said.Code == 0 {
		return byStatus
	}
	code := strconv.Itoa(said.Code)
	fault := p.Fault("code", code)
	if fault == message.FaultUnknown {
		fault = byStatus.Fault
	}
	refused := messaging.Reject(fault, code)
	refused.After = byStatus.After
	return refused
}

// Status implements messaging.Provider. Twilio finds a text by its own id only.
func (p *Provider) Status(ctx context.Context, inquiry messaging.Inquiry) (messaging.Standing, error) {
	if inquiry.ProviderID == "" {
		return messaging.Standing{}, messaging.ErrCannotTell
	}
	request, err := p.request(ctx, http.MethodGet, p.path("/Messages/"+url.PathEscape(inquiry.ProviderID)+".json"), "")
	if err != nil {
		return messaging.Standing{}, err
	}
	reply, err := p.caller.Do(request)
	if err != nil {
		return messaging.Standing{}, err
	}
	var known resource
	if reply.Status != http.StatusOK || json.Unmarshal(reply.Body, &known) != nil || known.SID != inquiry.ProviderID {
		return messaging.Standing{}, messaging.ErrCannotTell
	}
	created := date(known.DateCreated, inquiry.Attempted)
	standing := messaging.Standing{Accepted: messaging.Accepted{ProviderID: known.SID, At: created}}
	if receipt := p.receipt(known.Status, known.code()); receipt.State != string(message.Sent) {
		receipt.Reference, receipt.ProviderID, receipt.At = inquiry.Reference, known.SID, date(known.DateUpdated, created)
		standing.Receipt = receipt
	}
	return standing, nil
}

// date parses a date of RFC 2822. A date that cannot be read is the other one.
func date(value string, other time.Time) time.Time {
	at, err := time.Parse(time.RFC1123Z, value)
	if err != nil {
		return other
	}
	return at.UTC()
}

// states maps the statuses of Twilio. What is not here is unknown.
var states = map[string]string{
	"accepted": "sent", "scheduled": "sent", "queued": "sent", "sending": "sent", "sent": "sent",
	"delivered": "delivered", "read": "delivered",
	"undelivered": "undelivered", "partially_delivered": "undelivered", "failed": "undelivered", "canceled": "undelivered",
}

// validityEnded is the code of a text that was too long in Twilio's queue.
const validityEnded = "30036"

// receipt returns state, code and fault of a status.
func (p *Provider) receipt(status, code string) messaging.Receipt {
	receipt := messaging.Receipt{State: cmp.Or(states[status], "unknown")}
	if receipt.State == "delivered" || receipt.State == "sent" {
		return receipt
	}
	receipt.Code = sms.Clip(cmp.Or(code, status))
	if code == validityEnded {
		receipt.State = "expired"
	}
	if code != "" {
		receipt.Fault = p.Fault("code", code)
	}
	return receipt
}
