package sqlite

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/clickbook/clickbook/domain"
)

// ReadStream implements domain.StreamReader.
func (s *Store) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		next := int64(max(from, 0))
		s.pages(ctx, yield, func(r *reader, rows int, entries []domain.Entry) ([]domain.Entry, bool, error) {
			r.forwards.BindText(1, string(stream))
			r.forwards.BindInt64(2, next)
			r.forwards.BindInt64(3, int64(rows))
			entries, _, cut, err := r.page(r.forwards, rows, stream, nil, entries)
			if len(entries) > 0 {
				next = int64(entries[len(entries)-1].Revision) + 1
			}
			return entries, cut, err
		})
	}
}

// ReadStreamBackwards implements domain.StreamReader.
func (s *Store) ReadStreamBackwards(ctx context.Context, stream domain.Stream) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		before := int64(math.MaxInt64)
		s.pages(ctx, yield, func(r *reader, rows int, entries []domain.Entry) ([]domain.Entry, bool, error) {
			r.backwards.BindText(1, string(stream))
			r.backwards.BindInt64(2, before)
			r.backwards.BindInt64(3, int64(rows))
			entries, _, cut, err := r.page(r.backwards, rows, stream, nil, entries)
			if len(entries) > 0 {
				before = int64(entries[len(entries)-1].Revision)
			}
			return entries, cut, err
		})
	}
}

// ReadAll implements domain.LogReader. It ends where the log ended when the iteration began.
func (s *Store) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		seen, _ := after.Pair()
		end := s.head.Load()
		s.pages(ctx, yield, func(r *reader, rows int, entries []domain.Entry) ([]domain.Entry, bool, error) {
			entries, reached, err := r.stretch(seen, end, filter, rows, entries)
			seen = reached
			return entries, seen < end, err
		})
	}
}

// stretch reads a part of the log after a position and says up to where it has now been read.
func (r *reader) stretch(
	seen, end uint64, filter domain.Filter, rows int, entries []domain.Entry,
) (_ []domain.Entry, reached uint64, err error) {
	plan := r.store.words.Load().plan(filter)
	if plan.nothing || seen >= end {
		return entries, max(seen, end), nil
	}
	stmt, err := r.scan(plan)
	if err != nil {
		return entries, seen, err
	}
	until := min(end, seen+pageReach)
	stmt.BindInt64(1, int64(seen))
	stmt.BindInt64(2, int64(until))
	entries, last, cut, err := r.page(stmt, rows, "", plan.keep, entries)
	if cut {
		until = last
	}
	return entries, until, err
}

// pages gives what read fetches, page by page. Between pages no connection is held, so the consumer may take its
// time, append, or read something else.
func (s *Store) pages(
	ctx context.Context, yield func(domain.Entry, error) bool,
	read func(r *reader, rows int, entries []domain.Entry) (_ []domain.Entry, more bool, err error),
) {
	var entries []domain.Entry
	for rows, more := firstRows, true; more; rows = min(rows*2, pageRows) {
		err := ctx.Err()
		if err == nil {
			err = s.lend(ctx, func(r *reader) (err error) {
				entries, more, err = read(r, rows, entries[:0])
				return err
			})
		}
		if err != nil {
			yield(domain.Entry{}, fmt.Errorf("read: %w", err))
			return
		}
		for _, entry := range entries {
			if !yield(entry, nil) {
				return
			}
		}
	}
}
