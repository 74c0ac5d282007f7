// Package sms is what the adapters of SMS providers share: how a kind of provider is configured, and what a provider
// sends us. Each kind is a folder below this one; package carriertest is the contract that all of them keep.
package sms

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// Kind is a kind of provider: what its configuration holds, and how to open it.
type Kind struct {
	Name   string // "twilio": stored in ProviderRegistered, so it never changes
	Title  string // "Twilio Programmable Messaging"
	Fields []Field
	// Open returns a provider with a complete configuration. It does not call the provider.
	Open func(Config) (messaging.Provider, error)
}

// Field is one setting or secret of a kind. All values are text.
type Field struct {
	Name      string // with small letters and underscores: "auth_token"
	Help      string // what it is and where to find it, one sentence without a full stop
	Secret    bool   // sealed, never returned, and up to two values are valid at once
	Generated bool   // a secret that we make up if none is given: 128 random bits, in base64url
	Optional  bool
	Default   string                   // of an optional setting
	Check     func(value string) error // nil accepts every value that is not empty
}

// Config is the configuration of one provider.
type Config struct {
	Provider string              // its name in this installation
	Settings map[string]string   // by field; an absent optional setting has its default
	Secrets  map[string][]string // by field, the newest first, at most two
	// Callback returns the public address of the provider's callbacks of a kind: Receipts or Inbound. It has no query.
	Callback func(kind string) string
	// Lookup returns the reference of the text to which the provider gave an id (SmsSent), false if there is none. It is
	// for providers whose receipts have no reference of ours. Nil finds none.
	Lookup func(ctx context.Context, providerID string) (reference string, ok bool)
	Client *http.Client // bounds each call; nil is http.DefaultClient with a timeout of 20 seconds
	Now    func() time.Time
	Log    *slog.Logger // nil means none
}

// Secret returns the newest value of a secret, "" if there is none.
func (c Config) Secret(field string) string {
	if values := c.Secrets[field]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// The kinds of callbacks.
const (
	Receipts = "receipts"
	Inbound  = "inbound"
)

// MaxBody bounds the body of a callback, in bytes.
const MaxBody = 64 << 10

// Call is one HTTP request of a provider, before anything of it is trusted or parsed.
type Call struct {
	Kind   string // Receipts or Inbound
	Method string
	URL    string // the public address, as the provider knows it, with the raw query
	Header http.Header
	Body   []byte // at most MaxBody
	From   string // the address of the caller
	At     time.Time
}

// Callback is what a call said.
type Callback struct {
	Receipts []messaging.Receipt
	Inbound  []messaging.Inbound
	// Once identifies what the call said, "" if nothing does. A receiver that has handled a call drops later ones with
	// the same Once; see Handled. One that failed to handle it does not, because the provider calls again.
	Once string
}

// CalledBack is a provider that calls us over HTTP. Callback verifies the call before it parses it. It returns
// ErrForged for a call that the provider did not make or that is repeated after its time, ErrMalformed for one that
// cannot be read, and an empty Callback for one that says nothing new. A call it cannot match to a text of ours has a
// receipt with the reference as it came, which the receiver counts and drops.
type CalledBack interface {
	Callback(call Call) (Callback, error)
}

// Connected is a provider that keeps a connection open, over which receipts arrive. Run keeps the connection until ctx
// ends. It passes what arrives to sink, and acknowledges it to the provider only after sink returned nil.
type Connected interface {
	Run(ctx context.Context, sink func(context.Context, Callback) error) error
}

// Checked is a provider that can test its credentials without sending a text.
type Checked interface {
	Check(ctx context.Context) error
}

// SenderRules is a provider that knows which senders a country allows. CheckSender returns an error that says what to
// use instead. It is asked when a route is set.
type SenderRules interface {
	CheckSender(country, sender string) error
}

// Refusals of callbacks.
var (
	ErrForged    = errors.New("the call is not from the provider, or was repeated")
	ErrMalformed = errors.New("the call cannot be read")
)
