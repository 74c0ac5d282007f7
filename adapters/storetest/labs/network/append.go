package network

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// writer appends to one stream, of its own or contested, and asks for the same again until it knows what became of it.
type writer struct {
	trial     *trial
	store     domain.EventStore
	stream    domain.Stream
	contested bool
	end       domain.Revision
	asked     []domain.Stored // of which it does not know yet
	there     map[uuid.UUID]domain.Appended
	absent    map[uuid.UUID]bool // of appends that were refused
	last      domain.Position    // of what was acknowledged
}

func (x *trial) writer(store domain.EventStore, name string, contested bool) *writer {
	return &writer{
		trial: x, store: store, stream: x.stream(name), contested: contested, end: domain.NoStream,
		there: map[uuid.UUID]domain.Appended{}, absent: map[uuid.UUID]bool{},
	}
}

// appends lets writers append through the proxy and looks at what is there in the end.
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
		for tries := 0; w.asked != nil; tries++ {
			if tries == 20 {
				return fmt.Errorf("%s: what became of an append is not told in %d tries", w.stream, tries)
			}
			if _, err := w.step(); err != nil {
				return err
			}
		}
	}
	return x.examine(writers)
}

// step appends, or asks again; it got somewhere when it was told what became of it.
func (w *writer) step() (bool, error) {
	if w.asked == nil {
		if w.contested {
			if known, err := w.look(); !known {
				return false, err
			}
		}
		w.asked = events(1 + rand.IntN(3))
	}
	var appended domain.Appended
	err := w.trial.call(func(ctx context.Context) (err error) {
		appended, err = w.store.Append(ctx, w.stream, w.end, w.asked)
		return err
	})
	last := w.end + domain.Revision(len(w.asked))
	switch {
	case err == nil && appended.Revision != last:
		return false, fmt.Errorf("append to %s after revision %d: %d events were done at revision %d",
			w.stream, w.end, len(w.asked), appended.Revision)
	case err == nil:
		for i, event := range w.asked {
			w.there[event.ID] = domain.Appended{Revision: w.end + 1 + domain.Revision(i)}
		}
		w.there[w.asked[len(w.asked)-1].ID] = appended
		w.end, w.asked, w.last = last, nil, appended.Position
	case errors.Is(err, domain.ErrConflict) && w.contested:
		for _, event := range w.asked {
			w.absent[event.ID] = true
		}
		w.asked = nil
	case errors.Is(err, domain.ErrConflict):
		return false, fmt.Errorf("append to %s after revision %d: %w, though nobody else writes there", w.stream, w.end, err)
	case !passing(err):
		return false, fmt.Errorf("append: %w, which is no error of the port", err)
	}
	return err == nil || w.asked == nil, nil
}

// look finds the end of a contested stream.
func (w *writer) look() (bool, error) {
	end := domain.NoStream
	err := w.trial.call(func(ctx context.Context) error {
		for entry, err := range w.store.ReadStreamBackwards(ctx, w.stream) {
			end = entry.Revision
			return err
		}
		return nil
	})
	if err != nil && !passing(err) {
		return false, fmt.Errorf("read backwards: %w, which is no error of the port", err)
	}
	w.end = end
	return err == nil, nil
}

// events makes n events of some size, whose data begin with their ids.
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

// examine reads past the proxy what the writers left: everything acknowledged is at its place, nothing refused is
// there, and the log has each event once, in the order of the streams.
func (x *trial) examine(writers []*writer) error {
	for _, w := range writers {
		if err := x.catchUp(x.direct, w.last); err != nil {
			return err
		}
	}
	all, err := x.truth()
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
			return fmt.Errorf("%s has revision %d where %d is due", entry.Stream, entry.Revision, ends[entry.Stream])
		}
		ends[entry.Stream]++
	}
	known := 0
	for _, w := range writers {
		known += len(w.there)
		for id, place := range w.there {
			entry, there := found[id]
			if !there || entry.Revision != place.Revision ||
				!place.Position.IsZero() && entry.Position != place.Position {
				return fmt.Errorf("event %s of %s was acknowledged at revision %d, position %v; there is %d, %v (at all: %v)",
					id, w.stream, place.Revision, place.Position, entry.Revision, entry.Position, there)
			}
		}
		for id := range w.absent {
			if entry, there := found[id]; there {
				return fmt.Errorf("event %s was refused and stands at revision %d of %s", id, entry.Revision, entry.Stream)
			}
		}
	}
	if known != len(all) {
		return fmt.Errorf("%d events were acknowledged, %d are there", known, len(all))
	}
	return nil
}

// truth is the trial's part of the log, read past the proxy, each entry intact and after the one before.
func (x *trial) truth() ([]domain.Entry, error) {
	ctx, cancel := context.WithTimeout(context.Background(), x.recovery)
	defer cancel()
	var all []domain.Entry
	for entry, err := range x.direct.ReadAll(ctx, x.start, x.filter()) {
		if err != nil {
			return nil, fmt.Errorf("read past the proxy: %w", err)
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
		return fmt.Errorf("event %s of %s says %s %.60q %q", entry.ID, entry.Stream, entry.Type, entry.Data, entry.Meta)
	}
	return nil
}
