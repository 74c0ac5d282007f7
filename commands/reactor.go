package commands

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// reactorBatch bounds how many events Step handles between two checkpoints.
const reactorBatch = 256

// savedEvery is after how many handled events Run saves the checkpoint. Each save is a sync of the file that replies
// wait for too. Events that are handled again after a kill do nothing.
const savedEvery = 64

// Handler connects a policy to the reactor: its name, its event types and the function to call. React may be called
// more than once for an event, and must have its effect once. It sends its commands with the given origin, whose id
// derives from the event and the name. It must handle every type in Types, and return domain.Unexpected for others.
type Handler struct {
	Name  string
	Types []string // made with domain.NamesOf
	React func(ctx context.Context, origin Origin, event domain.Recorded) error
}

// Reactor runs handlers over the log, in log order, from its checkpoint. Run follows the log until it is stopped.
// Step handles what is there now, as a simulation in virtual time needs.
type Reactor struct {
	Name        string
	Handlers    []Handler
	Log         ReactorLog
	Codec       *domain.Codec
	Checkpoints Checkpoints
	Transport   func(handle func(context.Context, domain.Entry) error) (Transport, error)
	Workers     int          // how many streams are handled at once; 0 means one, in strict log order
	Slog        *slog.Logger // nil means none

	transport Transport
	started   bool

	mu      sync.Mutex // guards the rest
	reached domain.Position
	unsaved int // events handled since the checkpoint was saved
}

// ReactorLog is the part of an event store that a reactor needs.
type ReactorLog interface {
	domain.LogReader
	domain.Subscriber
}

// start loads the checkpoint and opens the transport, once.
func (r *Reactor) start(ctx context.Context) (err error) {
	if r.started {
		return nil
	}
	if r.reached, err = r.Checkpoints.LoadCheckpoint(ctx, r.Name); err != nil {
		return fmt.Errorf("reactor %s: load its checkpoint: %w", r.Name, err)
	}
	if r.transport, err = r.Transport(r.react); err != nil {
		return fmt.Errorf("reactor %s: open its transport: %w", r.Name, err)
	}
	r.started = true
	return nil
}

// filter returns every type that some handler lists.
func (r *Reactor) filter() domain.Filter {
	var types []string
	for _, handler := range r.Handlers {
		types = append(types, handler.Types...)
	}
	slices.Sort(types)
	return domain.Filter{Types: slices.Compact(types)}
}

// Step handles the events from the checkpoint to the head of the log and returns how many there were.
func (r *Reactor) Step(ctx context.Context) (int, error) {
	if err := r.start(ctx); err != nil {
		return 0, err
	}
	head, err := r.Log.Head(ctx)
	if err != nil || !r.reached.Before(head) {
		return 0, err
	}
	done := 0
	for batch, err := range batches(r.Log.ReadAll(ctx, r.reached, r.filter())) {
		if err != nil {
			return done, fmt.Errorf("reactor %s: %w", r.Name, err)
		}
		if err := r.handle(ctx, batch); err != nil {
			return done, err
		}
		if err := r.Save(ctx); err != nil {
			return done, err
		}
		done += len(batch)
	}
	if r.reached.Before(head) { // events that no handler lists are not read again
		r.reached = head
	}
	return done, nil
}

// Run follows the log until ctx ends. Call Save now and then beside it.
func (r *Reactor) Run(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	err := r.Log.Subscribe(ctx, r.reached, r.filter(), func(ctx context.Context, batch []domain.Entry) error {
		if err := r.handle(ctx, batch); err != nil {
			return err
		}
		return r.save(ctx, savedEvery)
	})
	if ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, r.Save(context.WithoutCancel(ctx)))
}

// handle delivers a batch. Events of one stream stay in order.
func (r *Reactor) handle(ctx context.Context, batch []domain.Entry) error {
	if err := r.deliver(ctx, batch); err != nil {
		return fmt.Errorf("reactor %s: %w", r.Name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reached, r.unsaved = batch[len(batch)-1].Position, r.unsaved+len(batch)
	return nil
}

// Save saves the checkpoint if events were handled since the last time. It may be called beside Run.
func (r *Reactor) Save(ctx context.Context) error { return r.save(ctx, 1) }

// save saves the checkpoint if at least so many events were handled since the last time.
func (r *Reactor) save(ctx context.Context, least int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.unsaved < least {
		return nil
	}
	if err := r.Checkpoints.SaveCheckpoint(ctx, r.Name, r.reached); err != nil {
		return fmt.Errorf("reactor %s: save its checkpoint: %w", r.Name, err)
	}
	r.unsaved = 0
	return nil
}

// deliver delivers a batch, each stream by one worker.
func (r *Reactor) deliver(ctx context.Context, batch []domain.Entry) error {
	if r.Workers < 2 {
		for _, entry := range batch {
			if err := r.transport.Deliver(ctx, entry); err != nil {
				return err
			}
		}
		return nil
	}
	lanes := make([][]domain.Entry, r.Workers)
	for _, entry := range batch {
		lane := laneOf(entry.Stream, r.Workers)
		lanes[lane] = append(lanes[lane], entry)
	}
	var wg sync.WaitGroup
	failures := make([]error, r.Workers)
	for i, lane := range lanes {
		wg.Go(func() {
			for _, entry := range lane {
				if failures[i] = r.transport.Deliver(ctx, entry); failures[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(failures...)
}

// laneOf assigns a stream to a worker, by FNV-1a.
func laneOf(stream domain.Stream, workers int) int {
	hash := uint32(2166136261)
	for _, b := range []byte(stream) {
		hash = (hash ^ uint32(b)) * 16777619
	}
	return int(hash % uint32(workers))
}

// react calls every handler that lists the event's type and logs one line for each.
func (r *Reactor) react(ctx context.Context, entry domain.Entry) error {
	event, err := r.Codec.Decode(entry)
	if err != nil {
		return err
	}
	for _, handler := range r.Handlers {
		if !slices.Contains(handler.Types, event.Event.EventType()) {
			continue
		}
		err := handler.React(ctx, Because(event, handler.Name), event)
		if r.Slog != nil {
			r.Slog.LogAttrs(ctx, levelOf(err), "reaction", slog.String("handler", handler.Name),
				slog.String("event", event.Event.EventType()), slog.String("stream", string(event.Stream)),
				slog.Any("error", err))
		}
		if err != nil {
			return fmt.Errorf("handler %s on %s in %s: %w", handler.Name, event.Event.EventType(), event.Stream, err)
		}
	}
	return nil
}

func levelOf(err error) slog.Level {
	if err != nil {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

// batches groups entries into batches of reactorBatch.
func batches(entries iter.Seq2[domain.Entry, error]) iter.Seq2[[]domain.Entry, error] {
	return func(yield func([]domain.Entry, error) bool) {
		var batch []domain.Entry
		for entry, err := range entries {
			if err != nil {
				yield(nil, err)
				return
			}
			if batch = append(batch, entry); len(batch) == reactorBatch {
				if !yield(batch, nil) {
					return
				}
				batch = nil
			}
		}
		if len(batch) > 0 {
			yield(batch, nil)
		}
	}
}
