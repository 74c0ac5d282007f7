package installation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

const (
	everySecond = time.Second
	everyMinute = time.Minute
	replyLife   = 7 * 24 * time.Hour // how long an Idempotency-Key's answer is repeated
)

// run starts everything that follows the log or the clock. A part that fails stops the whole server: a read
// model or a reactor that stands still without saying so is worse than none.
func (in *Installation) run(ctx context.Context, stop context.CancelCauseFunc) *sync.WaitGroup {
	books, dispatch := in.Reactors()
	pending := NewPendingBookings()
	running := new(sync.WaitGroup)
	start := func(name string, part func(context.Context) error) {
		running.Go(func() {
			err := in.persist(ctx, name, part)
			if err != nil && ctx.Err() == nil && !errors.Is(err, domain.ErrStoreClosed) {
				in.options.Log.Error("a part of the server failed", "part", name, "error", err)
				stop(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	start("read models", in.Projector.Run)
	start("books", books.Run)
	start("dispatch", dispatch.Run)
	start("sweeper's log", func(ctx context.Context) error { return pending.follow(ctx, in.Events, in.Codec) })
	start("simulated carriers", func(ctx context.Context) error { return in.Network.Run(ctx, in.Receive) })
	running.Go(func() { in.every(ctx, everySecond, "reminders", in.second) })
	running.Go(func() {
		in.every(ctx, everyMinute, "the minute's work", func(ctx context.Context) error {
			return in.minute(ctx, pending)
		})
	})
	return running
}

// persist runs a part until it ends for another reason than a database that cannot be reached: then it goes on from
// where it was, as soon as that is there again.
func (in *Installation) persist(ctx context.Context, name string, part func(context.Context) error) error {
	beat := time.NewTicker(everySecond)
	defer beat.Stop()
	for {
		err := part(ctx)
		if !errors.Is(err, domain.ErrUnavailable) || ctx.Err() != nil {
			return err
		}
		in.options.Log.Error("a part of the server waits for its database", "part", name, "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
		}
	}
}

// every calls work at each beat. A beat that fails is logged and the next one tries again.
func (in *Installation) every(ctx context.Context, beat time.Duration, name string, work func(context.Context) error) {
	ticker := time.NewTicker(beat)
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

// second queues the reminders that are due and offers texts again that a busy carrier refused.
func (in *Installation) second(ctx context.Context) error {
	if err := in.caughtUp(ctx); err != nil {
		return err
	}
	_, err := in.Reminders.QueueDue(ctx)
	_, err2 := in.Dispatcher.RetryWaiting(ctx, WaitingRows{projections.Messages{DB: in.Views}})
	return errors.Join(err, err2)
}

// caughtUp waits for the read models, so that nothing is looked at twice.
func (in *Installation) caughtUp(ctx context.Context) error {
	head, err := in.Events.Head(ctx)
	if err != nil {
		return err
	}
	return in.Projector.Wait(ctx, head)
}

// minute sweeps bookings that a crash left, mails the agendas, and lets expired credits go.
func (in *Installation) minute(ctx context.Context, pending *pendingBookings) error {
	now := in.Engine.Now()
	err := pending.Sweep(ctx, in.Booking.Protocol, now)
	err = errors.Join(err, in.State.Forget(ctx, now.Add(-replyLife)))
	var last domain.AccountID
	for {
		page, failed := directory.Accounts{DB: in.Views}.All(ctx, last, 200)
		if failed != nil || len(page) == 0 {
			return errors.Join(err, failed)
		}
		for _, account := range page {
			last = account.ID
			_, queued := in.Agendas.Queue(ctx, account.ID)
			err = errors.Join(err, queued, in.Bookkeeper.ExpireGrants(ctx, account.ID))
		}
	}
}

// pendingBookings are the unfinished ones, folded from the log.
type pendingBookings struct {
	seen    domain.Position // in the log, by follow
	mu      sync.Mutex
	Pending *booking.Pending
}

func NewPendingBookings() *pendingBookings { return &pendingBookings{Pending: booking.NewPending()} }

func (p *pendingBookings) follow(ctx context.Context, log domain.Subscriber, codec *domain.Codec) error {
	filter := domain.Filter{Types: booking.PendingTypes}
	return log.Subscribe(ctx, p.seen, filter, func(_ context.Context, batch []domain.Entry) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, entry := range batch {
			recorded, err := codec.Decode(entry)
			if err != nil {
				return err
			}
			if err := p.Pending.Apply(recorded); err != nil {
				return err
			}
			p.seen = entry.Position
		}
		return nil
	})
}

func (p *pendingBookings) Sweep(ctx context.Context, booking *booking.Protocol, now time.Time) error {
	p.mu.Lock()
	candidates := slices.Collect(p.Pending.Candidates(now))
	p.mu.Unlock()
	_, err := booking.Sweep(ctx, now, slices.Values(candidates))
	return err
}
