// Package webhooks calls the addresses that an account has set when something happens to its appointments, messages
// or clients. Each event is one delivery to each webhook of its topic, at least once, in no promised order. A call
// that fails is tried again for three days. It refuses to send personal data: a call has ids, and who wants more asks
// the API.
package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/webhook"
)

// Delivery is one event on its way to one webhook.
type Delivery struct {
	ID       uuid.UUID
	Account  domain.AccountID
	Webhook  domain.WebhookID
	Kind     string // "appointment.booked"
	Body     []byte // JSON
	QueuedAt time.Time
	NextAt   time.Time // when it is tried next; zero when it is over

	Attempts int
	TriedAt  time.Time // zero if it was not tried
	Code     int       // the HTTP status of the last reply; 0 if there was none
	Failure  string    // why the last call failed; "" if it was accepted
}

// Done reports whether the receiver has accepted it.
func (d Delivery) Done() bool { return d.NextAt.IsZero() && d.Failure == "" }

// Queue stores deliveries.
type Queue interface {
	// AddDelivery stores a delivery, unless one with its id is known.
	AddDelivery(ctx context.Context, d Delivery) error
	// SaveDelivery replaces what is known of a delivery.
	SaveDelivery(ctx context.Context, d Delivery) error
	// DueDeliveries returns deliveries to try now, those that are due for the longest time first.
	DueDeliveries(ctx context.Context, now time.Time, limit int) ([]Delivery, error)
	// Deliveries returns the newest deliveries of a webhook.
	Deliveries(ctx context.Context, account domain.AccountID, hook domain.WebhookID, limit int) ([]Delivery, error)
	// DeliveredSince reports whether the webhook has accepted a call since a time.
	DeliveredSince(ctx context.Context, hook domain.WebhookID, since time.Time) (bool, error)
	// DropDeliveries deletes the deliveries of a webhook that wait.
	DropDeliveries(ctx context.Context, hook domain.WebhookID) error
	// ForgetDeliveries deletes those that were queued before a time and wait no longer.
	ForgetDeliveries(ctx context.Context, before time.Time) error
}

// Caller makes one call. It returns the HTTP status, 0 if there was no reply.
type Caller interface {
	Call(ctx context.Context, target webhook.Webhook, d Delivery, at time.Time) (code int, err error)
}

// Hooks queues and makes the calls.
type Hooks struct {
	Engine *commands.Engine
	Queue  Queue
	Caller Caller
	Log    *slog.Logger

	mu    sync.Mutex
	busy  map[domain.WebhookID]bool
	calls sync.WaitGroup
}

// The pauses before each further attempt, as the Standard Webhooks specification recommends them: 75 hours in all.
var pauses = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
	20 * time.Hour, 24 * time.Hour,
}

const (
	batch     = 200 // deliveries that are read at once
	gone      = 410 // the receiver wants no more calls
	retention = 7 * 24 * time.Hour
)

// Handler returns the handler that queues a delivery for each webhook of an event's topic.
func (h *Hooks) Handler() commands.Handler {
	return commands.Handler{Name: "webhooks", Types: types, React: h.react}
}

func (h *Hooks) react(ctx context.Context, _ commands.Origin, event domain.Recorded) error {
	told, ok := noticeOf(event.Event)
	if !ok {
		return nil
	}
	account := event.Meta.Account
	// Another node may have set the webhooks, and this one has read them before.
	hooks, err := commands.LoadCurrent(ctx, h.Engine, webhook.Decider, webhook.Stream(account))
	if err != nil {
		return err
	}
	told.about.Account = account
	for _, target := range hooks.Enabled(told.topic) {
		// A webhook that a moment later is set up again gets no old events, and a repeat of the event has the same id.
		id := domain.DeriveUUID("webhook", target.ID.String(), event.ID.String())
		if err := h.queue(ctx, id, target.ID, told, event.Meta.OccurredAt); err != nil {
			return err
		}
	}
	return nil
}

func (h *Hooks) queue(
	ctx context.Context, id uuid.UUID, hook domain.WebhookID, told notice, at time.Time,
) error {
	text, err := body(id, told.kind, at, told.about)
	if err != nil {
		return err
	}
	now := h.Engine.Now()
	return h.Queue.AddDelivery(ctx, Delivery{
		ID: id, Account: told.about.Account, Webhook: hook, Kind: told.kind, Body: text, QueuedAt: now, NextAt: now,
	})
}

// TestKind is the kind of the call that an owner asks for to see whether a webhook works.
const TestKind = "webhook.test"

