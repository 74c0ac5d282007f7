package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/clickbook/clickbook/domain"
)

// snapshotEvery is the least number of events between two snapshots of a stream. A long stream also waits until it
// has grown by an eighth, because its state may be large and is written whole.
const snapshotEvery = 500

// Aggregate is a decider without its type parameters: an engine holds many.
type Aggregate struct {
	category string
	types    domain.Types
	run      func(context.Context, *Engine, Origin, domain.Command, *domain.Revision) (Outcome, error) // as Engine.try
}

// Category returns the first part of the names of the aggregate's streams.
func (a Aggregate) Category() string { return a.category }

// Types returns the types of the events that the aggregate's streams may hold.
func (a Aggregate) Types() domain.Types { return a.types }

// Wire makes an aggregate of a decider.
func Wire[S any, C domain.Command, E domain.Event](decider domain.Decider[S, C, E]) Aggregate {
	return Aggregate{
		category: decider.Category,
		types:    decider.Types,
		run: func(
			ctx context.Context, e *Engine, origin Origin, cmd domain.Command, expected *domain.Revision,
		) (Outcome, error) {
			typed, ok := cmd.(C)
			if !ok {
				return Outcome{}, fmt.Errorf("%T is not a command of %s", cmd, decider.Category)
			}
			return decide(ctx, e, decider, origin, typed, expected)
		},
	}
}

// decide runs one command: it loads the stream, checks its account and revision, decides, appends and remembers.
func decide[S any, C domain.Command, E domain.Event](
	ctx context.Context, e *Engine, decider domain.Decider[S, C, E], origin Origin, cmd C, expected *domain.Revision,
) (Outcome, error) {
	stream := cmd.Stream()
	loaded, err := load(ctx, e, decider, stream)
	if err != nil {
		return Outcome{}, err
	}
	if loaded.revision != domain.NoStream && !origin.mayTouch(loaded.account) {
		return Outcome{}, errNotYours
	}
	if expected != nil && *expected != loaded.revision {
		e.states.forget(stream)
		return Outcome{}, domain.ErrConflict
	}
	events, err := decider.Decide(loaded.state, cmd)
	if err != nil || len(events) == 0 {
		// Appending would find out that a remembered state is old. A refusal appends nothing, so check it against the
		// store.
		if fresh, moved, err := refresh(ctx, e, decider, stream, loaded); err != nil {
			return Outcome{}, err
		} else if moved {
			e.remember(ctx, decider.SnapshotVersion, stream, fresh.cached())
			return Outcome{}, domain.ErrConflict
		}
		return Outcome{Position: loaded.position, Revision: loaded.revision}, err
	}
	plain := make([]domain.Event, len(events))
	for i, event := range events {
		plain[i] = event
	}
	if origin.installation { // the events belong to the account of the stream
		origin.account = loaded.account
	}
	outcome, err := e.append(ctx, origin, stream, loaded.revision, plain)
	if err != nil {
		e.states.forget(stream)
		return Outcome{}, err
	}
	for _, event := range events {
		loaded.state = decider.Evolve(loaded.state, event)
	}
	if loaded.account.IsZero() {
		loaded.account = origin.account
	}
	loaded.revision, loaded.position = outcome.Revision, outcome.Position
	e.remember(ctx, decider.SnapshotVersion, stream, loaded.cached())
	return outcome, nil
}

var errNotYours = domain.Refuse(domain.Unknown, "unknown", "there is no such thing in this account; check the id")

// Load returns the state of a stream and its revision, NoStream if it has no events. The state may be the remembered
// one, and older than the store's. That is safe for a decision, which is checked when it is appended.
func Load[S any, C domain.Command, E domain.Event](
	ctx context.Context, e *Engine, decider domain.Decider[S, C, E], stream domain.Stream,
) (S, domain.Revision, error) {
	loaded, err := load(ctx, e, decider, stream)
	return loaded.state, loaded.revision, err
}

// LoadCurrent is Load with the events that other nodes have appended since, for a decision that is about another
// stream: nothing would find out that the state is old.
func LoadCurrent[S any, C domain.Command, E domain.Event](
	ctx context.Context, e *Engine, decider domain.Decider[S, C, E], stream domain.Stream,
) (S, error) {
	known, err := load(ctx, e, decider, stream)
	if err != nil {
		return known.state, err
	}
	fresh, moved, err := refresh(ctx, e, decider, stream, known)
	if err == nil && moved {
		e.remember(ctx, decider.SnapshotVersion, stream, fresh.cached())
	}
	return fresh.state, err
}

// LoadKnown is Load for a stream that a stranger may name, such as one who sends a key. It remembers nothing of a
// stream without events: the names that a stranger can think of must not fill the memory.
func LoadKnown[S any, C domain.Command, E domain.Event](
	ctx context.Context, e *Engine, decider domain.Decider[S, C, E], stream domain.Stream,
) (S, domain.Revision, error) {
	if hit, ok := recall[S](e, stream); ok {
		return hit.state, hit.revision, nil
	}
	read, err := read(ctx, e, decider, stream)
	if err == nil && read.revision != domain.NoStream {
		e.remember(ctx, decider.SnapshotVersion, stream, read.cached())
	}
	return read.state, read.revision, err
}

