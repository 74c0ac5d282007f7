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

// ErrTruncated is what a reader gets that holds a position the log no longer has. A cluster that elects a leader
// without the last events cuts them off, and writes others in their place. Whoever built something on them must build
// it anew: read models by clickbook rebuild.
var ErrTruncated = errors.New("the log was cut off behind a position that was read before, as an election does that " +
	"loses events: rebuild the read models, and look for what was lost in the node's log")

// ReadStream implements domain.StreamReader.
func (s *Store) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		next := max(from, 0)
		s.pages(ctx, yield, func(rows uint64) (entries []domain.Entry, more bool, err error) {
			found, err := s.page(ctx, stream, esdb.Forwards, esdb.Revision(uint64(next)), rows, pageBytes)
			if err != nil && judge(err) == missing {
				return nil, false, nil
			}
			for _, r := range found.records {
				switch {
				case !r.ours || r.Revision < next:
					continue
				case r.Revision > next:
					return entries, false, lacks(stream, next)
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
		next := domain.NoStream // of the entry that is due, NoStream while that is not known
		s.pages(ctx, yield, func(rows uint64) (entries []domain.Entry, more bool, err error) {
			found, err := s.page(ctx, stream, esdb.Backwards, at, rows, pageBytes)
			if err != nil && judge(err) == missing {
				return nil, false, nil
			}
			for _, r := range found.records {
				if !r.ours || next != domain.NoStream && r.Revision > next {
					continue
				}
				if next != domain.NoStream && r.Revision < next {
					return entries, false, lacks(stream, next)
				}
				entries = append(entries, r.Entry)
				if next = r.Revision - 1; next == domain.NoStream {
					return entries, false, nil
				}
			}
			if err == nil && !found.more && next != domain.NoStream {
				err = lacks(stream, next)
			}
			at = esdb.Revision(uint64(max(next, 0)))
			return entries, found.more, err
		})
	}
}

func lacks(stream domain.Stream, revision domain.Revision) error {
	return fmt.Errorf("revision %d of %s is missing: the node must not be told to bound or delete streams of the log",
		revision, stream)
}

// ReadAll implements domain.LogReader. It ends where the log ended when the iteration began.
func (s *Store) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		end, err := s.tip(ctx)
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

// readLog reads by a subscription that ends, because the client's reads of the log have no filter. The last event is
// made to pass the filter too, so that it is certain when nothing more can come.
func (s *Store) readLog(
	ctx context.Context, after domain.Position, end domain.Entry, filter domain.Filter,
	yield func(domain.Entry, error) bool,
) {
	stopped := errors.New("the consumer wants no more")
	err := s.stands(ctx, after, uuid.Nil)
	if err == nil {
		err = s.follow(ctx, s.query(after, end, filter), func(batch []domain.Entry) error {
			for _, entry := range batch {
				if !yield(entry, nil) {
					return stopped
				}
				if err := ended(ctx); err != nil {
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

// pages gives what read fetches, page by page. Between pages nothing is held, so the consumer may take its time,
// append, or read something else.
func (s *Store) pages(
	ctx context.Context, yield func(domain.Entry, error) bool,
	read func(rows uint64) (entries []domain.Entry, more bool, err error),
) {
	for rows, more := uint64(firstRows), true; more; rows = min(rows*4, pageRows) {
		err := ended(ctx)
		if err == nil {
			err = ended(s.ctx)
		}
		var entries []domain.Entry
		if err == nil {
			entries, more, err = read(rows)
		}
		for _, entry := range entries {
			if !yield(entry, nil) {
				return
			}
			if err := ended(ctx); err != nil {
				yield(domain.Entry{}, fmt.Errorf("read: %w", err))
				return
			}
		}
		if err != nil {
			yield(domain.Entry{}, fmt.Errorf("read: %w", err))
			return
		}
		if n := len(entries); n > 0 {
			s.horizon.reach(entries[n-1].Position)
		}
	}
}

// gone is ErrTruncated where a node says that there is nothing at a position that it once gave itself.
func gone(err error) error {
	if status.Code(err) == codes.InvalidArgument {
		return fmt.Errorf("%w (%w)", ErrTruncated, err)
	}
	return err
}

// stands makes sure that an event is at a position, and which one if its id is known. Where only the position is, as
// after a restart, an event that took the very place of a lost one is not told from it; but what an election writes
// first, where the log was cut off, is a record of the node's.
func (s *Store) stands(ctx context.Context, at domain.Position, id uuid.UUID) error {
	if at.IsZero() {
		return nil
	}
	found, err := s.logPage(ctx, esdb.Forwards, place(at), 1)
	if err != nil {
		return fmt.Errorf("after %s: %w", at, gone(err))
	}
	if len(found.records) == 1 {
		if r := found.records[0]; r.Position == at && r.ours && (id == r.ID || id == uuid.Nil) {
			return nil
		}
	}
	return fmt.Errorf("after %s: %w", at, ErrTruncated)
}
