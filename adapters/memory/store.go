// Package memory is an event store for tests and short-lived tools. It keeps the whole log in memory and fulfils the
// same contract as every other store, except that it is not durable.
package memory

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// Store implements domain.EventStore and domain.Snapshots. The zero value is not ready: use New.
type Store struct {
	mu        sync.RWMutex
	log       []domain.Entry          // append-only, so a reader may keep a slice of it
	streams   map[domain.Stream][]int // places in log, by revision
	grown     chan struct{}           // closed and replaced when the log grows
	snapshots map[domain.Stream]snapshot
	marks     map[string]string
}

type snapshot struct {
	version  int
	revision domain.Revision
	state    []byte
}

var (
	_ domain.EventStore = (*Store)(nil)
	_ domain.Snapshots  = (*Store)(nil)
)

// New returns an empty log.
func New() *Store {
	return &Store{
		streams: map[domain.Stream][]int{}, grown: make(chan struct{}), snapshots: map[domain.Stream]snapshot{},
		marks: map[string]string{},
	}
}

// Append implements domain.Appender.
func (s *Store) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	if err := domain.CheckAppend(stream, expected, events); err != nil {
		return domain.Appended{}, err
	}
	if err := ctx.Err(); err != nil {
		return domain.Appended{}, fmt.Errorf("append to %s: %w", stream, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	places := s.streams[stream]
	if head := domain.Revision(len(places) - 1); head != expected {
		if s.has(places, expected, events) {
			return s.appended(places[int(expected)+len(events)]), nil
		}
		return domain.Appended{}, fmt.Errorf("append to %s at revision %d, not %d: %w",
			stream, head, expected, domain.ErrConflict)
	}
	for i, event := range events {
		place := len(s.log)
		places = append(places, place)
		s.log = append(s.log, domain.Entry{
			Stored: owned(event), Position: domain.NewPosition(uint64(place)+1, 0),
			Stream: stream, Revision: domain.Revision(len(places) - 1), Rest: len(events) - 1 - i,
		})
	}
	s.streams[stream] = places
	close(s.grown)
	s.grown = make(chan struct{})
	return s.appended(places[len(places)-1]), nil
}

// has reports whether exactly these events were appended, as one append, after the expected revision.
func (s *Store) has(places []int, expected domain.Revision, events []domain.Stored) bool {
	first := int(expected) + 1
	if first+len(events) > len(places) || s.log[places[first]].Rest != len(events)-1 {
		return false
	}
	if first > 0 && s.log[places[first-1]].Rest != 0 {
		return false
	}
	for i, event := range events {
		if s.log[places[first+i]].ID != event.ID {
			return false
		}
	}
	return true
}

func (s *Store) appended(place int) domain.Appended {
	return domain.Appended{Revision: s.log[place].Revision, Position: s.log[place].Position}
}

// ReadStream implements domain.StreamReader.
func (s *Store) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		log, places := s.stream(stream)
		for _, place := range places[min(max(0, int(from)), len(places)):] {
			if !give(ctx, log[place], yield) {
				return
			}
		}
	}
}

// ReadStreamBackwards implements domain.StreamReader.
func (s *Store) ReadStreamBackwards(ctx context.Context, stream domain.Stream) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		log, places := s.stream(stream)
		for _, place := range slices.Backward(places) {
			if !give(ctx, log[place], yield) {
				return
			}
		}
	}
}

// ReadAll implements domain.LogReader.
func (s *Store) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		s.mu.RLock()
		log := s.log
		s.mu.RUnlock()
		seen, _ := after.Pair()
		for _, r := range log[min(seen, uint64(len(log))):] {
			if filter.Passes(r) && !give(ctx, r, yield) {
				return
			}
		}
	}
}

// Head implements domain.LogReader.
func (s *Store) Head(ctx context.Context) (domain.Position, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return domain.NewPosition(uint64(len(s.log)), 0), ctx.Err()
}

// SaveSnapshot implements domain.Snapshots. It keeps the last snapshot of each stream.
func (s *Store) SaveSnapshot(
	ctx context.Context, stream domain.Stream, version int, revision domain.Revision, state []byte,
) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshots[stream] = snapshot{version, revision, bytes.Clone(state)}
	return ctx.Err()
}

// LoadSnapshot implements domain.Snapshots.
func (s *Store) LoadSnapshot(
	ctx context.Context, stream domain.Stream, version int,
) (domain.Revision, []byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if kept, ok := s.snapshots[stream]; ok && kept.version == version {
		return kept.revision, bytes.Clone(kept.state), ctx.Err()
	}
	return domain.NoStream, nil, ctx.Err()
}

// Mark implements domain.Marks.
func (s *Store) Mark(ctx context.Context, name string) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.marks[name], ctx.Err()
}

// SetMark implements domain.Marks.
func (s *Store) SetMark(ctx context.Context, name, before, after string) error {
	if err := domain.CheckMark(name, before, after); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("mark %s: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.marks[name]; now != before && now != after {
		return fmt.Errorf("mark %s is %q, not %q: %w", name, now, before, domain.ErrConflict)
	}
	s.marks[name] = after
	return nil
}

func (s *Store) stream(stream domain.Stream) ([]domain.Entry, []int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.log, s.streams[stream]
}

func give(ctx context.Context, r domain.Entry, yield func(domain.Entry, error) bool) bool {
	if err := ctx.Err(); err != nil {
		yield(domain.Entry{}, fmt.Errorf("read: %w", err))
		return false
	}
	r.Stored = owned(r.Stored)
	return yield(r, nil)
}

func owned(event domain.Stored) domain.Stored {
	event.Data, event.Meta = bytes.Clone(event.Data), bytes.Clone(event.Meta)
	return event
}
