package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// ReadStream implements domain.StreamReader.
func (s *Store) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		next := max(from, 0)
		// The tail is read before the file, so that no event moves from one to the other unseen.
		latest, whole := s.tail.stream(stream, next, s.saved.Load())
		whole = whole || s.known.Lacks(string(stream)) || s.tips.ends(stream, next)
		s.pages(ctx, yield, func(rows int, entries []domain.Entry) (_ []domain.Entry, more bool, err error) {
			if !whole {
				err = s.withStreamReader(ctx, func(r *reader) (err error) {
					r.forwards.BindText(1, string(stream))
					r.forwards.BindInt64(2, int64(next))
					r.forwards.BindInt64(3, int64(rows))
					entries, _, more, err = r.page(r.forwards, rows, stream, nil, entries)
					return err
				})
			}
			if err == nil && !more {
				entries = append(entries, own(since(latest, next+domain.Revision(len(entries))))...)
			}
			for i := range entries {
				if err == nil && entries[i].Revision != next {
					err = s.file.Damaged(fmt.Sprintf("revision %d of %s is missing", next, stream))
				}
				next++
			}
			return entries, more, err
		})
	}
}

// ReadStreamBackwards implements domain.StreamReader.
func (s *Store) ReadStreamBackwards(ctx context.Context, stream domain.Stream) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		before := domain.Revision(math.MaxInt64)
		latest, _ := s.tail.stream(stream, 0, s.saved.Load())
		s.pages(ctx, yield, func(rows int, entries []domain.Entry) (_ []domain.Entry, cut bool, err error) {
			if len(latest) > 0 {
				entries, cut = append(entries, own(latest)...), true
				slices.Reverse(entries)
				latest = nil
			} else {
				err = s.withReader(ctx, func(r *reader) (err error) {
					r.backwards.BindText(1, string(stream))
					r.backwards.BindInt64(2, int64(before))
					r.backwards.BindInt64(3, int64(rows))
					entries, _, cut, err = r.page(r.backwards, rows, stream, nil, entries)
					return err
				})
			}
			for i := range entries {
				if err == nil && entries[i].Revision != before-1 && before != math.MaxInt64 {
					err = s.file.Damaged(fmt.Sprintf("revision %d of %s is missing", before-1, stream))
				}
				before = entries[i].Revision
			}
			if err == nil && !cut && before != math.MaxInt64 && before != 0 {
				err = s.file.Damaged(fmt.Sprintf("revision %d of %s is missing", before-1, stream))
			}
			return entries, cut, err
		})
	}
}

// ReadAll implements domain.LogReader. It ends where the log ended when the iteration began. Events that few streams
// hold are found by a prefix without a scan of the log.
func (s *Store) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		seen, _ := after.Pair()
		end, saved := s.head.Load(), s.saved.Load()
		places, rare, err := s.rare(ctx, seen, min(end, saved), filter.Prefixes)
		if err != nil {
			yield(domain.Entry{}, fmt.Errorf("read: %w", err))
			return
		}
		s.pages(ctx, yield, func(rows int, entries []domain.Entry) (_ []domain.Entry, more bool, err error) {
			if !rare {
				entries, seen, err = s.readRange(ctx, seen, end, filter, rows, entries)
				return entries, seen < end, err
			}
			err = s.withReader(ctx, func(r *reader) (err error) {
				entries, places, err = r.readAt(places, filter.Types, rows, entries)
				return err
			})
			if len(places) == 0 { // the rest is in memory only
				seen, rare = max(seen, min(end, saved)), false
			}
			return entries, rare || seen < end, err
		})
	}
}

// since returns the entries from a revision on.
func since(entries []domain.Entry, from domain.Revision) []domain.Entry {
	for len(entries) > 0 && entries[0].Revision < from {
		entries = entries[1:]
	}
	return entries
}

// readRange reads the log after a position, from memory if the tail reaches back that far. It returns how far it has
// read.
func (s *Store) readRange(
	ctx context.Context, seen, end uint64, filter domain.Filter, rows int, entries []domain.Entry,
) (_ []domain.Entry, reached uint64, err error) {
	if entries, reached, ok := s.tail.after(seen, end, filter, rows, entries); ok {
		return own(entries), reached, nil
	}
	err = s.withReader(ctx, func(r *reader) (err error) {
		entries, reached, err = r.readRange(seen, min(end, s.saved.Load()), filter, rows, entries)
		return err
	})
	return entries, reached, err
}

// readRange reads the log after a position and returns how far it has read.
func (r *reader) readRange(
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
	before := len(entries)
	entries, last, cut, err := r.page(stmt, rows, "", plan.keep, entries)
	if cut {
		until = last
	}
	if whole := plan.where == "" && uint64(len(entries)-before) == until-seen; err == nil && !whole {
		err = r.complete(seen, until)
	}
	return entries, until, err
}

// complete checks that no position of a range is missing. SQLite has no checksums: a row with a destroyed number
// would end a read silently, and a filter would never notice. The pages are still cached.
func (r *reader) complete(seen, until uint64) error {
	r.count.BindInt64(1, int64(seen))
	r.count.BindInt64(2, int64(until))
	return query(r.count, func(stmt *sqlite.Stmt) error {
		if missing := int64(until-seen) - stmt.ColumnInt64(0); missing != 0 {
			return r.store.file.Damaged(fmt.Sprintf("%d events after position %d are missing", missing, seen))
		}
		return nil
	})
}

// pages yields what read fetches, page by page. It holds no connection between pages, so the consumer may be slow,
// append, or start another read.
func (s *Store) pages(
	ctx context.Context, yield func(domain.Entry, error) bool,
	read func(rows int, entries []domain.Entry) (_ []domain.Entry, more bool, err error),
) {
	var entries []domain.Entry
	for rows, more := firstRows, true; more; rows = min(rows*2, pageRows) {
		err := cmp.Or(ctx.Err(), s.closing())
		if err == nil {
			entries, more, err = read(rows, entries[:0])
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
