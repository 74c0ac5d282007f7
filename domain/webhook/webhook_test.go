package webhook_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/webhook"
)

type example = domaintest.Example[webhook.Command, webhook.Event]

var (
	clinic = domain.DeriveID[domain.AccountID]("clinic")
	hook   = domain.DeriveID[domain.WebhookID]("hook")
	other  = domain.DeriveID[domain.WebhookID]("other")
	first  = domain.Secret("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
	second = domain.Secret("whsec_OTk5MzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
	third  = domain.Secret("whsec_ODg4MzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
	target = domain.Secret("https://example.com/hook?token=1")
)

func given(events ...webhook.Event) []webhook.Event { return events }

func secretSet(secret domain.Private) webhook.Event {
	return webhook.WebhookSecretSet{Account: clinic, Webhook: hook, Secret: secret}
}

func TestWebhooks(t *testing.T) {
	set := webhook.Set{
		Account: clinic, Webhook: hook, URL: target, Topics: []string{"messages", "appointments"}, Secret: first,
	}
	was := webhook.WebhookSet{
		Account: clinic, Webhook: hook, URL: target, Topics: []string{"appointments", "messages"},
	}
	known := given(was, secretSet(first))
	disable := webhook.Disable{Account: clinic, Webhook: hook, Failing: true}
	disabled := webhook.WebhookDisabled(disable)
	enable := webhook.Enable{Account: clinic, Webhook: hook}
	change := func(alter func(*webhook.Set)) webhook.Set {
		changed := set
		alter(&changed)
		return changed
	}
	moved := domain.Secret("https://example.org/")
	examples := []example{
		{Name: "is added", When: set, Then: known},
		{Name: "is the same", Given: known, When: set},
		{
			Name: "moves and keeps its secret", Given: known,
			When: change(func(c *webhook.Set) { c.URL, c.Secret = moved, domain.Private{} }),
			Then: given(webhook.WebhookSet{Account: clinic, Webhook: hook, URL: moved, Topics: was.Topics}),
		},
		{
			Name: "is added without a secret", When: change(func(c *webhook.Set) { c.Secret = domain.Private{} }),
			Refused: webhook.ErrSecret,
		},
		{
			Name: "gets a secret", Given: known,
			When: webhook.SetSecret{Account: clinic, Webhook: hook, Secret: second}, Then: given(secretSet(second)),
		},
		{
			Name: "gets a short secret", Given: known,
			When: webhook.SetSecret{Account: clinic, Webhook: hook, Secret: domain.Secret("whsec_MDEy")}, Refused: webhook.ErrSecret,
		},
		{Name: "is disabled", Given: known, When: disable, Then: given(disabled)},
		{Name: "is disabled again", Given: append(known, disabled), When: disable},
		{
			Name: "is enabled", Given: append(known, disabled), When: enable,
			Then: given(webhook.WebhookEnabled{Account: clinic, Webhook: hook}),
		},
		{Name: "was never disabled", Given: known, When: enable},
		{
			Name: "is removed", Given: known, When: webhook.Remove{Account: clinic, Webhook: hook},
			Then: given(webhook.WebhookRemoved{Account: clinic, Webhook: hook}),
		},
		{Name: "unknown", Given: known, When: webhook.Remove{Account: clinic, Webhook: other}, Refused: webhook.ErrUnknown},
		{Name: "unknown is enabled", When: enable, Refused: webhook.ErrUnknown},
		{
			Name: "plain for a trial", When: change(func(c *webhook.Set) { c.URL, c.Plain = domain.Secret("http://127.0.0.1/"), true }),
			Then: given(webhook.WebhookSet{
				Account: clinic, Webhook: hook, URL: domain.Secret("http://127.0.0.1/"), Topics: was.Topics,
			}, secretSet(first)),
		},
	}
	for _, bad := range []string{
		"", "example.com", "http://example.com", "https://", "https://u:p@example.com", "https://example.com/#x",
		"ftp://example.com", "https://example.com/" + strings.Repeat("x", 2000),
	} {
		examples = append(examples, example{
			Name: "address " + bad[:min(len(bad), 40)], Refused: webhook.ErrURL,
			When: change(func(c *webhook.Set) { c.URL = domain.Secret(bad) }),
		})
	}
	for _, bad := range [][]string{nil, {"weather"}, {"messages", "messages"}} {
		examples = append(examples, example{
			Name: fmt.Sprint("topics ", bad), When: change(func(c *webhook.Set) { c.Topics = bad }), Refused: webhook.ErrTopics,
		})
	}
	domaintest.Run(t, webhook.Decider, examples)
}

func TestTheEleventhIsRefused(t *testing.T) {
	var state webhook.State
	for i := range 11 {
		events, err := webhook.Decide(state, webhook.Set{
			Account: clinic, Webhook: domain.DeriveID[domain.WebhookID](fmt.Sprint(i)), URL: target,
			Topics: []string{"clients"}, Secret: first,
		})
		if refused := errors.Is(err, webhook.ErrMost); refused != (i == 10) || err != nil && !refused {
			t.Fatalf("number %d: %v", i+1, err)
		}
		for _, event := range events {
			state = webhook.Evolve(state, event)
		}
	}
}

// TestTwoSecretsSign: a receiver that still has the secret before the newest one goes on.
func TestTwoSecretsSign(t *testing.T) {
	var state webhook.State
	for _, event := range given(
		webhook.WebhookSet{Account: clinic, Webhook: hook, URL: target, Topics: []string{"clients"}},
		secretSet(first), secretSet(second), secretSet(third),
	) {
		state = webhook.Evolve(state, event)
	}
	found, _ := state.Find(hook)
	if len(found.Secrets) != 2 || found.Secrets[0] != third || found.Secrets[1] != second {
		t.Errorf("%d secrets", len(found.Secrets))
	}
	if len(state.Enabled("clients")) != 1 || len(state.Enabled("messages")) != 0 {
		t.Error("it is called about the wrong topics")
	}
	state = webhook.Evolve(state, webhook.WebhookDisabled{Account: clinic, Webhook: hook})
	if len(state.Enabled("clients")) != 0 {
		t.Error("it is called although it is disabled")
	}
}
