// Package commands runs commands: load, fold, decide, append. It holds the booking protocol, the reactor that
// runs policies, and the duties that wait for the clock. It refuses to know any store, transport or provider:
// those come in through ports.
package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// maxConflicts bounds how often one command is decided anew because somebody else was first.
const maxConflicts = 16

// ErrBusy says that a command lost too many races in a row; asking again later is safe.
var ErrBusy = errors.New("too many changes to the same thing at once; try again in a moment")

// Store is the part of an event store that commands need.
type Store interface {
	domain.Appender
	domain.StreamReader
}

// Engine is the single door to the log: HTTP, policies, imports and tests all come through Do.
type Engine struct {
	store      Store
	codec      *domain.Codec
	now        func() time.Time
	aggregates map[string]Aggregate
	states     *stateCache
	snapshots  domain.Snapshots // nil means none
	log        *slog.Logger
}

// NewEngine wires the aggregates to a store. The clock gives the time of recording.
func NewEngine(store Store, codec *domain.Codec, now func() time.Time, aggregates ...Aggregate) *Engine {
	engine := &Engine{
		store: store, codec: codec, now: now, states: newStateCache(maxStates),
		aggregates: make(map[string]Aggregate, len(aggregates)), log: slog.New(slog.DiscardHandler),
	}
	engine.snapshots, _ = store.(domain.Snapshots)
	for _, aggregate := range aggregates {
		engine.aggregates[aggregate.category] = aggregate
	}
	return engine
}

// WithLog makes the engine write one line per command.
func (e *Engine) WithLog(log *slog.Logger) *Engine {
	e.log = log
	return e
}

// Now is the engine's clock, in the log's precision.
func (e *Engine) Now() time.Time { return domain.Microseconds(e.now()) }

// Codec is what the engine reads and writes events with.
func (e *Engine) Codec() *domain.Codec { return e.codec }

// Outcome is what one command did: where its stream and the log stand for the asker, and the events that this
// very call appended (none when the wish was already true).
type Outcome struct {
	Position domain.Position
	Revision domain.Revision
	Events   []domain.Recorded
}

// Do carries out a command and answers the position after which its effect can be read. Errors are a
// *domain.Refusal, ErrBusy, or a fault.
func (e *Engine) Do(ctx context.Context, cmd domain.Command) (domain.Position, error) {
	outcome, err := e.Run(ctx, cmd)
	return outcome.Position, err
}

// Run is Do with all that the command did.
func (e *Engine) Run(ctx context.Context, cmd domain.Command) (Outcome, error) {
	aggregate, ok := e.aggregates[cmd.Stream().Category()]
	if !ok {
		return Outcome{}, fmt.Errorf("no aggregate is wired for stream %s", cmd.Stream())
	}
	for range maxConflicts {
		outcome, err := aggregate.run(ctx, e, cmd)
		if !errors.Is(err, domain.ErrConflict) {
			e.logCommand(ctx, cmd, outcome, err)
			return outcome, err
		}
	}
	e.logCommand(ctx, cmd, Outcome{}, ErrBusy)
	return Outcome{}, ErrBusy
}

// RunAt is Run under a condition: the command is decided only if its stream stands at the expected revision,
// otherwise it answers ErrConflict at once. It carries If-Match and the steps of the booking protocol.
func (e *Engine) RunAt(ctx context.Context, cmd domain.Command, expected domain.Revision) (Outcome, error) {
	aggregate, ok := e.aggregates[cmd.Stream().Category()]
	if !ok {
		return Outcome{}, fmt.Errorf("no aggregate is wired for stream %s", cmd.Stream())
	}
	outcome, err := aggregate.run(context.WithValue(ctx, expectedKey{}, expected), e, cmd)
	e.logCommand(ctx, cmd, outcome, err)
	return outcome, err
}

type expectedKey struct{}

func (e *Engine) logCommand(ctx context.Context, cmd domain.Command, outcome Outcome, err error) {
	if !e.log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	level, result := slog.LevelInfo, "done"
	switch refusal, refused := domain.AsRefusal(err); {
	case refused:
		result = refusal.Code
	case err != nil:
		level, result = slog.LevelError, err.Error()
	}
	origin := OriginOf(ctx)
	e.log.Log(ctx, level, "command", "name", fmt.Sprintf("%T", cmd), "stream", cmd.Stream(), "events",
		len(outcome.Events), "result", result, "actor", origin.Actor.ID, "channel", origin.Actor.Channel)
}

// append encodes and appends decided events. Their ids derive from the origin's, so that the same wish
// carried out twice is recognised by the store; without an origin id they are random.
func (e *Engine) append(
	ctx context.Context, origin Origin, stream domain.Stream, expected domain.Revision, events []domain.Event,
) (Outcome, error) {
	now := e.Now()
	occurred := now
	if !origin.At.IsZero() {
		occurred = domain.Microseconds(origin.At)
	}
	recorded := make([]domain.Recorded, len(events))
	stored := make([]domain.Stored, len(events))
	for i, event := range events {
		meta := domain.Metadata{
			Account: origin.Account, Actor: origin.Actor, Causation: origin.Causation,
			Correlation: origin.Correlation, OccurredAt: occurred, RecordedAt: now,
		}
		var err error
		if stored[i], err = e.codec.Encode(uuid.Nil, event, meta); err != nil {
			return Outcome{}, err
		}
		id := uuid.New()
		if origin.ID != uuid.Nil {
			id = idOf(origin, stream, expected, i, event, stored[i].Data)
		}
		stored[i].ID = id
		recorded[i] = domain.Recorded{
			Stream: stream, Revision: expected + domain.Revision(i) + 1, ID: id, Event: event, Meta: meta,
		}
	}
	appended, err := e.store.Append(ctx, stream, expected, stored)
	if err != nil {
		return Outcome{}, err
	}
	for i := range recorded {
		recorded[i].Position = appended.Position // that of the last: the others stand just before it
	}
	return Outcome{Position: appended.Position, Revision: appended.Revision, Events: recorded}, nil
}

// idOf derives an event's id from the wish, the place and what the event says. What it says must be part of it:
// one wish carried out twice at once may decide differently at the same revision, and the loser must not be
// taken for a retry of the winner. Private text does not show in it: sealed, it is never the same twice.
func idOf(
	origin Origin, stream domain.Stream, expected domain.Revision, i int, event domain.Event, data []byte,
) uuid.UUID {
	if _, personal := event.(domain.Personal); personal {
		data = fmt.Appendf(nil, "%+v", event)
	}
	return uuid.NewSHA1(domain.DeriveUUID(origin.ID, stream, int64(expected), i, event.EventType()), data)
}
