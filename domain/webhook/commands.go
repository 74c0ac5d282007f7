package webhook

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// most bounds the webhooks of an account: each event may be sent to all of them.
const most = 10

const (
	maxURL    = 2000
	minSecret = 24 // bytes, as the Standard Webhooks specification says
	maxSecret = 64
)

// Refusals of commands about webhooks.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "webhook_unknown", "there is no such webhook; check its id")
	ErrMost    = domain.Refuse(domain.Disallowed, "webhook_most",
		"an account has at most 10 webhooks; remove one that is not used")
	ErrURL = domain.Refuse(domain.Invalid, "webhook_url_invalid",
		"write the address of a webhook as https://host/path, without a user or a fragment, in at most 2,000 characters")
	ErrTopics = domain.Refuse(domain.Invalid, "webhook_topics_invalid",
		"choose at least one topic, each once: appointments, messages or clients")
	ErrSecret = domain.Refuse(domain.Invalid, "webhook_secret_invalid",
		"a secret is 24 to 64 random bytes in base64")
)

// Command is a request to change the webhooks of an account.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Set adds a webhook, or replaces its address and topics. A new one needs a secret.
type Set struct {
	Account domain.AccountID
	Webhook domain.WebhookID
	URL     domain.Private
	Topics  []string
	Secret  domain.Private // zero keeps the present one
	Plain   bool           // http is accepted too: a trial calls programs on its own machine
}

// SetSecret sets the secret that signs the calls. The one before it signs them too, until the next one.
type SetSecret struct {
	Account domain.AccountID
	Webhook domain.WebhookID
	Secret  domain.Private
}

// Disable stops the calls of a webhook. Failing says that the engine does it.
type Disable struct {
	Account domain.AccountID
	Webhook domain.WebhookID
	Failing bool
}

// Enable starts them again.
type Enable struct {
	Account domain.AccountID
	Webhook domain.WebhookID
}

// Remove removes a webhook for good.
type Remove struct {
	Account domain.AccountID
	Webhook domain.WebhookID
}

// Stream returns the stream of the webhooks.
func (c Set) Stream() domain.Stream       { return Stream(c.Account) }
func (c SetSecret) Stream() domain.Stream { return Stream(c.Account) }
func (c Disable) Stream() domain.Stream   { return Stream(c.Account) }
func (c Enable) Stream() domain.Stream    { return Stream(c.Account) }
func (c Remove) Stream() domain.Stream    { return Stream(c.Account) }

func (c Set) decide(s State) ([]Event, error) {
	known, exists := s.Find(c.Webhook)
	topics := slices.Clone(c.Topics)
	slices.SortFunc(topics, func(a, b string) int { return slices.Index(Topics, a) - slices.Index(Topics, b) })
	switch {
	case c.Webhook.IsZero() || slices.Contains(s.Removed, c.Webhook):
		return nil, ErrUnknown
	case !validURL(c.URL.Reveal(), c.Plain):
		return nil, ErrURL
	case !validTopics(topics):
		return nil, ErrTopics
	case !exists && len(s.Webhooks) >= most:
		return nil, ErrMost
	case !exists && c.Secret.IsZero():
		return nil, ErrSecret
	}
	var events []Event
	if !exists || known.URL != c.URL || !slices.Equal(known.Topics, topics) {
		events = append(events, WebhookSet{Account: c.Account, Webhook: c.Webhook, URL: c.URL, Topics: topics})
	}
	if c.Secret.IsZero() || exists && slices.Contains(known.Secrets, c.Secret) {
		return events, nil
	}
	if !validSecret(c.Secret.Reveal()) {
		return nil, ErrSecret
	}
	return append(events, WebhookSecretSet{Account: c.Account, Webhook: c.Webhook, Secret: c.Secret}), nil
}

func (c SetSecret) decide(s State) ([]Event, error) {
	known, exists := s.Find(c.Webhook)
	switch {
	case !exists:
		return nil, ErrUnknown
	case !validSecret(c.Secret.Reveal()):
		return nil, ErrSecret
	case slices.Contains(known.Secrets, c.Secret):
		return nil, nil
	}
	return []Event{WebhookSecretSet(c)}, nil
}

func (c Disable) decide(s State) ([]Event, error) {
	known, exists := s.Find(c.Webhook)
	switch {
	case !exists:
		return nil, ErrUnknown
	case known.Disabled:
		return nil, nil
	}
	return []Event{WebhookDisabled(c)}, nil
}

func (c Enable) decide(s State) ([]Event, error) {
	known, exists := s.Find(c.Webhook)
	switch {
	case !exists:
		return nil, ErrUnknown
	case !known.Disabled:
		return nil, nil
	}
	return []Event{WebhookEnabled(c)}, nil
}

func (c Remove) decide(s State) ([]Event, error) {
	if slices.Contains(s.Removed, c.Webhook) {
		return nil, nil
	}
	if _, exists := s.Find(c.Webhook); !exists {
		return nil, ErrUnknown
	}
	return []Event{WebhookRemoved(c)}, nil
}

func validURL(text string, plain bool) bool {
	parsed, err := url.Parse(text)
	if err != nil || len(text) > maxURL || parsed.Hostname() == "" || parsed.User != nil || parsed.Fragment != "" {
		return false
	}
	return parsed.Scheme == "https" || plain && parsed.Scheme == "http"
}

func validTopics(sorted []string) bool {
	for i, topic := range sorted {
		if !slices.Contains(Topics, topic) || i > 0 && sorted[i-1] == topic {
			return false
		}
	}
	return len(sorted) > 0
}

func validSecret(text string) bool {
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, SecretPrefix))
	return err == nil && strings.HasPrefix(text, SecretPrefix) && len(secret) >= minSecret && len(secret) <= maxSecret
}

// SecretPrefix begins every secret, as the Standard Webhooks specification asks, so that a leaked one is recognised.
const SecretPrefix = "whsec_"
