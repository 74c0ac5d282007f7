package kurrentdb

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// Append implements domain.Appender. It returns when the node has confirmed that the events are written, on a
// majority of the nodes of a cluster. While the outcome is unknown it retries with the same ids, for as long as
// Options.Patience allows.
func (s *Store) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	if err := domain.CheckAppend(stream, expected, events); err != nil {
		return domain.Appended{}, err
	}
	if s.progress.full() {
		if _, err := s.Head(ctx); err == nil {
			s.progress.dropOldest()
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
	if err := contextErr(ctx); err != nil {
		return appended, err
	}
	pending, seen := s.progress.begin(stream)
	attempts, unknown := 0, false
	defer func() {
		outcome := outcomeNotWritten
		switch {
		case err == nil:
			outcome = outcomeWritten
		case unknown:
			outcome = outcomeUnknown
		}
		s.progress.finish(stream, pending, outcome)
	}()
	work := func(ctx context.Context, client *esdb.Client) (*esdb.WriteResult, error) {
		options := esdb.AppendToStreamOptions{ExpectedRevision: expectation(expected), Deadline: &s.attemptTimeout}
		return client.AppendToStream(ctx, s.streamName(string(stream)), options, encode(events)...)
	}
	for r := s.newRetrier(); ; {
		attempts++
		result, err := callDetached(ctx, s.supervisor, s.attemptTimeout+grace, work)
		switch {
		case err == nil:
			position := domain.NewPosition(result.CommitPosition, result.PreparePosition)
			if attempts > 1 || !seen.Before(position) || !s.progress.isOnly(pending) ||
				result.NextExpectedVersion != uint64(expected)+uint64(len(events)) {
				return s.confirm(ctx, stream, expected, events)
			}
			if len(events) > 1 && !s.progress.trustsPositions() {
				return s.checkPositionOf(ctx, stream, expected, events, position)
			}
			s.progress.advance(position)
			return domain.Appended{Revision: expected + domain.Revision(len(events)), Position: position}, nil
		case classify(err) == wrongRevision:
			return s.confirm(ctx, stream, expected, events)
		}
		unknown = true
		if errors.Is(err, io.EOF) && attempts == maxBrokenOff && sizeOf(events) > leastLimit {
			return appended, tooLarge(err)
		}
		if err := r.pause(ctx, s.supervisor, err); err != nil {
			return appended, err
		}
	}
}

const (
	// maxBrokenOff limits the attempts at a large append whose connection drops midway. The node may have refused its
	// size, but then the client loses the reason, and a retry would fail too.
	maxBrokenOff = 4
	// leastLimit is a size in bytes that every node accepts: the default MaxAppendSize is 1 MiB. A smaller append that
	// breaks off has met a bad network.
	leastLimit = 900_000
)

// sizeOf estimates the size of events on the node.
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

// confirm reads what follows the expected revision. It succeeds if that is exactly this append, else it returns a
// conflict.
func (s *Store) confirm(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	conflict := fmt.Errorf("the stream is not at revision %d: %w", expected, domain.ErrConflict)
	first := max(expected, 0) // includes the event before, which must be the last one of its append
	want := uint64(expected+1-first) + uint64(len(events))
	records, err := s.recordsFrom(ctx, stream, first, want, domain.MaxEventBytes+sizeOf(events))
	if err != nil {
		return domain.Appended{}, err
	}
	if uint64(len(records)) != want {
		return domain.Appended{}, conflict
	}
	for i, r := range records {
		n := int(first) + i - int(expected) - 1 // the index in events
		switch {
		case r.Revision != first+domain.Revision(i):
			return domain.Appended{}, conflict
		case n < 0 && r.Rest != 0, n >= 0 && (r.ID != events[n].ID || r.Rest != len(events)-1-n):
			return domain.Appended{}, conflict
		}
	}
	last := records[len(records)-1]
	s.progress.advance(last.Position)
	return domain.Appended{Revision: last.Revision, Position: last.Position}, nil
}

// recordsFrom reads up to want records of a stream. It stops early when they exceed maxBytes: then they cannot be the
// append that confirm looks for.
func (s *Store) recordsFrom(
	ctx context.Context, stream domain.Stream, first domain.Revision, want uint64, maxBytes int,
) (records []record, err error) {
	for uint64(len(records)) < want && maxBytes >= 0 {
		next := uint64(first) + uint64(len(records))
		found, err := s.page(ctx, stream, esdb.Forwards, esdb.Revision(next), want-uint64(len(records)), maxBytes)
		if err != nil && classify(err) != noStream {
			return nil, err
		}
		records = append(records, found.records...)
		if !found.more || len(found.records) == 0 {
			break
		}
		for i := range found.records {
			maxBytes -= found.records[i].size()
		}
	}
	return records, nil
}

// checkPositionOf confirms a new append, and notes whether the position in the reply was that of its last event.
func (s *Store) checkPositionOf(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
	position domain.Position,
) (domain.Appended, error) {
	appended, err := s.confirm(ctx, stream, expected, events)
	if err == nil {
		s.progress.checkedPosition(appended.Position == position)
	}
	return appended, err
}
