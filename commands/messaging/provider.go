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

// Carrier speaks to one SMS provider.
type Provider interface {
	// Send hands over one text. It answers Accepted, a *NotAccepted when the provider definitely did not take
	// it, or any other error when nobody can know: the attempt is then in doubt.
	Send(ctx context.Context, text Text) (Accepted, error)
	// Status asks what became of a reference: Accepted, *NotAccepted (never taken), or ErrCannotTell.
	Status(ctx context.Context, reference string, attempted time.Time) (Accepted, error)
}

// Text is one attempt to send one message through one provider.
type Text struct {
	Reference  string // ours, carried out and back
	To         string // E.164
	Country    string // ISO 3166-1 alpha-2
	Body       string
	ValidUntil time.Time // the provider shall give up then
}

// Accepted says that a provider took a text.
type Accepted struct {
	ProviderID string
	At         time.Time
}

// NotAccepted is a provider's definite no.
type NotAccepted struct {
	Class string // permanent, transient, provider, unknown
	Code  string // the provider's own
}

func (n *NotAccepted) Error() string { return "not accepted: " + n.Class + " " + n.Code }

// ErrCannotTell says that a provider has no word on a reference and may still have taken it.
var ErrCannotTell = errors.New("the provider cannot tell what became of the text")

// Receipt is a provider's later word on an attempt.
type Receipt struct {
	Reference string
	State     string // delivered, undelivered, expired, unknown
	Code      string
	At        time.Time // when the provider says it was so
}

// ReferenceOf names attempt n of a message: 38 characters, within every provider's limit.
func ReferenceOf(message domain.MessageID, attempt int) string {
	return message.String() + "." + strconv.Itoa(attempt)
}

// ParseReference reads what ReferenceOf wrote.
func ParseReference(reference string) (domain.MessageID, int, error) {
	id, number, ok := strings.Cut(reference, ".")
	attempt, err := strconv.Atoi(number)
	if !ok || err != nil || attempt < 1 {
		return domain.MessageID{}, 0, fmt.Errorf("%q is no reference of ours", reference)
	}
	message, err := domain.ParseID[domain.MessageID](id)
	return message, attempt, err
}
