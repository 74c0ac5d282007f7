package commands

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/clickbook/clickbook/domain"
)

// snapshotEvery is the least number of events between two snapshots of a stream. A long stream also waits until it
// has grown by an eighth, because its state may be large and is written whole: so an event pays for at most nine times
// its part of the state, however long the stream is.
const snapshotEvery = 500

// enoughEvents is the number of events after which an append takes no further command. A refund can have thousands.
const enoughEvents = 256

// Aggregate is a decider without its type parameters: an engine holds many.
type Aggregate struct {
	category string
	types    domain.Types
	run      func(ctx context.Context, e *Engine, group []*request) // sets the outcome or error of each request
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
		run:      func(ctx context.Context, e *Engine, group []*request) { decide(ctx, e, decider, group) },
	}
}

// decide runs commands to one stream: it loads the stream, decides each command on the state that the one before it
// leaves, appends all events at once and remembers the state. When the append meets a conflict, every command has it.
func decide[S any, C domain.Command, E domain.Event](
	ctx context.Context, e *Engine, decider domain.Decider[S, C, E], group []*request,
) {
	fail := func(err error) {
		for _, r := range group {
			r.outcome, r.err = Outcome{}, err
		}
	}
	stream := group[0].cmd.Stream()
	before, err := load(ctx, e, decider, stream)
	if err != nil {
		fail(err)
		return
	}
	after := before
	var events []domain.Stored
	for _, r := range group {
		if len(events) >= enoughEvents {
			r.err = domain.ErrConflict // decide it again, after these events
			continue
		}
		var decided []domain.Stored
		decided, r.err = decideOne(e, decider, &after, r)
		events = append(events, decided...)
	}
	if len(events) == 0 {
		// Appending would find out that a remembered state is old. A refusal appends nothing, so check it against the
		// store.
		fresh, moved, err := refresh(ctx, e, decider, stream, before)
		switch {
		case err != nil:
			fail(err)
		case moved:
			e.remember(ctx, decider.SnapshotVersion, stream, fresh.cached())
			fail(domain.ErrConflict)
		default:
			settle(group, before.position, before.revision)
		}
		return
	}
	appended, err := e.append(ctx, stream, before.revision, events)
	if err != nil {
		e.states.forget(stream)
		fail(err)
		return
	}
	settle(group, appended.Position, appended.Revision)
	after.revision, after.position = appended.Revision, appended.Position
	e.remember(ctx, decider.SnapshotVersion, stream, after.cached())
}

// decideOne decides one command, encodes its events, and changes the state by them.
func decideOne[S any, C domain.Command, E domain.Event](
	e *Engine, decider domain.Decider[S, C, E], at *loaded[S], r *request,
) ([]domain.Stored, error) {
	cmd, ok := r.cmd.(C)
	switch {
	case !ok:
		return nil, fmt.Errorf("%T is not a command of %s", r.cmd, decider.Category)
	case at.revision != domain.NoStream && !r.origin.mayTouch(at.account):
		return nil, errNotYours
	case r.expected != nil && *r.expected != at.revision:
		return nil, domain.ErrConflict
	}
	events, err := decider.Decide(at.state, cmd)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	if r.origin.installation { // the events belong to the account of the stream
		r.origin.account = at.account
	}
	plain := make([]domain.Event, len(events))
	for i, event := range events {
		plain[i] = event
	}
	stored, err := e.encode(r, at.revision, plain)
	if err != nil {
		return nil, err
	}
	for _, event := range events {
		at.state = decider.Evolve(at.state, event)
	}
	if at.account.IsZero() {
		at.account = r.origin.account
	}
	at.revision += domain.Revision(len(events))
	return stored, nil
}

// settle sets the place from which the effect of each request that did not fail can be read.
func settle(group []*request, position domain.Position, revision domain.Revision) {
	for _, r := range group {
		if r.err != nil {
			continue
		}
		r.outcome.Position, r.outcome.Revision = position, revision
		for i := range r.outcome.Events {
			r.outcome.Events[i].Position = position // of the last event; the others are just before it
			r.outcome.Revision = r.outcome.Events[i].Revision
		}
	}
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
	return cachedState{
		state: l.state, revision: l.revision, position: l.position, account: l.account, kept: l.kept,
	}
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

// fromSnapshot replaces a state by the newest snapshot of its stream, if there is one.
func fromSnapshot[S any, C domain.Command, E domain.Event](
	ctx context.Context, e *Engine, decider domain.Decider[S, C, E], stream domain.Stream, into *loaded[S],
) error {
	revision, data, err := e.snapshots.LoadSnapshot(ctx, stream, decider.SnapshotVersion)
	if err != nil || revision == domain.NoStream {
		return err
	}
	state := decider.Initial
	head, err := decodeState(stream, revision, data, &state)
	if err != nil {
		return nil // a snapshot is a cache: if it cannot be read, the stream is folded from its start
	}
	*into = loaded[S]{state, revision, head.Position, head.Account, revision}
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
	data, err := encodeState(stream, state.revision, stateHead{state.account, state.position}, state.state)
	if err != nil {
		return err
	}
	return e.snapshots.SaveSnapshot(ctx, stream, version, state.revision, data)
}
