// Package carriertest is the contract of the adapters of SMS providers. An adapter passes it against a fake of its
// provider on loopback that can be told to misbehave.
//
// The law behind it: a text that the provider accepted is never reported as not accepted, because it would then be
// sent again through another provider. If the adapter cannot know, the attempt is in doubt.
package carriertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// Lab is one provider, opened against a fake of it. The adapter and the fake use the clock Now.
type Lab struct {
	Provider messaging.Provider
	Now      func() time.Time

	// Behave has the fake treat the next text, or the next status query for the behaviours that say so, in a way. It
	// returns false if the provider cannot behave like this; the test of it is then skipped.
	Behave func(Behaviour) bool
	// Accepted returns every text that the fake accepted, in order.
	Accepted func() []Submitted
	// Meanwhile has the fake call f after it accepted a text and before it replies. Nil if the fake cannot.
	Meanwhile func(f func(Submitted))
	// Report has the provider report on a text and returns what the adapter passes on. It returns false if the
	// provider has no such report.
	Report func(Submitted, Report) ([]messaging.Receipt, bool)

	// Calls returns valid calls of the provider, at least one of each kind. Nil if it makes none, or they are not HTTP.
	Calls func() []sms.Call
	// Sign signs a call again after the suite changed it. Nil if the provider does not sign what it sends.
	Sign func(sms.Call) sms.Call

	From       string        // a sender that the provider accepts, "" for its default
	To         string        // "" is +14155550123
	Country    string        // "" is US
	NoValidity bool          // the provider takes no validity
	Forgets    bool          // the provider forgets a text when it has reported on it
	After      time.Duration // how long the provider asks to wait when it is Throttled, 0 if it does not say

	Logged  func() string // everything that the adapter logged; nil if it logs nothing
	Secrets []string      // what must not be in errors and logs
}

// Behaviour is what the fake does with the next text.
type Behaviour string

// The behaviours. Of each the comment says what Send must return.
const (
	Healthy        Behaviour = "healthy"         // Accepted
	BadNumber      Behaviour = "bad number"      // NotAccepted, NUM
	BadCredentials Behaviour = "bad credentials" // NotAccepted, CFG
	Throttled      Behaviour = "throttled"       // 429 or its like: NotAccepted, THR
	Unavailable    Behaviour = "unavailable"     // 503 or its like before accepting: NotAccepted, PRV
	ErrorInside    Behaviour = "error inside"    // HTTP 200 with an error inside: NotAccepted with a fault
	UnheardCode    Behaviour = "unheard code"    // refused with a code in no table: NotAccepted, U
	ServerError    Behaviour = "server error"    // accepts and replies 500 or its like: in doubt
	Malformed      Behaviour = "malformed"       // accepts and replies what is not JSON: in doubt
	Empty          Behaviour = "empty"           // accepts and replies a success with nothing in it: in doubt
	Endless        Behaviour = "endless"         // accepts and replies without end: in doubt
	Dropped        Behaviour = "dropped"         // accepts and drops the connection: in doubt
	Held           Behaviour = "held"            // accepts and does not reply: in doubt
	Down           Behaviour = "down"            // no connection: NotAccepted, PRV, or in doubt

	StatusError     Behaviour = "status error"     // status queries fail with 500 or its like
	StatusMalformed Behaviour = "status malformed" // status queries are answered with what is not JSON
	StatusUnknown   Behaviour = "status unknown"   // status queries are answered with a status never heard of
)

// Submitted is a text as the fake got it.
type Submitted struct {
	Reference  string // ours, as it arrived
	ProviderID string // given by the fake
	From, To   string // To in E.164
	Body       string
	Encoding   string    // message.GSM7 or message.UCS2, "" if the provider finds out itself
	ValidUntil time.Time // when the provider gives up, zero if it was not told
}

