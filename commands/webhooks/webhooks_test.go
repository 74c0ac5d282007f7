package webhooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/webhooks"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/webhook"
)

var (
	hook   = domain.DeriveID[domain.WebhookID]("hook")
	secret = domain.Secret("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
)

// receiver is a webhooks.Caller that a test scripts.
type receiver struct {
	mu    sync.Mutex
	calls []webhooks.Delivery
	reply func(webhooks.Delivery) (int, error)
}

func (r *receiver) Call(_ context.Context, _ webhook.Webhook, d webhooks.Delivery, _ time.Time) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, d)
	if r.reply == nil {
		return 204, nil
	}
	return r.reply(d)
}

// kinds returns the kinds of the calls since the last time.
func (r *receiver) kinds() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var kinds []string
	for _, call := range r.calls {
		kinds = append(kinds, call.Kind)
	}
	r.calls = nil
	return strings.Join(kinds, " ")
}

type world struct {
	*commandstest.World
	hooks    *webhooks.Hooks
	receiver *receiver
	seen     domain.Position
}

func newWorld(t *testing.T, topics ...string) *world {
	t.Helper()
	w := &world{World: commandstest.NewWorld(t), receiver: &receiver{}}
	queue, err := state.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := queue.Close(); err != nil {
			t.Error(err)
		}
	})
	w.hooks = &webhooks.Hooks{Engine: w.Engine, Queue: queue, Caller: w.receiver, Log: slog.New(slog.DiscardHandler)}
	w.follow()
	w.Do(webhook.Set{
		Account: w.Account, Webhook: hook, URL: domain.Secret("https://example.com/hook"), Topics: topics, Secret: secret,
	})
	return w
}

// follow hands the events since the last time to the handler, twice, as after a crash before the checkpoint.
func (w *world) follow() {
	w.T.Helper()
	from := w.seen
	for range 2 {
		w.seen = from
		handler := w.hooks.Handler()
		for entry, err := range w.Log.ReadAll(w.T.Context(), from, domain.Filter{Types: handler.Types}) {
			w.Ok(err)
			event, err := w.Codec.Decode(entry)
			w.Ok(err)
			w.Ok(handler.React(w.T.Context(), commands.Origin{}, event))
			w.seen = entry.Position
		}
	}
}

// deliver makes the calls that are due and returns their kinds.
func (w *world) deliver() string {
	w.T.Helper()
	w.follow()
	w.Ok(w.hooks.Deliver(w.T.Context()))
	w.hooks.Wait()
	return w.receiver.kinds()
}

func (w *world) webhook() webhook.Webhook {
	w.T.Helper()
	hooks, err := commands.LoadCurrent(w.T.Context(), w.Engine, webhook.Decider, webhook.Stream(w.Account))
	w.Ok(err)
	found, _ := hooks.Find(hook)
	return found
}

func TestAnEventIsDeliveredOnceWithIDsOnly(t *testing.T) {
	w := newWorld(t, "appointments")
	id := w.Book("first", commandstest.Tuesday)
	w.follow()
	w.Ok(w.hooks.Deliver(t.Context()))
	w.hooks.Wait()
	if len(w.receiver.calls) != 1 {
		t.Fatalf("%d calls", len(w.receiver.calls))
	}
	call := w.receiver.calls[0]
	var said struct {
		ID, Type, Timestamp string
		Data                map[string]string
	}
	w.Ok(json.Unmarshal(call.Body, &said))
	if said.Type != "appointment.booked" || said.Data["appointment"] != id.String() ||
		said.Data["account"] != w.Account.String() || said.ID != call.ID.String() || len(said.Data) != 2 {
		t.Errorf("%s", call.Body)
	}
	w.receiver.kinds()
	if again := w.deliver(); again != "" {
		t.Errorf("again: %s", again)
	}
}

func TestOtherTopicsAndAccountsAreNotTold(t *testing.T) {
	w := newWorld(t, "clients")
	w.Book("first", commandstest.Tuesday)
	if got := w.deliver(); got != "" {
		t.Errorf("told of %s", got)
	}
	w.Register(domain.DeriveID[domain.ClientID]("new"), w.Account)
	w.Register(domain.DeriveID[domain.ClientID]("theirs"), domain.DeriveID[domain.AccountID]("school"))
	if got := w.deliver(); got != "client.registered" {
		t.Errorf("told of %q", got)
	}
}

func TestAFailedCallIsRepeatedForThreeDaysAndThenTheWebhookIsOff(t *testing.T) {
	w := newWorld(t, "appointments")
	w.receiver.reply = func(webhooks.Delivery) (int, error) { return 500, errors.New("it replied 500") }
	w.Book("first", commandstest.Tuesday)
	start, attempts := w.Now, 0
	for range 200 { // hours
		for range 4 { // the first retries come within the hour
			if w.deliver() != "" {
				attempts++
			}
			w.Now = w.Now.Add(15 * time.Minute)
		}
		if w.webhook().Disabled {
			break
		}
	}
	if lasted := w.Now.Sub(start); attempts != 10 || lasted < 72*time.Hour || lasted > 90*time.Hour {
		t.Errorf("%d attempts in %s", attempts, lasted)
	}
	if found := w.webhook(); !found.Disabled || !found.Failing {
		t.Errorf("%+v", found)
	}
	w.Do(webhook.Enable{Account: w.Account, Webhook: hook})
	w.receiver.reply = nil
	if got := w.deliver(); got != "" {
		t.Errorf("old calls after it was turned on: %s", got)
	}
}

