package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/domain"
)

// Append implements domain.Appender. It returns when the events are durable. While the server is away or slow it
// waits, as long as Options.Patience.
func (s *Store) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	if err := domain.CheckAppend(stream, expected, events); err != nil {
		return domain.Appended{}, err
	}
	size := 0
	for i := range events {
		size += len(events[i].Data) + len(events[i].Meta) + len(events[i].Type) + eventBytes
	}
	appended, err := s.append(ctx, &job{
		stream: stream, expected: expected, events: events, size: size, done: make(chan answer, 1),
	})
	if err != nil {
		return domain.Appended{}, fmt.Errorf("append to %s: %w", stream, err)
	}
	return appended, nil
}

func (s *Store) append(ctx context.Context, j *job) (domain.Appended, error) {
	if err := ctx.Err(); err != nil {
		return domain.Appended{}, err
	}
	said, err := s.writer.ask(ctx, j)
	if err != nil {
		return domain.Appended{}, err
	}
	last := j.expected + domain.Revision(len(j.events))
	if said.written {
		return domain.Appended{Revision: last, Position: said.position}, nil
	}
	conflict := fmt.Errorf("at revision %d, not %d: %w", said.head, j.expected, domain.ErrConflict)
	if said.head < last {
		return domain.Appended{}, conflict
	}
	at, err := s.again(ctx, j)
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.Appended{}, conflict
	}
	if err != nil {
		return domain.Appended{}, err
	}
	s.acknowledge(at.xid)
	return domain.Appended{Revision: last, Position: position(at.xid, at.seq)}, nil
}

// again handles an append whose expected revision is not the head of the stream. It returns the position of the same
// append if it is stored already, and pgx.ErrNoRows otherwise. The event before it must be the last of another
// append.
func (s *Store) again(ctx context.Context, j *job) (at place, err error) {
	ids := make([]uuid.UUID, len(j.events))
	for i := range j.events {
		ids[i] = j.events[i].ID
	}
	ctx, stop := s.within(ctx)
	defer stop()
	err = s.try(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		return conn.QueryRow(ctx, `
			SELECT l.xid, l.seq FROM streams s
				JOIN events l ON l.stream = s.id AND l.revision = $2::bigint + cardinality($3::uuid[])
			WHERE s.name = $1
				AND $3::uuid[] = ARRAY(SELECT e.id FROM events e WHERE e.stream = s.id AND e.revision > $2
					AND e.revision <= $2 + cardinality($3::uuid[]) ORDER BY e.revision)
				AND (SELECT e.rest FROM events e WHERE e.stream = s.id AND e.revision = $2 + 1) + 1 = cardinality($3::uuid[])
				AND NOT EXISTS (SELECT FROM events e WHERE e.stream = s.id AND e.revision = $2 AND e.rest > 0)`,
			string(j.stream), int64(j.expected), ids).Scan(&at.xid, &at.seq)
	})
	return at, s.why(ctx, err)
}

// acknowledge raises the transaction that later reads of this store must see.
func (s *Store) acknowledge(xid int64) {
	for {
		known := s.acknowledged.Load()
		if known >= xid || s.acknowledged.CompareAndSwap(known, xid) {
			return
		}
	}
}

// grew is called after a commit, before its callers return.
func (s *Store) grew(xid int64) {
	s.acknowledge(xid)
	s.grown.Raise()
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// place is the content of a position.
type place struct {
	xid int64
	seq int32
}