// Report is what the provider later says of a text.
type Report struct {
	State string    // sent, delivered, undelivered, expired, unknown; unheard is a status that no document lists
	At    time.Time // when it happened
}

// Run runs the contract. It opens a lab for each part.
func Run(t *testing.T, open func(t *testing.T) Lab) {
	t.Helper()
	for _, part := range []struct {
		name string
		test func(*testing.T, Lab)
	}{
		{"a text is accepted as it is", accepted},
		{"every encoding arrives", encodings},
		{"validity ends in time", validity},
		{"a cancelled context submits nothing", cancelled},
		{"concurrent texts keep their results", concurrent},
		{"receipts name our reference", receipts},
		{"receipts may come before the reply", early},
		{"receipts may double, contradict and be late", disorder},
		{"a status is never a rejection of an accepted text", status},
		{"a status that cannot be read proves nothing", badStatus},
		{"calls that were changed are refused", forged},
		{"no call is too strange", strange},
	} {
		t.Run(part.name, func(t *testing.T) { lab := open(t); part.test(t, lab); lab.discreet(t) })
	}
	t.Run("rejections are definite", func(t *testing.T) { rejections(t, open) })
	t.Run("anything else is in doubt", func(t *testing.T) { doubts(t, open) })
}

// Text returns the nth text of a lab, valid for four hours.
func (l Lab) Text(n int) messaging.Text {
	to, country := l.To, l.Country
	if to == "" {
		to, country = "+14155550123", "US"
	}
	return messaging.Text{
		Reference: messaging.ReferenceOf(id(n), 1), From: l.From, To: to, Country: country,
		Body: fmt.Sprintf("Confidential haircut %d", n), ValidUntil: l.Now().Add(4 * time.Hour),
	}
}

func id(n int) domain.MessageID {
	return domain.MessageID{UUID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(fmt.Sprint("carriertest", n)))}
}

// send sends a text and checks that the error, if any, is discreet.
func (l Lab) send(ctx context.Context, t *testing.T, text messaging.Text) (messaging.Accepted, error) {
	t.Helper()
	got, err := l.Provider.Send(ctx, text)
	l.silent(t, err)
	return got, err
}

// mustSend sends a text to a healthy fake and returns it as it arrived.
func (l Lab) mustSend(t *testing.T, text messaging.Text) Submitted {
	t.Helper()
	if _, err := l.send(t.Context(), t, text); err != nil {
		t.Fatalf("a healthy provider: %v", err)
	}
	for _, arrived := range slices.Backward(l.Accepted()) {
		if arrived.Reference == text.Reference {
			return arrived
		}
	}
	t.Fatalf("no text with reference %q arrived in %+v", text.Reference, l.Accepted())
	return Submitted{}
}

// silent checks that an error tells no secret, number or text.
func (l Lab) silent(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		l.tells(t, "the error", err.Error())
	}
}

// discreet checks that the log tells no secret, number or text.
func (l Lab) discreet(t *testing.T) {
	t.Helper()
	if l.Logged != nil {
		l.tells(t, "the log", l.Logged())
	}
}

func (l Lab) tells(t *testing.T, what, said string) {
	t.Helper()
	number := strings.TrimPrefix(l.Text(0).To, "+")
	for _, secret := range append([]string{number, "Confidential"}, l.Secrets...) {
		if secret != "" && strings.Contains(said, secret) {
			t.Errorf("%s holds %q: %s", what, secret, said)
		}
	}
}

// notAccepted returns the rejection in an error, nil if there is none.
func notAccepted(err error) *messaging.NotAccepted {
	var refused *messaging.NotAccepted
	if errors.As(err, &refused) {
		return refused
	}
	return nil
}

func (l Lab) behave(t *testing.T, b Behaviour) {
	t.Helper()
	if !l.Behave(b) {
		t.Skipf("the provider is never %q", b)
	}
}

func validFault(f message.Fault) bool { return slices.Contains(message.Faults(), f) }
