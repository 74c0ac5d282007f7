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

// Bounds of one page: what a reader holds in memory between two statements.
const (
	firstRows = 64
	aheadRows = 512 // from which on the next page is read ahead
	pageRows  = 4096
	pageBytes = 4 << 20

	pieceBytes = 32 << 10
	maxWords   = 1000
)

// page is what one statement has read.
type page struct {
	limit   int                      // rows at most
	keep    func(domain.Stream) bool // what no condition could say; nil keeps all
	entries []domain.Entry
	last    domain.Position   // of the last row, kept or not
	cut     bool              // there may be more
	piece   []byte            // memory for small data
	words   map[string]string // types and streams that came lately
}

// pages gives what read fetches, page by page. While a consumer is at a large page the next one is read already, so
// that the server and the consumer work at the same time. Between pages no connection is held, so the consumer may take
// its time, append, or read something else.
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
				<-fetched // so that nothing of this read goes on
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

// give hands entries over and says whether the consumer wants more.
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

// add takes a row of columns over. The driver's bytes are its own, so they are copied.
func (p *page) add(row [][]byte) (size int) {
	p.last = position(int64(binary.BigEndian.Uint64(row[0])), int32(binary.BigEndian.Uint32(row[1])))
	stream := domain.Stream(p.word(row[4]))
	if p.keep != nil && !p.keep(stream) {
		return 0
	}
	p.entries = append(p.entries, domain.Entry{
		Position: p.last, Stream: stream, Revision: domain.Revision(binary.BigEndian.Uint64(row[2])),
		Stored: domain.Stored{ID: uuid.UUID(row[3]), Type: p.word(row[5]), Data: p.copied(row[6]), Meta: p.copied(row[7])},
	})
	return len(row[6]) + len(row[7])
}

// copied puts small data behind other data, as few larger pieces cost less than many small ones.
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

// word is a text that probably came a moment ago already.
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
