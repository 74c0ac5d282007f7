// Package commands runs commands: it loads a stream, folds it, decides and appends. The Engine does so for one
// command, the Reactor runs the handlers that send commands after events. The use cases are in the packages below. No
// store, transport or provider is imported here: they are passed in through interfaces.
package commands

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// maxConflicts bounds how often one command is decided again after a conflict.
const maxConflicts = 16

// ErrBusy reports that a command met too many conflicts in a row. It is safe to send it again later.
var ErrBusy = errors.New("too many changes to the same thing at once; try again in a moment")

// Store is the part of an event store that the engine needs.
type Store interface {
	domain.Appender
	domain.StreamReader
}

// Engine runs every command: those of HTTP, handlers, imports and tests. Nothing else appends to the log.
type Engine struct {
	store      Store
	codec      *domain.Codec
	now        func() time.Time
	aggregates map[string]Aggregate
	states     *stateCache
	turns      turns
	snapshots  domain.Snapshots // nil means none
	logger     *slog.Logger
}

// NewEngine returns an engine for the given aggregates on a store. The clock gives the time of recording.
func NewEngine(store Store, codec *domain.Codec, now func() time.Time, aggregates ...Aggregate) *Engine {
	engine := &Engine{
		store: store, codec: codec, now: now, states: newStateCache(maxStates, maxStateBytes, maxAbsent),
		turns:      turns{waiting: make(map[domain.Stream][]*request)},
		aggregates: make(map[string]Aggregate, len(aggregates)), logger: slog.New(slog.DiscardHandler),
	}
	engine.snapshots, _ = store.(domain.Snapshots)
	for _, aggregate := range aggregates {
		engine.aggregates[aggregate.category] = aggregate
	}
	return engine
}

// Remember changes how many folded states the engine keeps in memory, and forgets those that it has. Call it while no
// command runs.
func (e *Engine) Remember(states int) { e.states = newStateCache(states, maxStateBytes, maxAbsent) }

// WithLog makes the engine log one line per command.
func (e *Engine) WithLog(logger *slog.Logger) *Engine {
	e.logger = logger
	return e
}

// Now returns the time of the engine's clock, in the precision of the log.
func (e *Engine) Now() time.Time { return domain.Microseconds(e.now()) }

// History returns the events of a stream from its start, decoded.
func (e *Engine) History(ctx context.Context, stream domain.Stream) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		for entry, err := range e.store.ReadStream(ctx, stream, 0) {
			if err != nil {
				yield(domain.Recorded{}, fmt.Errorf("read %s: %w", stream, err))
				return
			}
			recorded, err := e.codec.Decode(entry)
			if !yield(recorded, err) || err != nil {
				return
			}
		}
	}
}

// Codec returns the codec that encodes and decodes the engine's events.
func (e *Engine) Codec() *domain.Codec { return e.codec }

// Outcome is the result of one command. Its effect can be read at Position and Revision. Events are those that this
// call appended, none if the command had its effect before.
type Outcome struct {
	Position domain.Position
	Revision domain.Revision
	Events   []domain.Recorded
}

// Do runs a command and returns the position from which its effect can be read. The origin says what the command may
// touch. Errors are a *domain.Refusal, ErrBusy, or a fault such as ErrNoOrigin.
func (e *Engine) Do(ctx context.Context, origin Origin, cmd domain.Command) (domain.Position, error) {
	outcome, err := e.Run(ctx, origin, cmd)
	return outcome.Position, err
}

// Run is Do with the whole outcome.
func (e *Engine) Run(ctx context.Context, origin Origin, cmd domain.Command) (Outcome, error) {
	outcome, err := e.run(ctx, origin, cmd)
	e.logCommand(ctx, origin, cmd, outcome, err)
	return outcome, err
}

// run decides a command again after each conflict.
func (e *Engine) run(ctx context.Context, origin Origin, cmd domain.Command) (Outcome, error) {
	for range maxConflicts {
		outcome, err := e.try(ctx, origin, cmd, nil)
		if !errors.Is(err, domain.ErrConflict) {
			return outcome, err
		}
	}
	return Outcome{}, ErrBusy
}

