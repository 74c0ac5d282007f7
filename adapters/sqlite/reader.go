package sqlite

import (
	"fmt"
	"sync/atomic"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// Bounds of one page: what is read in one go and held in memory.
const (
	firstRows = 32       // of the first page, because many read only a little
	pageRows  = 1024     // of the later ones
	pageBytes = 1 << 20  // the event that reaches it ends the page
	pageReach = 8 << 10  // positions a page looks at, so that no read lasts long where a filter finds little
	slabBytes = 64 << 10 // events share allocations of this size
	slabRest  = 2 << 10  // a slab with less than this left is not begun with
	nameAhead = 32       // names read at once: streams that began together are met together
)

const columns = "SELECT position, stream, revision, type, rest, id, data, meta FROM events "

// reader is a connection for reading, with its statements.
type reader struct {
	store               *Store
	conn                *sqlite.Conn
	forwards, backwards *sqlite.Stmt
	all, count, name    *sqlite.Stmt
	filtered            map[string]*sqlite.Stmt
	slab                []byte
}

// maxFiltered bounds the statements a reader keeps; a program has few filters.
const maxFiltered = 64

func newReader(s *Store, conn *sqlite.Conn) (*reader, error) {
	r := &reader{store: s, conn: conn, filtered: map[string]*sqlite.Stmt{}}
	// LIMIT 0 + ?: SQLite looks into a bare LIMIT ? while it plans, and would plan anew each time it is bound.
	const ofStream = columns + "WHERE stream = (SELECT id FROM streams WHERE name = ?) AND "
	for text, stmt := range map[string]**sqlite.Stmt{
		ofStream + "revision >= ? ORDER BY revision LIMIT 0 + ?":             &r.forwards,
		ofStream + "revision < ? ORDER BY revision DESC LIMIT 0 + ?":         &r.backwards,
		columns + "WHERE position > ? AND position <= ? ORDER BY position":   &r.all,
		"SELECT count(*) FROM events WHERE position > ? AND position <= ?":   &r.count,
		"SELECT id, name FROM streams WHERE id >= ? ORDER BY id LIMIT 0 + ?": &r.name,
	} {
		var err error
		if *stmt, err = conn.Prepare(text); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// page adds to entries what the statement gives, up to rows or pageBytes. of names the stream where it is one; keep
// may refuse an entry by its stream (nil keeps all). The position of the last row looked at comes back, 0 when
// there was none, and whether the page was ended before the statement was.
func (r *reader) page(
	stmt *sqlite.Stmt, rows int, of domain.Stream, keep func(domain.Stream) bool, entries []domain.Entry,
) (_ []domain.Entry, last uint64, cut bool, err error) {
	var known *words
	size := 0
	defer func() {
		if e := stmt.Reset(); err == nil {
			err = e
		}
	}()
	for {
		more, err := stmt.Step()
		if err != nil || !more {
			return entries, last, false, err
		}
		if known == nil { // loaded now that the statement sees what it will see: no word of it can be newer
			known = r.store.words.Load()
		}
		last = uint64(stmt.ColumnInt64(0))
		stream := of
		if of == "" {
			if stream, err = r.stream(stmt.ColumnInt64(1)); err != nil {
				return entries, last, false, err
			}
			if keep != nil && !keep(stream) {
				continue
			}
		}
		entry := domain.Entry{
			Position: position(last), Stream: stream, Revision: domain.Revision(stmt.ColumnInt64(2)), Rest: stmt.ColumnInt(4),
		}
		if entry.Type = known.texts[stmt.ColumnInt64(3)]; entry.Type == "" {
			return entries, last, false, r.store.file.Damaged(fmt.Sprintf("the event at position %d has no type", last))
		}
		stmt.ColumnBytes(5, entry.ID[:])
		entry.Data, entry.Meta = r.bytes(stmt, 6), r.bytes(stmt, 7)
		entries = append(entries, entry)
		size += len(entry.Data) + len(entry.Meta)
		if len(entries) >= rows || size >= pageBytes {
			return entries, last, true, nil
		}
	}
}

// bytes copies a column into memory that nobody else will write. Most columns fit the rest of the slab, so they are
// copied without asking for their length first; one that fills it may be longer and is copied again.
func (r *reader) bytes(stmt *sqlite.Stmt, column int) []byte {
	if len(r.slab) < slabRest {
		r.slab = make([]byte, slabBytes)
	}
	n := stmt.ColumnBytes(column, r.slab)
	if n == len(r.slab) {
		own := make([]byte, stmt.ColumnLen(column))
		stmt.ColumnBytes(column, own)
		return own
	}
	part := r.slab[:n:n]
	r.slab = r.slab[n:]
	return part
}

// stream is the name of a stream by its number.
func (r *reader) stream(id int64) (name domain.Stream, err error) {
	if name, ok := r.store.names.find(id); ok {
		return name, nil
	}
	r.name.BindInt64(1, id)
	r.name.BindInt64(2, nameAhead)
	err = query(r.name, func(stmt *sqlite.Stmt) error {
		next, text := stmt.ColumnInt64(0), domain.Stream(stmt.ColumnText(1))
		if next == id {
			name = text
		}
		r.store.names.keep(next, text)
		return nil
	})
	if err == nil && name == "" {
		err = fmt.Errorf("the log names no stream %d", id)
	}
	return name, err
}

// streamNames remembers names by number for all readers: a name has one place where it can stand, and a newer one
// takes it over. So it needs no lock and cannot grow.
type streamNames [1 << 15]atomic.Pointer[streamName]

type streamName struct {
	id   int64
	name domain.Stream
}

func (n *streamNames) find(id int64) (domain.Stream, bool) {
	known := n[uint64(id)%uint64(len(n))].Load()
	if known == nil || known.id != id {
		return "", false
	}
	return known.name, true
}

func (n *streamNames) keep(id int64, name domain.Stream) {
	n[uint64(id)%uint64(len(n))].Store(&streamName{id, name})
}
