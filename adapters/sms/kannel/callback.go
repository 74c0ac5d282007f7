package kannel

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/smppcodes"
	"github.com/clickbook/clickbook/commands/messaging"
)

// Callback implements sms.CalledBack. Kannel signs nothing: the token in the query proves that the call is Kannel's. A
// report may be repeated at any time, which changes nothing.
func (p *Provider) Callback(call sms.Call) (sms.Callback, error) {
	query, err := queryOf(call)
	if err != nil || !p.proves(query.Get("token")) {
		return sms.Callback{}, sms.ErrForged
	}
	for _, values := range query {
		if len(values) > 1 {
			return sms.Callback{}, sms.ErrMalformed
		}
	}
	switch {
	case call.Method != http.MethodGet:
		return sms.Callback{}, sms.ErrMalformed
	case call.Kind == sms.Receipts:
		return p.receipt(call, query)
	case call.Kind == sms.Inbound:
		return p.inbound(call, query)
	}
	return sms.Callback{}, sms.ErrMalformed
}

func queryOf(call sms.Call) (url.Values, error) {
	_, raw, _ := strings.Cut(call.URL, "?")
	return url.ParseQuery(raw)
}

// proves reports whether a token is one of the two that are valid. It compares with both, whatever the first says.
func (p *Provider) proves(token string) bool {
	found := false
	for _, secret := range p.config.Secrets[fieldToken] {
		found = sms.SameSecret(token, secret) && secret != "" || found
	}
	return found
}

// The bits of a delivery report. More than one may be set.
const (
	reportDelivered = 1
	reportFailed    = 2
	reportBuffered  = 4
	reportTaken     = 8
	reportRefused   = 16
	reportExpired   = 32 // Kannel 1.4.5 adds it to a failure if the text expired
)

func (p *Provider) receipt(call sms.Call, query url.Values) (sms.Callback, error) {
	mask, err := strconv.Atoi(query.Get("state"))
	reference := query.Get("ref")
	if err != nil || mask < 1 || reference == "" {
		return sms.Callback{}, sms.ErrMalformed
	}
	receipt := messaging.Receipt{Reference: reference, At: moment(query.Get("at"), call.At)}
	switch {
	case mask&reportDelivered != 0:
		receipt.State = smppcodes.Delivered
	case mask&reportRefused != 0:
		receipt.State = smppcodes.Undelivered
		receipt.Code, receipt.Fault = p.nack(query.Get("reply"))
	case mask&(reportFailed|reportExpired) != 0:
		outcome := p.failure(mask, query.Get("reply"))
		receipt.State, receipt.Code, receipt.Fault = outcome.State, outcome.Code, outcome.Fault
	case mask&(reportBuffered|reportTaken) != 0:
		receipt.State = smppcodes.Sent
	default:
		return sms.Callback{}, sms.ErrMalformed
	}
	return sms.Callback{Receipts: []messaging.Receipt{receipt}}, nil
}

// failure returns what a report of a failure means: what the carrier's receipt in it says, if that is a failure too.
func (p *Provider) failure(mask int, reply string) smppcodes.Outcome {
	told := smppcodes.ParseReceipt(reply)
	if mask&reportExpired != 0 {
		told.Stat = "EXPIRED"
	} else if told.Stat == "" {
		told.Stat = "FAILED" // the link gives no reason
	}
	outcome := p.smpp.Outcome(told)
	if outcome.State == smppcodes.Sent || outcome.State == smppcodes.Delivered {
		outcome = p.smpp.Outcome(smppcodes.Receipt{Stat: "FAILED"})
	}
	return outcome
}

func (p *Provider) inbound(call sms.Call, query url.Values) (sms.Callback, error) {
	text, ok := decode(query.Get("text"), query.Get("coding"))
	from := query.Get("from")
	if !ok || from == "" {
		return sms.Callback{}, sms.ErrMalformed
	}
	id := query.Get("id")
	if id == "" {
		sum := sha256.Sum256([]byte(call.URL))
		id = hex.EncodeToString(sum[:16])
	}
	return sms.Callback{Inbound: []messaging.Inbound{{
		Provider: p.config.Provider, ID: id, From: sms.International(from), To: query.Get("to"), Text: text,
		At: moment(query.Get("at"), call.At),
	}}}, nil
}

// decode decodes the text of an inbound call: UTF-16 for coding 2, and UTF-8 for others.
func decode(text, coding string) (string, bool) {
	if coding != "2" {
		return text, utf8.ValidString(text)
	}
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = uint16(text[2*i])<<8 | uint16(text[2*i+1])
	}
	return string(utf16.Decode(units)), len(text)%2 == 0
}

// moment returns the time that Kannel gives in seconds since 1970, or now if it is missing or ahead of us.
func moment(seconds string, now time.Time) time.Time {
	told, err := strconv.ParseInt(seconds, 10, 64)
	if at := time.Unix(told, 0).UTC(); err == nil && told > 0 && !at.After(now) {
		return at
	}
	return now
}
