package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/domain"
)

// Limits of one page: what a reader holds in memory between two statements.
const (
	firstRows = 64
	aheadRows = 512 // from this size on the next page is read ahead
	pageRows  = 4096
	pageBytes = 4 << 20

	pieceBytes = 32 << 10
	maxWords   = 1000
)

// page is the result of one statement.
type page struct {
	limit   int                      // rows at most
	keep    func(domain.Stream) bool // the part of the filter that is not SQL; nil keeps all
	entries []domain.Entry
	last    domain.Position   // of the last row, even if it was not kept
	cut     bool              // there may be more
	piece   []byte            // memory shared by small values
	words   map[string]string // recent types and streams
}

// pages yields what read fetches, page by page. While the consumer works on a large page the next one is fetched, so
// that server and consumer work at the same time. pages holds no connection between pages, so the consumer may be
// slow, append, or start another read.
func (s *Store) pages(
	ctx context.Context, yield func(domain.Entry, error) bool,
	read func(ctx context.Context, p *page) (more bool, err error),
) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fetch := func(p *page) (more bool, err error) {
		err = s.turn(ctx, func(ctx context.Context) (err error) {
			more, err = read(ctx, p)
			return err
		})
		return more, err
	}
	now, ahead := &page{limit: firstRows}, &page{}
	more, err := fetch(now)
	for {
		if err != nil {
			yield(domain.Entry{}, fmt.Errorf("read: %w", err))
			return
		}
		var fetched chan struct{}
		goOn := more
		if goOn && len(now.entries) >= aheadRows {
			fetched = make(chan struct{})
			ahead.limit = now.limit
			go func() {
				defer close(fetched)
				more, err = fetch(ahead)
			}()
		}
		if !give(ctx, now.entries, yield) {
			if cancel(); fetched != nil {
				<-fetched // leave no goroutine
			}
			return
		}
		switch {
		case !goOn:
			return
		case fetched != nil:
			<-fetched
			now, ahead = ahead, now
		default:
			more, err = fetch(now)
		}
	}
}

// give yields entries and reports whether the consumer wants more.
func give(ctx context.Context, entries []domain.Entry, yield func(domain.Entry, error) bool) bool {
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			yield(domain.Entry{}, fmt.Errorf("read: %w", err))
			return false
		}
		if !yield(entry, nil) {
			return false
		}
	}
	return true
}

// turn runs one step of a read with a context that also ends when the store is closed.
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

// errFull cancels a statement whose rows exceed the size of a page.
var errFull = errors.New("the page is full")

// read fills the page. If the page is full before all rows are read, it cancels the statement, which costs the
// connection, and later pages ask for as few rows. That is rare, and the only way to leave rows unread.
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

// add appends a row. It copies the values, because the driver reuses its buffer.
func (p *page) add(row [][]byte) (size int) {
	p.last = position(int64(binary.BigEndian.Uint64(row[0])), int32(binary.BigEndian.Uint32(row[1])))
	stream := domain.Stream(p.word(row[4]))
	if p.keep != nil && !p.keep(stream) {
		return 0
	}
	p.entries = append(p.entries, domain.Entry{
		Position: p.last, Stream: stream, Revision: domain.Revision(binary.BigEndian.Uint64(row[2])),
		Rest:   int(binary.BigEndian.Uint32(row[8])),
		Stored: domain.Stored{ID: uuid.UUID(row[3]), Type: p.word(row[5]), Data: p.copied(row[6]), Meta: p.copied(row[7])},
	})
	return len(row[6]) + len(row[7])
}

// copied copies data. Small values share larger allocations, which is cheaper.
func (p *page) copied(data []byte) []byte {
	if len(data) > pieceBytes/8 {
		return bytes.Clone(data)
	}
	if cap(p.piece)-len(p.piece) < len(data) {
		p.piece = make([]byte, 0, pieceBytes)
	}
	from := len(p.piece)
	p.piece = append(p.piece, data...)
	return p.piece[from:len(p.piece):len(p.piece)]
}

// word returns text as a string, and reuses the string of an equal recent text.
func (p *page) word(text []byte) string {
	word, known := p.words[string(text)]
	if !known {
		if p.words == nil || len(p.words) >= maxWords {
			p.words = make(map[string]string)
		}
		word = string(text)
		p.words[word] = word
	}
	return word
}