type loaded[S any] struct {
	state    S
	revision domain.Revision
	position domain.Position
	account  domain.AccountID // of the first event
	kept     domain.Revision  // revision of the newest snapshot
}

func (l loaded[S]) cached() cachedState {
	return cachedState{l.state, l.revision, l.position, l.account, l.kept}
}

func load[S any, C domain.Command, E domain.Event](
	ctx context.Context, e *Engine, decider domain.Decider[S, C, E], stream domain.Stream,
) (loaded[S], error) {
	if e.logger.Enabled(ctx, slog.LevelDebug) {
		e.logger.LogAttrs(ctx, slog.LevelDebug, "load", slog.Any("stream", stream))
	}
	if hit, ok := recall[S](e, stream); ok {
		return hit, nil
	}
	result, err := read(ctx, e, decider, stream)
	if err == nil {
		e.remember(ctx, decider.SnapshotVersion, stream, result.cached())
	}
	return result, err
}

// recall returns the remembered state of a stream.
func recall[S any](e *Engine, stream domain.Stream) (loaded[S], bool) {
	hit, ok := e.states.find(stream)
	state, fits := hit.state.(S)
	return loaded[S]{state, hit.revision, hit.position, hit.account, hit.kept}, ok && fits
}

// read folds a stream as the store has it.
func read[S any, C domain.Command, E domain.Event](
	ctx context.Context, e *Engine, decider domain.Decider[S, C, E], stream domain.Stream,
) (loaded[S], error) {
	result := loaded[S]{state: decider.Initial, revision: domain.NoStream, kept: domain.NoStream}
	if decider.SnapshotVersion > 0 && e.snapshots != nil {
		if err := fromSnapshot(ctx, e, decider, stream, &result); err != nil {
			return result, err
		}
	}
	result, _, err := refresh(ctx, e, decider, stream, result)
	return result, err
}

// refresh folds the events that the store has after a loaded state. It reports whether there were any.
func refresh[S any, C domain.Command, E domain.Event](
	ctx context.Context, e *Engine, decider domain.Decider[S, C, E], stream domain.Stream, result loaded[S],
) (fresh loaded[S], moved bool, err error) {
	for entry, err := range e.store.ReadStream(ctx, stream, result.revision+1) {
		if err != nil {
			return result, moved, fmt.Errorf("load %s: %w", stream, err)
		}
		recorded, err := e.codec.Decode(entry)
		if err != nil {
			return result, moved, err
		}
		event, ok := recorded.Event.(E)
		if !ok {
			return result, moved, fmt.Errorf("load %s: revision %d has the type %s, which is not an event of a %s",
				stream, entry.Revision, entry.Type, decider.Category)
		}
		result.state = decider.Evolve(result.state, event)
		if result.revision == domain.NoStream {
			result.account = recorded.Meta.Account
		}
		result.revision, result.position, moved = entry.Revision, entry.Position, true
	}
	return result, moved, nil
}

// storedState is the stored form of a snapshot. S is the state when it is written, json.RawMessage when it is read.
type storedState[S any] struct {
	Account  domain.AccountID `json:"account"`
	Position domain.Position  `json:"position"`
	State    S                `json:"state"`
}

// fromSnapshot replaces a state by the newest snapshot of its stream, if there is one.
func fromSnapshot[S any, C domain.Command, E domain.Event](
	ctx context.Context, e *Engine, decider domain.Decider[S, C, E], stream domain.Stream, into *loaded[S],
) error {
	revision, data, err := e.snapshots.LoadSnapshot(ctx, stream, decider.SnapshotVersion)
	if err != nil || revision == domain.NoStream {
		return err
	}
	data, ok := stateOf(stream, revision, data)
	var stored storedState[json.RawMessage]
	if !ok || json.Unmarshal(data, &stored) != nil {
		return nil // a snapshot is a cache: if it cannot be read, the stream is folded from its start
	}
	state := decider.Initial
	if err := json.Unmarshal(stored.State, &state); err != nil {
		return nil
	}
	*into = loaded[S]{state, revision, stored.Position, stored.Account, revision}
	return nil
}

// remember keeps a state in memory and, after enough events, as a snapshot. A failure to write one only costs time.
func (e *Engine) remember(ctx context.Context, snapshotVersion int, stream domain.Stream, state cachedState) {
	if snapshotVersion > 0 && e.snapshots != nil && state.revision-state.kept >= max(snapshotEvery, state.kept/8) {
		if e.snapshot(ctx, snapshotVersion, stream, state) == nil {
			state.kept = state.revision
		}
	}
	e.states.keep(stream, state)
}

func (e *Engine) snapshot(ctx context.Context, version int, stream domain.Stream, state cachedState) error {
	data, err := json.Marshal(storedState[any]{Account: state.account, Position: state.position, State: state.state})
	if err != nil {
		return err
	}
	return e.snapshots.SaveSnapshot(ctx, stream, version, state.revision, checkedState(stream, state.revision, data))
}
