package kurrentdb

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// Append implements domain.Appender. It returns when the node has said that the events are written, on as many nodes
// as its cluster asks for. While the outcome is unknown it asks again, with the same ids, for as long as
// Options.Patience says.
func (s *Store) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	if err := domain.CheckAppend(stream, expected, events); err != nil {
		return domain.Appended{}, err
	}
	if s.horizon.crammed() {
		if _, err := s.Head(ctx); err == nil {
			s.horizon.forget()
		}
	}
	appended, err := s.append(ctx, stream, expected, events)
	if err != nil {
		return domain.Appended{}, fmt.Errorf("append to %s: %w", stream, err)
	}
	return appended, nil
}

func (s *Store) append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (appended domain.Appended, err error) {
	if err := ended(ctx); err != nil {
		return appended, err
	}
	flight, seen := s.horizon.board(stream)
	tries, unknown := 0, false
	defer func() {
		s.horizon.land(stream, flight, err != nil && unknown, err == nil)
	}()
	work := func(ctx context.Context, client *esdb.Client) (*esdb.WriteResult, error) {
		options := esdb.AppendToStreamOptions{ExpectedRevision: expectation(expected), Deadline: &s.attempt}
		return client.AppendToStream(ctx, s.name(string(stream)), options, propose(events)...)
	}
	for p := s.patience(); ; {
		tries++
		result, err := askFor(ctx, s.supervisor, s.attempt+grace, true, work)
		switch {
		case err == nil:
			place := domain.NewPosition(result.CommitPosition, result.PreparePosition)
			if tries > 1 || !seen.Before(place) || !s.horizon.alone(flight) ||
				result.NextExpectedVersion != uint64(expected)+uint64(len(events)) {
				return s.confirm(ctx, stream, expected, events)
			}
			if len(events) > 1 && !s.horizon.trusts() {
				return s.compare(ctx, stream, expected, events, place)
			}
			s.horizon.reach(place)
			return domain.Appended{Revision: expected + domain.Revision(len(events)), Position: place}, nil
		case judge(err) == wrong:
			return s.confirm(ctx, stream, expected, events)
		}
		unknown = true
		if errors.Is(err, io.EOF) && tries == maxBrokenOff && sizeOf(events) > leastLimit {
			return appended, tooLarge(err)
		}
		if err := p.pause(ctx, s.supervisor, err); err != nil {
			return appended, err
		}
	}
}

// maxBrokenOff is how often a large append is sent anew that the node did not take to its end. The client loses the
// node's reason then, which may be the size of the append, and that would not change. One that any node takes meets a
// bad network only.
const (
	maxBrokenOff = 4
	leastLimit   = 900_000 // bytes; a node takes 1 MiB unless it is told otherwise
)

// sizeOf is about what events take on the node.
func sizeOf(events []domain.Stored) (bytes int) {
	for i := range events {
		bytes += len(events[i].Data) + len(events[i].Meta) + 512
	}
	return bytes
}

func expectation(expected domain.Revision) esdb.ExpectedRevision {
	if expected == domain.NoStream {
		return esdb.NoStream{}
	}
	return esdb.Revision(uint64(expected))
}

// confirm reads what stands behind the expected revision: the place of this very append, or a conflict.
func (s *Store) confirm(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	conflict := fmt.Errorf("the stream is not at revision %d: %w", expected, domain.ErrConflict)
	first := max(expected, 0) // the event before must be the last of its own append
	want := uint64(expected+1-first) + uint64(len(events))
	bytes := domain.MaxEventBytes + sizeOf(events) // what is larger than the append and one event before, is not the same
	var records []record
	for uint64(len(records)) < want {
		next := uint64(first) + uint64(len(records))
		found, err := s.page(ctx, stream, esdb.Forwards, esdb.Revision(next), want-uint64(len(records)), bytes)
		if err != nil && judge(err) != missing {
			return domain.Appended{}, err
		}
		records = append(records, found.records...)
		if !found.more || len(found.records) == 0 {
			break
		}
		for i := range found.records {
			bytes -= found.records[i].size()
		}
		if bytes < 0 {
			break
		}
	}
	if uint64(len(records)) != want {
		return domain.Appended{}, conflict
	}
	for i, r := range records {
		n := int(first) + i - int(expected) - 1 // which event of the append
		switch {
		case r.Revision != first+domain.Revision(i):
			return domain.Appended{}, conflict
		case n < 0 && r.Rest != 0, n >= 0 && (r.ID != events[n].ID || r.Rest != len(events)-1-n):
			return domain.Appended{}, conflict
		}
	}
	last := records[len(records)-1]
	s.horizon.reach(last.Position)
	return domain.Appended{Revision: last.Revision, Position: last.Position}, nil
}

// compare confirms a fresh append, to learn whether the place the node answered is that of its last event.
func (s *Store) compare(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored, place domain.Position,
) (domain.Appended, error) {
	appended, err := s.confirm(ctx, stream, expected, events)
	if err == nil {
		s.horizon.trust(appended.Position == place)
	}
	return appended, err
}
