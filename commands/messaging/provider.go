package messaging

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
)

// Provider submits texts to one SMS provider.
type Provider interface {
	// Send submits one text. It returns a *NotAccepted if the provider certainly did not accept the text. After any
	// other error the outcome is unknown, and the attempt is in doubt.
	Send(ctx context.Context, text Text) (Accepted, error)
	// Status returns what the provider knows of a text: its acceptance and its latest receipt, a *NotAccepted if the
	// provider certainly never accepted it, or ErrCannotTell.
	Status(ctx context.Context, inquiry Inquiry) (Standing, error)
}

// Inquiry names a text whose outcome is wanted. An attempt in doubt has no ProviderID.
type Inquiry struct {
	Reference  string
	ProviderID string // the provider's own id, "" if it was never learned
	To         string // E.164
	Attempted  time.Time
}

// Standing is what a provider knows of a text that it accepted.
type Standing struct {
	Accepted
	Receipt Receipt // its State is "" while there is none
}

// Providers finds the provider that is registered under a name. It returns nil if the installation cannot use it: its
// kind is not known or not allowed here, or its configuration is incomplete.
type Providers interface {
	Find(name string, known provider.State) Provider
}

// ByKind is Providers that need no configuration: for each kind, how to reach the provider of a name.
type ByKind map[string]func(name string) Provider

// Find implements Providers.
func (p ByKind) Find(name string, known provider.State) Provider {
	if connect, ok := p[known.Kind]; ok {
		return connect(name)
	}
	return nil
}

// Text is one attempt to send one message through one provider.
type Text struct {
	Reference  string // ours; the provider repeats it in receipts
	From       string // the sender that the route gives the provider for the country, "" for the provider's default
	To         string // E.164
	Country    string // ISO 3166-1 alpha-2
	Body       string
	ValidUntil time.Time // after this the provider must not deliver it
}

// Accepted says that a provider accepted a text.
type Accepted struct {
	ProviderID string
	Network    string // MCC-MNC such as "310-410", "" if the provider does not say
	At         time.Time
}

// NotAccepted says that a provider certainly did not accept a text.
type NotAccepted struct {
	Class string        // permanent, transient, provider, unknown
	Fault message.Fault // "" if only the class is known
	Code  string        // as the provider gives it
	After time.Duration // how long the provider asks to wait, 0 if it does not say

	final bool // no attempt follows, although the class allows one
}

// Reject returns the rejection of a text for a fault, with the provider's code.
func Reject(fault message.Fault, code string) *NotAccepted {
	return &NotAccepted{Class: fault.Class(), Fault: fault, Code: code}
}

func (n *NotAccepted) Error() string { return "not accepted: " + n.Class + " " + n.Code }

// ErrCannotTell says that a provider does not know a reference yet and may still have accepted its text.
var ErrCannotTell = errors.New("the provider cannot tell the outcome of the text")

// Receipt is a provider's later report on an attempt.
type Receipt struct {
	Provider  string // who reports; "" is a provider that needs no proof, such as a simulated one
	Reference string
	// State is delivered, undelivered, expired, unknown, or sent: the provider has the text and says nothing final yet,
	// which settles an attempt in doubt.
	State   string
	Code    string
	Fault   message.Fault // why it was not delivered, "" if the code does not say
	Network string        // MCC-MNC such as "310-410", "" if the provider does not say
	At      time.Time     // when it happened, as the provider says
	// ProviderID is the provider's own id of the text, "" if the report does not give it.
	ProviderID string
}

// Inbound is a text that somebody sent to one of our senders.
type Inbound struct {
	Provider string
	ID       string // the provider's own id, which makes a repeated call harmless
	From     string // E.164
	To       string // our sender
	Text     string
	At       time.Time
}

// ReferenceOf returns the reference of an attempt. It has 38 characters, which every provider allows.
func ReferenceOf(id domain.MessageID, attempt int) string {
	return id.String() + "." + strconv.Itoa(attempt)
}

// ErrReference refuses a reference that ReferenceOf did not make.
var ErrReference = domain.Refuse(domain.Unknown, "reference_unknown",
	"a reference is a message id, a dot and an attempt number; this one is not of this installation")

// ParseReference parses a reference that ReferenceOf returned. It returns ErrReference for any other.
func ParseReference(reference string) (domain.MessageID, int, error) {
	id, number, ok := strings.Cut(reference, ".")
	attempt, err := strconv.Atoi(number)
	parsed, err2 := domain.ParseID[domain.MessageID](id)
	if !ok || err != nil || err2 != nil || attempt < 1 {
		return domain.MessageID{}, 0, ErrReference
	}
	return parsed, attempt, nil
}
