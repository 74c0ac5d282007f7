package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/webhooks"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/webhook"
)

var errSecretShown = problem.New(http.StatusConflict, "secret_shown_before",
	"this secret was made and shown before; make a new secret for the webhook with a new Idempotency-Key")

func (h *handlers) ListWebhooks(
	ctx context.Context, r api.ListWebhooksRequestObject,
) (api.ListWebhooksResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	found, revision, err := commands.Load(ctx, h.Engine, webhook.Decider, webhook.Stream(id))
	return api.ListWebhooks200JSONResponse{
		Body:    api.WebhookList{Items: each(found.Webhooks, shownWebhook)},
		Headers: api.ListWebhooks200ResponseHeaders{ETag: etag(revision)},
	}, err
}

func shownWebhook(one webhook.Webhook) api.Webhook {
	return api.Webhook{
		Id: one.ID.UUID, Url: one.URL.Reveal(), Topics: each(one.Topics, topicOf), Disabled: one.Disabled,
		Failing: one.Failing, Secrets: len(one.Secrets),
	}
}

func topicOf(topic string) api.WebhookTopic { return api.WebhookTopic(topic) }

// AddWebhook adds a webhook. Its id derives from the request, so that a repeat is recognised.
func (h *handlers) AddWebhook(
	ctx context.Context, r api.AddWebhookRequestObject,
) (api.AddWebhookResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	account := domain.AccountID{UUID: r.Account}
	id := domain.WebhookID{UUID: domain.DeriveUUID("webhook", write.Origin.ID().String())}
	known, _, err := commands.Load(ctx, h.Engine, webhook.Decider, webhook.Stream(account))
	if err != nil {
		return nil, err
	}
	if _, exists := known.Find(id); exists {
		return nil, errSecretShown
	}
	secret := newSecret()
	set := h.setWebhook(account, id, *r.Body)
	set.Secret = domain.Secret(secret)
	outcome, err := h.runWrite(ctx, write, set)
	return api.AddWebhook201JSONResponse{
		Body: api.WebhookSecret{Id: id.UUID, Secret: secret, Position: outcome.Position.String()},
		Headers: api.AddWebhook201ResponseHeaders{
			ETag: etag(outcome.Revision), ClickbookPosition: outcome.Position.String(),
		},
	}, err
}

// setWebhook returns the command for the terms. A trial may call programs of its own machine.
func (h *handlers) setWebhook(account domain.AccountID, id domain.WebhookID, terms api.WebhookTerms) webhook.Set {
	topics := each(terms.Topics, func(topic api.WebhookTopic) string { return string(topic) })
	return webhook.Set{
		Account: account, Webhook: id, URL: domain.Secret(terms.Url), Topics: topics, Plain: h.Simulated,
	}
}

// newSecret returns 32 random bytes as the Standard Webhooks specification writes them.
func newSecret() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never returns an error
	return webhook.SecretPrefix + base64.StdEncoding.EncodeToString(secret)
}