func TestAWebhookThatAcceptsOtherCallsStaysOn(t *testing.T) {
	w := newWorld(t, "appointments")
	first := true
	var poison uuid.UUID
	w.receiver.reply = func(d webhooks.Delivery) (int, error) {
		if first {
			first, poison = false, d.ID
		}
		if d.ID == poison {
			return 400, errors.New("it replied 400")
		}
		return 200, nil
	}
	w.Book("first", commandstest.Tuesday)
	w.deliver()
	w.Now = w.Now.Add(time.Minute)
	w.Book("second", commandstest.Tuesday)
	for range 100 {
		w.deliver()
		w.Now = w.Now.Add(time.Hour)
	}
	if w.webhook().Disabled {
		t.Error("one call that it does not understand turned it off")
	}
	kept, err := w.hooks.Queue.Deliveries(t.Context(), w.Account, hook, 10)
	w.Ok(err)
	if len(kept) != 2 || kept[1].Failure != "it replied 400" || kept[1].Done() || !kept[0].Done() {
		t.Errorf("%+v", kept)
	}
	w.Now = w.Now.Add(8 * 24 * time.Hour)
	w.Ok(w.hooks.Forget(t.Context()))
	if kept, err = w.hooks.Queue.Deliveries(t.Context(), w.Account, hook, 10); err != nil || len(kept) != 0 {
		t.Errorf("kept for ever: %d, %v", len(kept), err)
	}
}

func TestGoneTurnsAWebhookOffAtOnce(t *testing.T) {
	w := newWorld(t, "appointments")
	w.receiver.reply = func(webhooks.Delivery) (int, error) { return 410, errors.New("it replied 410") }
	w.Book("first", commandstest.Tuesday)
	w.deliver()
	if !w.webhook().Failing {
		t.Error("it is called on")
	}
}

func TestARemovedWebhookIsNotCalled(t *testing.T) {
	w := newWorld(t, "appointments")
	w.Book("first", commandstest.Tuesday)
	w.follow()
	w.Do(webhook.Remove{Account: w.Account, Webhook: hook})
	if got := w.deliver(); got != "" {
		t.Errorf("called with %s", got)
	}
}

func TestASlowReceiverDelaysOnlyItself(t *testing.T) {
	w := newWorld(t, "appointments")
	other := domain.DeriveID[domain.WebhookID]("other")
	w.Do(webhook.Set{
		Account: w.Account, Webhook: other, URL: domain.Secret("https://example.org/"), Topics: []string{"appointments"},
		Secret: secret,
	})
	slow, called := make(chan struct{}), make(chan domain.WebhookID, 10)
	w.hooks.Caller = callerFunc(func(d webhooks.Delivery) (int, error) {
		if d.Webhook == hook {
			<-slow
		}
		called <- d.Webhook
		return 200, nil
	})
	w.Book("first", commandstest.Tuesday)
	w.follow()
	w.Ok(w.hooks.Deliver(t.Context()))
	if got := <-called; got != other {
		t.Fatalf("%s came first", got)
	}
	w.Ok(w.hooks.Deliver(t.Context())) // the slow one is not called a second time at once
	close(slow)
	w.hooks.Wait()
	if got := len(called); got != 1 {
		t.Errorf("%d calls of the slow one", got)
	}
}

// TestACallThatEndsWhileDueOnesAreReadIsMadeOnce ends a call after its delivery was read to be due.
func TestACallThatEndsWhileDueOnesAreReadIsMadeOnce(t *testing.T) {
	w := newWorld(t, "appointments")
	slow, called := make(chan struct{}), make(chan struct{}, 10)
	w.hooks.Caller = callerFunc(func(webhooks.Delivery) (int, error) {
		called <- struct{}{}
		<-slow
		return 200, nil
	})
	w.Book("first", commandstest.Tuesday)
	w.follow()
	w.Ok(w.hooks.Deliver(t.Context()))
	<-called
	w.hooks.Queue = queueAfter{w.hooks.Queue, func() {
		close(slow)
		w.hooks.Wait()
	}}
	w.Ok(w.hooks.Deliver(t.Context()))
	w.hooks.Wait()
	if more := len(called); more != 0 {
		t.Errorf("the receiver was called %d times more", more)
	}
}

// queueAfter calls after between reading due deliveries and returning them.
type queueAfter struct {
	webhooks.Queue
	after func()
}

func (q queueAfter) DueDeliveries(ctx context.Context, now time.Time, limit int) ([]webhooks.Delivery, error) {
	due, err := q.Queue.DueDeliveries(ctx, now, limit)
	q.after()
	return due, err
}

type callerFunc func(webhooks.Delivery) (int, error)

func (f callerFunc) Call(_ context.Context, _ webhook.Webhook, d webhooks.Delivery, _ time.Time) (int, error) {
	return f(d)
}

func TestATestIsOneCall(t *testing.T) {
	w := newWorld(t, "clients")
	request := uuid.New()
	for range 2 {
		_, err := w.hooks.Test(t.Context(), w.Account, hook, request)
		w.Ok(err)
	}
	if got := w.deliver(); got != webhooks.TestKind {
		t.Errorf("calls: %q", got)
	}
	_, err := w.hooks.Test(t.Context(), w.Account, domain.DeriveID[domain.WebhookID]("none"), request)
	if !errors.Is(err, webhook.ErrUnknown) {
		t.Errorf("an unknown one: %v", err)
	}
	w.Do(webhook.Disable{Account: w.Account, Webhook: hook})
	if _, err := w.hooks.Test(t.Context(), w.Account, hook, uuid.New()); !errors.Is(err, webhooks.ErrDisabled) {
		t.Errorf("one that is off: %v", err)
	}
}
