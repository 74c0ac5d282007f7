package kurrentdb

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/clickbook/clickbook/domain"
)

// ErrTruncated means that the log no longer has a position that was read before. A cluster that elects a leader
// without the last events truncates the log and writes other events in their place. What was built on the lost events
// must be built again, the read models by clickbook rebuild.
var ErrTruncated = errors.New("the log no longer has a position that was read from it, as after an election that " +
	"loses events: rebuild the read models, and look in the node's log for what was lost")

// ReadStream implements domain.StreamReader.
func (s *Store) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		next := max(from, 0)
		s.pages(ctx, yield, func(rows uint64) (entries []domain.Entry, more bool, err error) {
			found, err := s.page(ctx, stream, esdb.Forwards, esdb.Revision(uint64(next)), rows, pageBytes)
			if err != nil && classify(err) == noStream {
				return nil, false, nil
			}
			for _, r := range found.records {
				switch {
				case !r.ours || r.Revision < next:
					continue
				case r.Revision > next:
					return entries, false, missingRevision(stream, next)
				}
				next++
				entries = append(entries, r.Entry)
			}
			return entries, found.more, err
		})
	}
}

// ReadStreamBackwards implements domain.StreamReader.
func (s *Store) ReadStreamBackwards(ctx context.Context, stream domain.Stream) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		var at esdb.StreamPosition = esdb.End{}
		next := domain.NoStream // the next expected revision, NoStream while it is unknown
		s.pages(ctx, yield, func(rows uint64) (entries []domain.Entry, more bool, err error) {
			found, err := s.page(ctx, stream, esdb.Backwards, at, rows, pageBytes)
			if err != nil && classify(err) == noStream {
				return nil, false, nil
			}
			for _, r := range found.records {
				if !r.ours || next != domain.NoStream && r.Revision > next {
					continue
				}
				if next != domain.NoStream && r.Revision < next {
					return entries, false, missingRevision(stream, next)
				}
				entries = append(entries, r.Entry)
				if next = r.Revision - 1; next == domain.NoStream {
					return entries, false, nil
				}
			}
			if err == nil && !found.more && next != domain.NoStream {
				err = missingRevision(stream, next)
			}
			at = esdb.Revision(uint64(max(next, 0)))
			return entries, found.more, err
		})
	}
}

func missingRevision(stream domain.Stream, revision domain.Revision) error {
	return fmt.Errorf("revision %d of %s is missing: do not bound or delete streams of the log on the node",
		revision, stream)
}

// ReadAll implements domain.LogReader. It ends at the head that the log has when the iteration begins.
func (s *Store) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		end, err := s.lastEvent(ctx)
		switch {
		case err != nil:
			yield(domain.Entry{}, fmt.Errorf("read: %w", err))
		case end.Position.Before(after):
			yield(domain.Entry{}, fmt.Errorf("read after %s: %w", after, ErrTruncated))
		case after == end.Position:
		default:
			s.readLog(ctx, after, end, filter, yield)
		}
	}
}

// readLog reads by a subscription with an end, because the client cannot filter other reads of the log. The filter
// also passes the last event, so that the end is certain to arrive.
func (s *Store) readLog(
	ctx context.Context, after domain.Position, end domain.Entry, filter domain.Filter,
	yield func(domain.Entry, error) bool,
) {
	stopped := errors.New("the consumer has stopped")
	err := s.checkPosition(ctx, after, uuid.Nil)
	if err == nil {
		err = s.follow(ctx, s.newSubscription(after, end, filter), func(batch []domain.Entry) error {
			for _, entry := range batch {
				if !yield(entry, nil) {
					return stopped
				}
				if err := contextErr(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil && !errors.Is(err, stopped) {
		yield(domain.Entry{}, fmt.Errorf("read: %w", err))
	}
}

// pages yields what read fetches, page by page. No call is open between pages, so the consumer may take its time,
// append, or read something else.
func (s *Store) pages(
	ctx context.Context, yield func(domain.Entry, error) bool,
	read func(rows uint64) (entries []domain.Entry, more bool, err error),
) {
	for rows, more := uint64(firstRows), true; more; rows = min(rows*4, pageRows) {
		err := contextErr(ctx)
		if err == nil {
			err = contextErr(s.ctx)
		}
		var entries []domain.Entry
		if err == nil {
			entries, more, err = read(rows)
		}
		for _, entry := range entries {
			if !yield(entry, nil) {
				return
			}
			if err := contextErr(ctx); err != nil {
				yield(domain.Entry{}, fmt.Errorf("read: %w", err))
				return
			}
		}
		if err != nil {
			yield(domain.Entry{}, fmt.Errorf("read: %w", err))
			return
		}
		if n := len(entries); n > 0 {
			s.progress.advance(entries[n-1].Position)
		}
	}
}

// truncatedErr returns ErrTruncated if a node rejects a position that it once returned.
func truncatedErr(err error) error {
	if status.Code(err) == codes.InvalidArgument {
		return fmt.Errorf("%w (%w)", ErrTruncated, err)
	}
	return err
}

// checkPosition checks that an event of the log is at a position, and has the id unless that is uuid.Nil. Without the
// id, as after a restart, another event at the same position goes unnoticed. But a new leader first writes its own
// event where it truncated the log, and checkPosition notices that.
func (s *Store) checkPosition(ctx context.Context, at domain.Position, id uuid.UUID) error {
	if at.IsZero() {
		return nil
	}
	found, err := s.logPage(ctx, esdb.Forwards, esdbPosition(at), 1)
	if err != nil {
		return fmt.Errorf("after %s: %w", at, truncatedErr(err))
	}
	if len(found.records) == 1 {
		if r := found.records[0]; r.Position == at && r.ours && (id == r.ID || id == uuid.Nil) {
			return nil
		}
	}
	return fmt.Errorf("after %s: %w", at, ErrTruncated)
}
