package installation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

const (
	retryPause     = time.Second
	adjustInterval = 10 * time.Minute
	sweepInterval  = 5 * time.Second    // how long a start may look taken after its hold is over
	wellAfter      = 3 * time.Second    // how long a part that was waiting must run to be well again
	replyRetention = 7 * 24 * time.Hour // how long the reply to an Idempotency-Key is repeated
)

// startBackground starts everything that follows the log or the clock. If a part fails, it stops the whole server: a
// read model or a reactor that silently falls behind is worse than no server.
func (in *Installation) startBackground(ctx context.Context, stop context.CancelCauseFunc) *sync.WaitGroup {
	in.shareWorkers()
	books, dispatch := in.Reactors()
	pending := newPendingBookings(in.options.Checkpoints)
	running := new(sync.WaitGroup)
	start := func(name string, part func(context.Context) error) {
		running.Go(func() {
			err := in.retryPassing(ctx, name, part)
			if err != nil && ctx.Err() == nil && !errors.Is(err, domain.ErrStoreClosed) {
				in.options.Log.Error("a part of the server failed", "part", name, "error", err)
				stop(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	in.follows.Store(true)
	start("read models", in.Projector.Run)
	start("live changes", in.live.Run)
	start("books", books.Run)
	start("dispatch", dispatch.Run)
	start("pending bookings", func(ctx context.Context) error { return pending.follow(ctx, in.Events, in.Codec) })
	hooks := in.reactor("webhooks", 1, []commands.Handler{in.Webhooks.Handler()})
	start("webhooks", in.followForWebhooks(hooks))
	start("provider connections", in.connections().Run)
	start("simulated providers", func(ctx context.Context) error { return in.Network.Run(ctx, in.Receive) })
	running.Go(func() {
		in.repeat(ctx, time.Second, "checkpoints", func(ctx context.Context) error {
			return errors.Join(books.Save(ctx), dispatch.Save(ctx), hooks.Save(ctx))
		})
	})
	running.Go(func() { in.repeat(ctx, time.Second, "reminders", in.sendDue) })
	running.Go(func() { in.repeat(ctx, time.Second, "emails", in.retryMail) })
	running.Go(func() {
		in.repeat(ctx, time.Second, "calls of webhooks", in.Webhooks.Deliver)
		in.Webhooks.Wait()
	})
	running.Go(func() { in.watchOutages(ctx) })
	handsets := in.newCanaries()
	running.Go(func() {
		in.repeat(ctx, canaryInterval, "canaries", func(ctx context.Context) error { return in.watchCanaries(ctx, handsets) })
	})
	running.Go(func() { in.repeat(ctx, callsInterval, "calls of providers", in.watchCalls) })
	running.Go(func() { in.dispatch(ctx) })
	running.Go(func() { in.repeat(ctx, alertInterval, "alerts", in.alert) })
	running.Go(func() { in.repeat(ctx, creditInterval, "warnings of low credits", in.warnOfCredits) })
	running.Go(func() { in.repeat(ctx, adjustInterval, "time zones", in.adjustAgain) })
	running.Go(func() { in.repeat(ctx, time.Second, "probe", in.probe) })
	running.Go(func() {
		in.repeat(ctx, sweepInterval, "unfinished bookings and holds", func(ctx context.Context) error {
			return pending.sweep(ctx, in.Booking.Protocol, in.Engine.Now())
		})
	})
	running.Go(func() { in.repeat(ctx, time.Minute, "housekeeping", in.housekeep) })
	return running
}

// retryPassing runs a part of the server. If the part ends because its database cannot be reached or a disk is full, it
// runs again and continues where it was. A part that runs for some time without failing is well again.
func (in *Installation) retryPassing(ctx context.Context, name string, part func(context.Context) error) error {
	pause := time.NewTicker(retryPause)
	defer pause.Stop()
	for {
		well := time.AfterFunc(wellAfter, func() { in.troubles.clear(name) })
		err := part(ctx)
		well.Stop()
		if !isPassing(err) || ctx.Err() != nil {
			return err
		}
		in.troubles.set(name, err)
		in.options.Log.Error("a part of the server is waiting for its database or for room on the disk",
			"part", name, "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
		}
	}
}

// repeat does work at once and then at each interval. It logs a failure and tries again at the next interval.
func (in *Installation) repeat(
	ctx context.Context, interval time.Duration, name string, work func(context.Context) error,
) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			in.options.Log.Error("work failed and will be tried again", "work", name, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// sendDue queues the reminders that are due, and retries texts that a busy provider refused.
func (in *Installation) sendDue(ctx context.Context) error {
	if err := in.waitForReadModels(ctx); err != nil {
		return err
	}
	_, err := in.Reminders.QueueDue(ctx)
	_, err2 := in.Dispatcher.RetryWaiting(ctx, WaitingRows{projections.Messages{DB: in.Views}})
	return errors.Join(err, err2)
}

// retryMail sends the emails that the mail system put off. It runs apart from sendDue, so a slow mail server does not
// hold up texts.
func (in *Installation) retryMail(ctx context.Context) error {
	if err := in.waitForReadModels(ctx); err != nil {
		return err
	}
	_, err := in.Dispatcher.RetryMail(ctx, WaitingRows{projections.Messages{DB: in.Views}})
	return err
}

// waitForReadModels waits until the read models know the log, so that nothing is queued twice.
func (in *Installation) waitForReadModels(ctx context.Context) error {
	head, err := in.Events.Head(ctx)
	if err != nil {
		return err
	}
	return in.Projector.Wait(ctx, head)
}

// housekeep forgets old replies, mails the agendas and the alerts of the day, and expires credits.
func (in *Installation) housekeep(ctx context.Context) error {
	err := errors.Join(in.State.Forget(ctx, in.Engine.Now().Add(-replyRetention)), in.Webhooks.Forget(ctx),
		in.People.Forget(ctx), in.waitForReadModels(ctx))
	failed := in.eachAccount(ctx, func(account directory.Account) error {
		_, queued := in.Agendas.Queue(ctx, account.ID)
		err = errors.Join(err, queued, in.Alerts.QueueDigest(ctx, account.ID),
			in.Bookkeeper.ExpireGrants(ctx, account.ID))
		return nil
	})
	return errors.Join(err, failed)
}

// pendingBookings are the unfinished bookings of the log. Its checkpoint is where the oldest of them began, so that a
// start does not read the log before.
type pendingBookings struct {
	checkpoints commands.Checkpoints
	started     bool
	seen        domain.Position // in the log, by follow
	mu          sync.Mutex
	pending     *booking.Pending
	saved       domain.Position // the checkpoint
}

func newPendingBookings(checkpoints commands.Checkpoints) *pendingBookings {
	return &pendingBookings{checkpoints: checkpoints, pending: booking.NewPending()}
}

// pendingCheckpoint names the checkpoint of the pending bookings.
var pendingCheckpoint = fmt.Sprint("pending-bookings-", booking.PendingVersion)

func (p *pendingBookings) follow(ctx context.Context, log domain.Subscriber, codec *domain.Codec) error {
	if !p.started {
		since, err := p.checkpoints.LoadCheckpoint(ctx, pendingCheckpoint)
		if err != nil {
			return err
		}
		p.mu.Lock()
		p.seen, p.saved, p.started = since, since, true
		p.mu.Unlock()
	}
	filter := domain.Filter{Types: booking.PendingTypes}
	return log.Subscribe(ctx, p.seen, filter, func(_ context.Context, batch []domain.Entry) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, entry := range batch {
			recorded, err := codec.Decode(entry)
			if err != nil {
				return err
			}
			if err := p.pending.Apply(recorded); err != nil {
				return err
			}
			p.seen = entry.Position
		}
		return nil
	})
}

func (p *pendingBookings) sweep(ctx context.Context, protocol *booking.Protocol, now time.Time) error {
	p.mu.Lock()
	candidates := slices.Collect(p.pending.Candidates(now))
	since := p.pending.Since()
	p.mu.Unlock()
	_, err := protocol.Sweep(ctx, now, slices.Values(candidates))
	return errors.Join(err, p.save(ctx, since))
}

// save saves the checkpoint if it has moved. Only sweep calls it.
func (p *pendingBookings) save(ctx context.Context, since domain.Position) error {
	p.mu.Lock()
	moved := p.saved.Before(since)
	p.mu.Unlock()
	if !moved {
		return nil
	}
	err := p.checkpoints.SaveCheckpoint(ctx, pendingCheckpoint, since)
	if err == nil {
		p.mu.Lock()
		p.saved = since
		p.mu.Unlock()
	}
	return err
}
