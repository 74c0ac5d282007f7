package kannel

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/smppcodes"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// reports asks for every delivery report: delivered (1), failed (2), buffered (4), taken by the carrier (8), refused
// by the carrier (16).
const reports = 31

// longestValidity is the longest time that Kannel is asked to keep a text.
const longestValidity = 7 * 24 * time.Hour

const sendPath = "/cgi-bin/sendsms"

// Send implements messaging.Provider. The text is accepted when Kannel has queued it, also while its link to the
// carrier is down.
func (p *Provider) Send(ctx context.Context, text messaging.Text) (messaging.Accepted, error) {
	minutes, err := sms.Validity(p.config.Now(), text.ValidUntil, time.Minute, time.Minute, longestValidity)
	if err != nil {
		return messaging.Accepted{}, err
	}
	request, err := p.request(ctx, p.caller, sendPath, p.query(text, minutes))
	if err != nil {
		return messaging.Accepted{}, err
	}
	// net/http repeats a GET whose connection breaks, which could send the text twice. It does not repeat one whose body
	// it cannot read again. This body is empty, and nothing of it is sent.
	request.Body = io.NopCloser(strings.NewReader(""))
	reply, err := p.caller.Submit(request)
	if err != nil {
		return messaging.Accepted{}, err
	}
	return p.outcome(reply)
}

// outcome reads the reply to a text. "0:" says that it is with the carrier's link, and "3:" that it waits for the link.
func (p *Provider) outcome(reply sms.Reply) (messaging.Accepted, error) {
	said := strings.TrimSpace(string(reply.Body))
	if reply.Status == http.StatusAccepted {
		if strings.HasPrefix(said, "0:") || strings.HasPrefix(said, "3:") {
			return messaging.Accepted{At: p.config.Now()}, nil
		}
		return messaging.Accepted{}, reply.InDoubt()
	}
	if reply.Status >= http.StatusBadRequest {
		if fault := p.codes.Fault("reply", said); fault != message.FaultUnknown {
			return messaging.Accepted{}, messaging.Reject(fault, sms.Clip(said))
		}
	}
	if refused := reply.Rejected(); refused != nil {
		return messaging.Accepted{}, refused
	}
	return messaging.Accepted{}, reply.InDoubt()
}

// Status implements messaging.Provider. Kannel cannot be asked for the outcome of a text.
func (p *Provider) Status(context.Context, messaging.Inquiry) (messaging.Standing, error) {
	return messaging.Standing{}, messaging.ErrCannotTell
}

func (p *Provider) query(text messaging.Text, minutes int64) url.Values {
	query := p.credentials()
	query.Set("to", text.To)
	query.Set("text", text.Body)
	query.Set("charset", "UTF-8")
	query.Set("coding", "0")
	if _, encoding := message.Segments(text.Body); encoding == message.UCS2 {
		query.Set("coding", "2")
	}
	query.Set("validity", strconv.FormatInt(minutes, 10))
	query.Set("dlr-mask", strconv.Itoa(reports))
	query.Set("dlr-url", p.receiptAddress(text.Reference))
	if sender := cmp.Or(text.From, p.config.Settings[fieldSender]); sender != "" {
		query.Set("from", sender)
	}
	return query
}

func (p *Provider) credentials() url.Values {
	return url.Values{"username": {p.config.Settings[fieldUser]}, "password": {p.config.Secret(fieldPassword)}}
}

func (p *Provider) request(
	ctx context.Context, caller *sms.Caller, path string, query url.Values,
) (*http.Request, error) {
	return caller.Request(ctx, http.MethodGet, path+"?"+query.Encode(), "")
}

// nack returns the fault in the reason that Kannel gives for the carrier's refusal, such as
// NACK/0x0000000b/Invalid Destination Address or NACK/Retries Exceeded.
func (p *Provider) nack(reply string) (code string, fault message.Fault) {
	_, reason, _ := strings.Cut(reply, "/")
	first, _, _ := strings.Cut(reason, "/")
	if digits, ok := strings.CutPrefix(first, "0x"); ok {
		if status, err := strconv.ParseUint(digits, 16, 32); err == nil {
			return smppcodes.Status(status).Code(), p.smpp.StatusFault(smppcodes.Status(status))
		}
	}
	return sms.Clip("NACK/" + reason), p.codes.Fault("nack", reason)
}
