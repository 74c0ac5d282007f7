package messaging

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Provider submits texts to one SMS provider.
type Provider interface {
	// Send submits one text. It returns a *NotAccepted if the provider certainly did not accept the text. After any
	// other error the outcome is unknown, and the attempt is in doubt.
	Send(ctx context.Context, text Text) (Accepted, error)
	// Status returns the outcome of the text of a reference: Accepted, a *NotAccepted if the provider never accepted
	// it, or ErrCannotTell.
	Status(ctx context.Context, reference string, attempted time.Time) (Accepted, error)
}

// Providers lists the kinds of providers that an installation can use. For each kind it has the function that returns
// the provider registered under a name.
type Providers map[string]func(name string) Provider

// find returns the provider of a kind and name, nil if the kind is not listed.
func (p Providers) find(kind, name string) Provider {
	if connect, ok := p[kind]; ok {
		return connect(name)
	}
	return nil
}

// Text is one attempt to send one message through one provider.
type Text struct {
	Reference  string // ours; the provider repeats it in receipts
	To         string // E.164
	Country    string // ISO 3166-1 alpha-2
	Body       string
	ValidUntil time.Time // after this the provider must not deliver it
}

// Accepted says that a provider accepted a text.
type Accepted struct {
	ProviderID string
	At         time.Time
}

// NotAccepted says that a provider certainly did not accept a text.
type NotAccepted struct {
	Class string // permanent, transient, provider, unknown
	Code  string // as the provider gives it
}

func (n *NotAccepted) Error() string { return "not accepted: " + n.Class + " " + n.Code }

// ErrCannotTell says that a provider does not know a reference yet and may still have accepted its text.
var ErrCannotTell = errors.New("the provider cannot tell the outcome of the text")

// Receipt is a provider's later report on an attempt.
type Receipt struct {
	Reference string
	State     string // delivered, undelivered, expired, unknown
	Code      string
	At        time.Time // when it happened, as the provider says
}

// ReferenceOf returns the reference of an attempt. It has 38 characters, which every provider allows.
func ReferenceOf(message domain.MessageID, attempt int) string {
	return message.String() + "." + strconv.Itoa(attempt)
}

// ParseReference parses a reference that ReferenceOf returned.
func ParseReference(reference string) (domain.MessageID, int, error) {
	id, number, ok := strings.Cut(reference, ".")
	attempt, err := strconv.Atoi(number)
	if !ok || err != nil || attempt < 1 {
		return domain.MessageID{}, 0, fmt.Errorf(
			"invalid reference %q: it must be a message id, a dot and an attempt number", reference)
	}
	message, err := domain.ParseID[domain.MessageID](id)
	return message, attempt, err
}