func (h *handlers) ChangeWebhook(
	ctx context.Context, r api.ChangeWebhookRequestObject,
) (api.ChangeWebhookResponseObject, error) {
	account, id := domain.AccountID{UUID: r.Account}, domain.WebhookID{UUID: r.Webhook}
	outcome, err := h.changeWebhook(ctx, h.setWebhook(account, id, *r.Body), account, id)
	return api.ChangeWebhook200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

// changeWebhook runs a command of a webhook that is in the account. If-Match is that of all its webhooks, so an unknown
// one is refused first.
func (h *handlers) changeWebhook(
	ctx context.Context, cmd webhook.Command, account domain.AccountID, id domain.WebhookID,
) (commands.Outcome, error) {
	if err := h.findWebhook(ctx, account, id); err != nil {
		return commands.Outcome{}, err
	}
	return h.run(ctx, cmd)
}

// findWebhook refuses an id that is not one of the account's webhooks.
func (h *handlers) findWebhook(ctx context.Context, account domain.AccountID, id domain.WebhookID) error {
	known, _, err := commands.Load(ctx, h.Engine, webhook.Decider, webhook.Stream(account))
	if _, exists := known.Find(id); err == nil && !exists {
		err = webhook.ErrUnknown
	}
	return err
}

func (h *handlers) RemoveWebhook(
	ctx context.Context, r api.RemoveWebhookRequestObject,
) (api.RemoveWebhookResponseObject, error) {
	account, id := domain.AccountID{UUID: r.Account}, domain.WebhookID{UUID: r.Webhook}
	outcome, err := h.changeWebhook(ctx, webhook.Remove{Account: account, Webhook: id}, account, id)
	return api.RemoveWebhook200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) RenewWebhookSecret(
	ctx context.Context, r api.RenewWebhookSecretRequestObject,
) (api.RenewWebhookSecretResponseObject, error) {
	account, id, secret := domain.AccountID{UUID: r.Account}, domain.WebhookID{UUID: r.Webhook}, newSecret()
	outcome, err := h.changeWebhook(ctx, webhook.SetSecret{
		Account: account, Webhook: id, Secret: domain.Secret(secret),
	}, account, id)
	return api.RenewWebhookSecret201JSONResponse{
		Body: api.WebhookSecret{Id: id.UUID, Secret: secret, Position: outcome.Position.String()},
		Headers: api.RenewWebhookSecret201ResponseHeaders{
			ETag: etag(outcome.Revision), ClickbookPosition: outcome.Position.String(),
		},
	}, err
}

func (h *handlers) DisableWebhook(
	ctx context.Context, r api.DisableWebhookRequestObject,
) (api.DisableWebhookResponseObject, error) {
	account, id := domain.AccountID{UUID: r.Account}, domain.WebhookID{UUID: r.Webhook}
	outcome, err := h.changeWebhook(ctx, webhook.Disable{Account: account, Webhook: id}, account, id)
	return api.DisableWebhook200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) EnableWebhook(
	ctx context.Context, r api.EnableWebhookRequestObject,
) (api.EnableWebhookResponseObject, error) {
	account, id := domain.AccountID{UUID: r.Account}, domain.WebhookID{UUID: r.Webhook}
	outcome, err := h.changeWebhook(ctx, webhook.Enable{Account: account, Webhook: id}, account, id)
	return api.EnableWebhook200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) TestWebhook(
	ctx context.Context, r api.TestWebhookRequestObject,
) (api.TestWebhookResponseObject, error) {
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	delivery, err := h.Webhooks.Test(ctx, domain.AccountID{UUID: r.Account}, domain.WebhookID{UUID: r.Webhook},
		write.Origin.ID())
	return api.TestWebhook202JSONResponse{Delivery: delivery}, err
}

// shownDeliveries bounds the list of calls.
const shownDeliveries = 100

func (h *handlers) ListWebhookDeliveries(
	ctx context.Context, r api.ListWebhookDeliveriesRequestObject,
) (api.ListWebhookDeliveriesResponseObject, error) {
	account, id := domain.AccountID{UUID: r.Account}, domain.WebhookID{UUID: r.Webhook}
	if err := h.findWebhook(ctx, account, id); err != nil {
		return nil, err
	}
	found, err := h.Webhooks.Queue.Deliveries(ctx, account, id, shownDeliveries)
	return api.ListWebhookDeliveries200JSONResponse{Items: each(found, shownDelivery)}, err
}

func shownDelivery(d webhooks.Delivery) api.WebhookDelivery {
	shown := api.WebhookDelivery{
		Id: d.ID, Type: d.Kind, State: api.WebhookDeliveryStateFailed, QueuedAt: d.QueuedAt, Attempts: d.Attempts,
		TriedAt: d.TriedAt, NextAt: d.NextAt, Code: d.Code, Failure: d.Failure,
	}
	switch {
	case !d.NextAt.IsZero():
		shown.State = api.WebhookDeliveryStateWaiting
	case d.Done():
		shown.State = api.WebhookDeliveryStateAccepted
	}
	return shown
}