// RunAt is Run if the stream is at the expected revision. It decides once, and returns domain.ErrConflict otherwise.
func (e *Engine) RunAt(
	ctx context.Context, origin Origin, cmd domain.Command, expected domain.Revision,
) (Outcome, error) {
	outcome, err := e.try(ctx, origin, cmd, &expected)
	e.logCommand(ctx, origin, cmd, outcome, err)
	return outcome, err
}

// try decides a command once, at any revision if expected is nil. It refuses a missing origin before it loads
// anything.
func (e *Engine) try(
	ctx context.Context, origin Origin, cmd domain.Command, expected *domain.Revision,
) (Outcome, error) {
	if !origin.mayAct() {
		return Outcome{}, fmt.Errorf("%T to %s: %w", cmd, cmd.Stream(), ErrNoOrigin)
	}
	aggregate, ok := e.aggregates[cmd.Stream().Category()]
	if !ok {
		return Outcome{}, fmt.Errorf("no aggregate for stream %s: add it to the engine", cmd.Stream())
	}
	r := &request{ctx: ctx, origin: origin, cmd: cmd, expected: expected}
	e.turns.run(r, func(ctx context.Context, group []*request) { aggregate.run(ctx, e, group) })
	return r.outcome, r.err
}

func (e *Engine) logCommand(
	ctx context.Context, origin Origin, cmd domain.Command, outcome Outcome, err error,
) {
	if !e.logger.Enabled(ctx, slog.LevelInfo) {
		return
	}
	level, result := slog.LevelInfo, "done"
	switch refusal, refused := domain.AsRefusal(err); {
	case refused:
		result = refusal.Code
	case err != nil:
		level, result = slog.LevelError, err.Error()
	}
	e.logger.Log(ctx, level, "command", "name", fmt.Sprintf("%T", cmd), "stream", cmd.Stream(), "events",
		len(outcome.Events), "result", result, "actor", origin.actor.ID, "channel", origin.actor.Channel)
}

// encode encodes the events of a request that follow a revision, and sets them as its outcome. Their ids derive from
// the origin's, so the store recognises the same command sent twice. Without an origin id they are random.
func (e *Engine) encode(r *request, before domain.Revision, events []domain.Event) ([]domain.Stored, error) {
	origin, stream, now := r.origin, r.cmd.Stream(), e.Now()
	meta := domain.Metadata{
		Account: origin.account, Actor: origin.actor, Causation: origin.causation,
		Correlation: origin.correlation, OccurredAt: now, RecordedAt: now,
	}
	if !origin.at.IsZero() {
		meta.OccurredAt = domain.Microseconds(origin.at)
	}
	recorded, stored := make([]domain.Recorded, len(events)), make([]domain.Stored, len(events))
	for i, event := range events {
		var err error
		if stored[i], err = e.codec.Encode(uuid.Nil, event, meta); err != nil {
			return nil, err
		}
		if stored[i].ID = uuid.New(); origin.id != uuid.Nil {
			stored[i].ID = idOf(origin, stream, before, i, event, stored[i].Data)
		}
		recorded[i] = domain.Recorded{
			Stream: stream, Revision: before + domain.Revision(i) + 1, ID: stored[i].ID, Event: event, Meta: meta,
		}
	}
	r.outcome.Events = recorded
	return stored, nil
}

// append appends encoded events in one append, with their checksums.
func (e *Engine) append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	for i := range events {
		events[i] = domain.Entry{
			Stored: events[i], Stream: stream, Revision: expected + domain.Revision(i) + 1, Rest: len(events) - 1 - i,
		}.WithChecksum()
	}
	return e.store.Append(ctx, stream, expected, events)
}

// idOf derives an event's id from the origin, the place in the stream and the content of the event. The content is
// part of it because the same command, running twice at once, may decide differently at the same revision: then the
// store must not take the second one for a retry of the first. Sealed text differs each time, so a personal event is
// hashed as it is printed, which hides its secrets.
func idOf(
	origin Origin, stream domain.Stream, expected domain.Revision, i int, event domain.Event, data []byte,
) uuid.UUID {
	if _, personal := event.(domain.Personal); personal {
		data = fmt.Appendf(nil, "%+v", event)
	}
	return uuid.NewSHA1(domain.DeriveUUID(origin.id, stream, int64(expected), i, event.EventType()), data)
}