// Test queues a call that says only that it is a test, and returns the id of its delivery. The id of the request makes
// a repeat have one effect.
func (h *Hooks) Test(
	ctx context.Context, account domain.AccountID, hook domain.WebhookID, request uuid.UUID,
) (uuid.UUID, error) {
	hooks, err := commands.LoadCurrent(ctx, h.Engine, webhook.Decider, webhook.Stream(account))
	if err != nil {
		return uuid.Nil, err
	}
	if target, known := hooks.Find(hook); !known {
		return uuid.Nil, webhook.ErrUnknown
	} else if target.Disabled {
		return uuid.Nil, ErrDisabled
	}
	id := domain.DeriveUUID("webhook-test", request.String())
	return id, h.queue(ctx, id, hook, notice{kind: TestKind, about: about{Account: account}}, h.Engine.Now())
}

// ErrDisabled refuses to test a webhook that is not called.
var ErrDisabled = domain.Refuse(domain.Disallowed, "webhook_disabled", "this webhook is off; turn it on, then test it")

// Deliver starts the calls that are due. A webhook is called once at a time, so a slow receiver delays only itself.
// Wait waits for the calls.
func (h *Hooks) Deliver(ctx context.Context) error {
	// The delivery of a call that ends while due ones are read may be among them, so its webhook waits for the next time.
	called := h.called()
	due, err := h.Queue.DueDeliveries(ctx, h.Engine.Now(), batch)
	if err != nil {
		return err
	}
	byHook := make(map[domain.WebhookID][]Delivery)
	for _, d := range due {
		byHook[d.Webhook] = append(byHook[d.Webhook], d)
	}
	for hook, waiting := range byHook {
		if called[hook] || !h.begin(hook) {
			continue
		}
		h.calls.Go(func() {
			defer h.end(hook)
			for _, d := range waiting {
				if err := h.try(ctx, d); err != nil && ctx.Err() == nil {
					h.Log.Error("a webhook was not called and will be tried again", "webhook", hook.String(), "error", err)
					return
				}
			}
		})
	}
	return nil
}

// Wait returns when no call is under way.
func (h *Hooks) Wait() { h.calls.Wait() }

// Forget deletes old deliveries.
func (h *Hooks) Forget(ctx context.Context) error {
	return h.Queue.ForgetDeliveries(ctx, h.Engine.Now().Add(-retention))
}

// called returns the webhooks that are being called.
func (h *Hooks) called() map[domain.WebhookID]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.busy)
}

func (h *Hooks) begin(hook domain.WebhookID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy == nil {
		h.busy = make(map[domain.WebhookID]bool)
	}
	if h.busy[hook] {
		return false
	}
	h.busy[hook] = true
	return true
}

func (h *Hooks) end(hook domain.WebhookID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.busy, hook)
}

// try makes one call and stores what came of it.
func (h *Hooks) try(ctx context.Context, d Delivery) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	hooks, err := commands.LoadCurrent(ctx, h.Engine, webhook.Decider, webhook.Stream(d.Account))
	if err != nil {
		return err
	}
	target, known := hooks.Find(d.Webhook)
	if !known || target.Disabled {
		return h.Queue.DropDeliveries(ctx, d.Webhook)
	}
	code, failed := h.Caller.Call(ctx, target, d, h.Engine.Now())
	if failed != nil && ctx.Err() != nil {
		return ctx.Err() // the server stops; the receiver is not to blame
	}
	d.Attempts++
	d.Code, d.TriedAt, d.Failure, d.NextAt = code, h.Engine.Now(), "", time.Time{}
	if failed != nil {
		d.Failure = failed.Error()
		if d.Attempts <= len(pauses) && code != gone {
			d.NextAt = d.TriedAt.Add(pauses[d.Attempts-1])
		}
	}
	if err := h.Queue.SaveDelivery(ctx, d); err != nil {
		return err
	}
	if failed == nil || !d.NextAt.IsZero() {
		return nil
	}
	return h.giveUp(ctx, d)
}

// giveUp disables a webhook that has accepted nothing since the delivery was queued, or that has said 410 Gone.
func (h *Hooks) giveUp(ctx context.Context, d Delivery) error {
	if d.Code != gone {
		lives, err := h.Queue.DeliveredSince(ctx, d.Webhook, d.QueuedAt)
		if err != nil || lives {
			return err
		}
	}
	origin := commands.ForAccount(d.Account, domain.Actor{ID: "webhooks", Channel: "policy"})
	_, err := h.Engine.Do(ctx, origin, webhook.Disable{Account: d.Account, Webhook: d.Webhook, Failing: true})
	if err != nil && !errors.Is(err, webhook.ErrUnknown) {
		return err
	}
	return h.Queue.DropDeliveries(ctx, d.Webhook)
}
