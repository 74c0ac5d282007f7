package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/domain"
)

// Bounds of one page: what a reader holds in memory between two statements.
const (
	firstRows = 64
	pageRows  = 1024
	pageBytes = 4 << 20
)

// page is what one statement has read.
type page struct {
	limit   int                      // rows at most
	keep    func(domain.Stream) bool // what no condition could say; nil keeps all
	entries []domain.Entry
	last    domain.Position // of the last row, kept or not
	cut     bool            // there may be more
	types   map[string]string
}

// pages gives what read fetches, page by page. Between pages no connection is held, so the consumer may take its
// time, append, or read something else.
func (s *Store) pages(
	ctx context.Context, yield func(domain.Entry, error) bool, read func(ctx context.Context, p *page) (more bool, err error),
) {
	p := &page{limit: firstRows}
	for more := true; more; {
		err := s.turn(ctx, func(ctx context.Context) (err error) {
			more, err = read(ctx, p)
			return err
		})
		if err != nil {
			yield(domain.Entry{}, fmt.Errorf("read: %w", err))
			return
		}
		for _, entry := range p.entries {
			if err := ctx.Err(); err != nil {
				yield(domain.Entry{}, fmt.Errorf("read: %w", err))
				return
			}
			if !yield(entry, nil) {
				return
			}
		}
	}
}

// turn is one step of a read, which the end of the store ends too.
func (s *Store) turn(ctx context.Context, step func(context.Context) error) error {
	ctx, stop := s.within(ctx)
	defer stop()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	err := step(ctx)
	if err != nil {
		return s.why(ctx, err)
	}
	return nil
}

// errFull ends a statement whose rows are larger than a page may be.
var errFull = errors.New("the page is full")

// read fills the page. When it is full before the rows are, the statement is given up with its connection, and the next
// pages ask for as few rows as this one had: that is rare, and the only way to leave the rest unread.
func (s *Store) read(ctx context.Context, p *page, query string, args ...any) error {
	limit := p.limit
	size := 0
	err := s.try(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		p.entries, p.cut, size = p.entries[:0], false, 0
		ctx, give := context.WithCancelCause(ctx)
		defer give(nil)
		rows, err := conn.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			n++
			size += p.add(rows.RawValues())
			if size >= pageBytes && n < limit {
				p.cut, p.limit = true, n
				give(errFull)
				return nil
			}
		}
		p.cut = n == limit
		return rows.Err()
	})
	if err == nil && size < pageBytes/4 {
		p.limit = min(2*p.limit, pageRows)
	}
	return err
}

// add takes a row of columns over. The driver's bytes are its own, so they are copied, all of a row into one piece.
func (p *page) add(row [][]byte) (size int) {
	p.last = position(int64(binary.BigEndian.Uint64(row[0])), int32(binary.BigEndian.Uint32(row[1])))
	if p.keep != nil && !p.keep(domain.Stream(row[4])) {
		return 0
	}
	data, meta := len(row[6]), len(row[7])
	bytes := make([]byte, data+meta)
	copy(bytes, row[6])
	copy(bytes[data:], row[7])
	kind, known := p.types[string(row[5])]
	if !known {
		if p.types == nil || len(p.types) > 1000 {
			p.types = map[string]string{}
		}
		kind = string(row[5])
		p.types[kind] = kind
	}
	p.entries = append(p.entries, domain.Entry{
		Position: p.last,
		Stream:   domain.Stream(row[4]),
		Revision: domain.Revision(binary.BigEndian.Uint64(row[2])),
		Stored: domain.Stored{
			ID: uuid.UUID(row[3]), Type: kind, Data: bytes[:data:data], Meta: bytes[data:],
		},
	})
	return data + meta
}
