package webhook

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to the webhooks of an account.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event of such a stream.
var Types = domain.Types{
	domain.TypeOf[WebhookSet](),
	domain.TypeOf[WebhookSecretSet](),
	domain.TypeOf[WebhookDisabled](),
	domain.TypeOf[WebhookEnabled](),
	domain.TypeOf[WebhookRemoved](),
}

// WebhookSet adds a webhook, or replaces its address and topics.
type WebhookSet struct {
	Account domain.AccountID `json:"account"`
	Webhook domain.WebhookID `json:"webhook"`
	URL     domain.Private   `json:"url"`    // private, since addresses often contain tokens
	Topics  []string         `json:"topics"` // appointments, messages, clients
}

// WebhookSecretSet sets the secret that signs the calls. The one before it signs them too, until the next one, so that
// a receiver can change over.
type WebhookSecretSet struct {
	Account domain.AccountID `json:"account"`
	Webhook domain.WebhookID `json:"webhook"`
	Secret  domain.Private   `json:"secret"` // base64
}

// WebhookDisabled stops the calls of a webhook.
type WebhookDisabled struct {
	Account domain.AccountID `json:"account"`
	Webhook domain.WebhookID `json:"webhook"`
	Failing bool             `json:"failing,omitzero"` // by the engine, after days without a success
}

// WebhookEnabled starts them again.
type WebhookEnabled struct {
	Account domain.AccountID `json:"account"`
	Webhook domain.WebhookID `json:"webhook"`
}

// WebhookRemoved removes a webhook for good.
type WebhookRemoved struct {
	Account domain.AccountID `json:"account"`
	Webhook domain.WebhookID `json:"webhook"`
}

// EventType returns the stored name.
func (WebhookSet) EventType() string       { return "WebhookSet" }
func (WebhookSecretSet) EventType() string { return "WebhookSecretSet" }
func (WebhookDisabled) EventType() string  { return "WebhookDisabled" }
func (WebhookEnabled) EventType() string   { return "WebhookEnabled" }
func (WebhookRemoved) EventType() string   { return "WebhookRemoved" }

// Subject returns the webhooks of the account, which own the private texts.
func (e WebhookSet) Subject() domain.Subject       { return Stream(e.Account) }
func (e WebhookSecretSet) Subject() domain.Subject { return Stream(e.Account) }
