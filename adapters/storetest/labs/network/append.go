package network

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// writer appends to one stream, its own or a contested one, and retries each append until it knows the outcome.
type writer struct {
	trial     *trial
	store     domain.EventStore
	stream    domain.Stream
	contested bool
	end       domain.Revision
	pending   []domain.Stored // the append whose outcome is unknown
	stored    map[uuid.UUID]domain.Appended
	refused   map[uuid.UUID]bool
	last      domain.Position // of the last acknowledged event
}

func (x *trial) writer(store domain.EventStore, name string, contested bool) *writer {
	return &writer{
		trial: x, store: store, stream: x.stream(name), contested: contested, end: domain.NoStream,
		stored: map[uuid.UUID]domain.Appended{}, refused: map[uuid.UUID]bool{},
	}
}

// appends runs writers through the proxy and then checks the log.
func (x *trial) appends() error {
	writers := []*writer{
		x.writer(x.store, "own-1", false), x.writer(x.store, "own-2", false), x.writer(x.store, "own-3", false),
		x.writer(x.store, "contested", true), x.writer(x.store, "contested", true),
	}
	var workers []worker
	for _, w := range writers {
		workers = append(workers, steps(w.step))
	}
	if err := x.under(workers...); err != nil {
		return err
	}
	for _, w := range writers {
		for deadline := time.Now().Add(x.recovery); w.pending != nil; {
			if time.Now().After(deadline) {
				return fmt.Errorf("%s: the outcome of an append is still unknown after %s", w.stream, x.recovery)
			}
			if _, err := w.step(); err != nil {
				return err
			}
		}
	}
	return x.examine(writers)
}

// step makes or retries an append. It made progress if it learned the outcome.
func (w *writer) step() (bool, error) {
	if w.pending == nil {
		if w.contested {
			if known, err := w.findEnd(); !known {
				return false, err
			}
		}
		w.pending = events(1 + rand.IntN(3))
	}
	var appended domain.Appended
	err := w.trial.call(func(ctx context.Context) (err error) {
		appended, err = w.store.Append(ctx, w.stream, w.end, w.pending)
		return err
	})
	last := w.end + domain.Revision(len(w.pending))
	switch {
	case err == nil && appended.Revision != last:
		return false, fmt.Errorf("append to %s after revision %d: %d events ended at revision %d",
			w.stream, w.end, len(w.pending), appended.Revision)
	case err == nil:
		for i, event := range w.pending {
			w.stored[event.ID] = domain.Appended{Revision: w.end + 1 + domain.Revision(i)}
		}
		w.stored[w.pending[len(w.pending)-1].ID] = appended
		w.end, w.pending, w.last = last, nil, appended.Position
	case errors.Is(err, domain.ErrConflict) && w.contested:
		for _, event := range w.pending {
			w.refused[event.ID] = true
		}
		w.pending = nil
	case errors.Is(err, domain.ErrConflict):
		return false, fmt.Errorf("append to %s after revision %d: %w, though it is the only writer", w.stream, w.end, err)
	case !temporary(err):
		return false, fmt.Errorf("append: %w, which is not an error of the port", err)
	}
	return err == nil || w.pending == nil, nil
}

// findEnd finds the end of a contested stream.
func (w *writer) findEnd() (bool, error) {
	end := domain.NoStream
	err := w.trial.call(func(ctx context.Context) error {
		for entry, err := range w.store.ReadStreamBackwards(ctx, w.stream) {
			end = entry.Revision
			return err
		}
		return nil
	})
	if err != nil && !temporary(err) {
		return false, fmt.Errorf("read backwards: %w, which is not an error of the port", err)
	}
	w.end = end
	return err == nil, nil
}

// events returns n events of random size, whose data begins with their ids.
func events(n int) []domain.Stored {
	made := make([]domain.Stored, n)
	for i := range made {
		id := uuid.New()
		made[i] = domain.Stored{
			ID: id, Type: "Tried", Data: []byte(id.String() + strings.Repeat("x", rand.IntN(1500))), Meta: []byte("{}"),
		}
	}
	return made
}

// examine reads the log directly and checks it: every acknowledged event is at its place, no refused event is there,
// and each event is there once, in the order of its stream.
func (x *trial) examine(writers []*writer) error {
	for _, w := range writers {
		if err := x.catchUp(x.direct, w.last); err != nil {
			return err
		}
	}
	all, err := x.log()
	if err != nil {
		return err
	}
	found := map[uuid.UUID]domain.Entry{}
	ends := map[domain.Stream]domain.Revision{}
	for _, entry := range all {
		if _, twice := found[entry.ID]; twice {
			return fmt.Errorf("event %s is in the log twice", entry.ID)
		}
		found[entry.ID] = entry
		if entry.Revision != ends[entry.Stream] {
			return fmt.Errorf("%s has revision %d, want %d", entry.Stream, entry.Revision, ends[entry.Stream])
		}
		ends[entry.Stream]++
	}
	known := 0
	for _, w := range writers {
		known += len(w.stored)
		for id, place := range w.stored {
			entry, there := found[id]
			if !there || entry.Revision != place.Revision ||
				!place.Position.IsZero() && entry.Position != place.Position {
				return fmt.Errorf("event %s of %s was acknowledged at revision %d, position %v; the log has %d, %v (found: %v)",
					id, w.stream, place.Revision, place.Position, entry.Revision, entry.Position, there)
			}
		}
		for id := range w.refused {
			if entry, there := found[id]; there {
				return fmt.Errorf("event %s was refused but is at revision %d of %s", id, entry.Revision, entry.Stream)
			}
		}
	}
	if known != len(all) {
		return fmt.Errorf("%d events were acknowledged, the log has %d", known, len(all))
	}
	return nil
}

// log returns the part of the log that belongs to the trial, read directly. It checks that each entry is intact and
// comes after the one before.
func (x *trial) log() ([]domain.Entry, error) {
	ctx, cancel := context.WithTimeout(context.Background(), x.recovery)
	defer cancel()
	var all []domain.Entry
	for entry, err := range x.direct.ReadAll(ctx, x.start, x.filter()) {
		if err != nil {
			return nil, fmt.Errorf("read directly: %w", err)
		}
		if len(all) > 0 && !all[len(all)-1].Position.Before(entry.Position) {
			return nil, fmt.Errorf("position %v does not come after %v", entry.Position, all[len(all)-1].Position)
		}
		if err := intact(entry); err != nil {
			return nil, err
		}
		all = append(all, entry)
	}
	return all, nil
}

func intact(entry domain.Entry) error {
	if !strings.HasPrefix(string(entry.Data), entry.ID.String()) || string(entry.Meta) != "{}" || entry.Type != "Tried" {
		return fmt.Errorf("event %s of %s has type %s, data %.60q, metadata %q", entry.ID, entry.Stream, entry.Type, entry.Data, entry.Meta)
	}
	return nil
}
