package postgres

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/domain"
)

// ReadStream implements domain.StreamReader. It returns everything committed to the stream, including events that
// readers of the log may still wait for.
func (s *Store) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		next := max(from, 0)
		s.pages(ctx, yield, func(ctx context.Context, p *page) (more bool, err error) {
			err = s.read(ctx, p, fmt.Sprintf(forwards, p.limit), string(stream), int64(next))
			for i := range p.entries {
				if err == nil && p.entries[i].Revision != next {
					err = s.schema.Damaged(fmt.Sprintf("revision %d of %s is missing", next, stream))
				}
				next++
			}
			return p.cut, err
		})
	}
}

// ReadStreamBackwards implements domain.StreamReader.
func (s *Store) ReadStreamBackwards(ctx context.Context, stream domain.Stream) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		before := domain.Revision(math.MaxInt64)
		s.pages(ctx, yield, func(ctx context.Context, p *page) (more bool, err error) {
			err = s.read(ctx, p, fmt.Sprintf(backwards, p.limit), string(stream), int64(before))
			for i := range p.entries {
				if err == nil && p.entries[i].Revision != before-1 && before != math.MaxInt64 {
					err = s.schema.Damaged(fmt.Sprintf("revision %d of %s is missing", before-1, stream))
				}
				before = p.entries[i].Revision
			}
			if err == nil && !p.cut && before != math.MaxInt64 && before != 0 {
				err = s.schema.Damaged(fmt.Sprintf("revision %d of %s is missing", before-1, stream))
			}
			return p.cut, err
		})
	}
}

// ReadAll implements domain.LogReader. It ends where the log ended when the iteration began. Before that it waits
// until everything that this store has acknowledged can be read.
func (s *Store) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		seen := after
		var end *domain.Position
		s.pages(ctx, yield, func(ctx context.Context, p *page) (more bool, err error) {
			if end == nil {
				now, err := s.present(ctx)
				if err != nil {
					return false, err
				}
				end = &now.head
			}
			seen, err = s.readRange(ctx, p, seen, *end, filter)
			return seen.Before(*end), err
		})
	}
}

// The statements of the reads. The limit is part of the text, so that PostgreSQL plans with it.
const (
	columns = `SELECT e.xid, e.seq, e.revision, e.id, e.name, e.type, e.data, e.meta, e.rest FROM events e `
	ofName  = `WHERE e.stream = (SELECT s.id FROM streams s WHERE s.name = $1) `

	forwards  = columns + ofName + `AND e.revision >= $2 ORDER BY e.revision LIMIT %d`
	backwards = columns + ofName + `AND e.revision < $2 ORDER BY e.revision DESC LIMIT %d`
	between   = columns + `WHERE (e.xid, e.seq) > ($1, $2::int) AND (e.xid, e.seq) <= ($3, $4::int)`
	inOrder   = ` ORDER BY e.xid, e.seq LIMIT %d`
)

// filterReach is how many events a filtered read scans in one statement.
const filterReach = 50_000

// readRange reads the log after a position, at most up to end, which must be a known head. It returns how far it has
// read.
func (s *Store) readRange(
	ctx context.Context, p *page, seen, end domain.Position, filter domain.Filter,
) (reached domain.Position, err error) {
	if !seen.Before(end) {
		return seen, nil
	}
	where, args, keep, nothing := condition(filter)
	if nothing {
		return end, nil
	}
	if where != "" || keep != nil {
		if end, err = s.reach(ctx, seen, end); err != nil {
			return seen, err
		}
	}
	from, fromSeq := pair(seen)
	to, toSeq := pair(end)
	p.keep = keep
	err = s.read(ctx, p, between+where+fmt.Sprintf(inOrder, p.limit), append([]any{from, fromSeq, to, toSeq}, args...)...)
	switch {
	case err != nil:
		return seen, err
	case p.cut:
		return p.last, nil
	}
	return end, nil
}

// reach limits the range of the log that one statement scans.
func (s *Store) reach(ctx context.Context, seen, end domain.Position) (domain.Position, error) {
	from, fromSeq := pair(seen)
	to, toSeq := pair(end)
	var xid int64
	var seq int32
	err := s.try(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		return conn.QueryRow(ctx, fmt.Sprintf(`SELECT coalesce(max(r.xid), $3), coalesce(max(r.seq), $4::int) FROM (
			SELECT e.xid, e.seq FROM events e WHERE (e.xid, e.seq) > ($1, $2::int) AND (e.xid, e.seq) <= ($3, $4::int)
			ORDER BY e.xid, e.seq OFFSET %d LIMIT 1) r`, filterReach),
			from, fromSeq, to, toSeq).Scan(&xid, &seq)
	})
	return position(xid, seq), err
}
