package webhook

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// State is the webhooks of an account, the oldest first.
type State struct {
	Webhooks []Webhook
	Removed  []domain.WebhookID
}

// Webhook is one of them.
type Webhook struct {
	ID       domain.WebhookID
	URL      domain.Private
	Topics   []string
	Secrets  []domain.Private // the newest first, at most two
	Disabled bool
	Failing  bool // disabled by the engine
}

// maxSecrets is how many secrets sign at once.
const maxSecrets = 2

// Find returns a webhook by its id.
func (s State) Find(id domain.WebhookID) (Webhook, bool) {
	at := slices.IndexFunc(s.Webhooks, func(one Webhook) bool { return one.ID == id })
	if at < 0 {
		return Webhook{}, false
	}
	return s.Webhooks[at], true
}

// Enabled returns the webhooks that are called about a topic.
func (s State) Enabled(topic string) (enabled []Webhook) {
	for _, one := range s.Webhooks {
		if !one.Disabled && slices.Contains(one.Topics, topic) {
			enabled = append(enabled, one)
		}
	}
	return enabled
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e WebhookSet) evolve(s State) State {
	if _, exists := s.Find(e.Webhook); !exists {
		s.Webhooks = append(slices.Clone(s.Webhooks), Webhook{ID: e.Webhook, URL: e.URL, Topics: e.Topics})
		return s
	}
	return s.with(e.Webhook, func(one *Webhook) { one.URL, one.Topics = e.URL, e.Topics })
}

func (e WebhookSecretSet) evolve(s State) State {
	return s.with(e.Webhook, func(one *Webhook) {
		secrets := append([]domain.Private{e.Secret}, one.Secrets...)
		one.Secrets = secrets[:min(len(secrets), maxSecrets)]
	})
}

func (e WebhookDisabled) evolve(s State) State {
	return s.with(e.Webhook, func(one *Webhook) { one.Disabled, one.Failing = true, e.Failing })
}

func (e WebhookEnabled) evolve(s State) State {
	return s.with(e.Webhook, func(one *Webhook) { one.Disabled, one.Failing = false, false })
}

func (e WebhookRemoved) evolve(s State) State {
	s.Webhooks = slices.DeleteFunc(slices.Clone(s.Webhooks), func(one Webhook) bool { return one.ID == e.Webhook })
	s.Removed = append(slices.Clone(s.Removed), e.Webhook)
	return s
}

// with returns the state with one webhook changed. It changes no slice of s.
func (s State) with(id domain.WebhookID, change func(*Webhook)) State {
	s.Webhooks = slices.Clone(s.Webhooks)
	for i := range s.Webhooks {
		if s.Webhooks[i].ID == id {
			change(&s.Webhooks[i])
		}
	}
	return s
}
