package sqlite

import (
	"sync/atomic"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// Bounds of one page: what is read in one go and held in memory.
const (
	firstRows = 32       // of the first page, because many read only a little
	pageRows  = 1024     // of the later ones
	pageBytes = 1 << 20  // one event more ends the page
	pageReach = 64 << 10 // positions a filtered page looks at, so that no read lasts long
	slabBytes = 32 << 10 // events share allocations of this size
	largeSlab = slabBytes / 4
)

const columns = "SELECT position, stream, revision, type, id, data, meta FROM events "

// reader is a connection for reading, with its statements.
type reader struct {
	store               *Store
	conn                *sqlite.Conn
	forwards, backwards *sqlite.Stmt
	all, name           *sqlite.Stmt
	filtered            map[string]*sqlite.Stmt
	slab                []byte
}

// maxFiltered bounds the statements a reader keeps; a program has few filters.
const maxFiltered = 64

func newReader(s *Store, conn *sqlite.Conn) (*reader, error) {
	r := &reader{store: s, conn: conn, filtered: map[string]*sqlite.Stmt{}}
	const ofStream = columns + "WHERE stream = (SELECT id FROM streams WHERE name = ?) AND "
	for text, stmt := range map[string]**sqlite.Stmt{
		ofStream + "revision >= ? ORDER BY revision LIMIT ?":               &r.forwards,
		ofStream + "revision < ? ORDER BY revision DESC LIMIT ?":           &r.backwards,
		columns + "WHERE position > ? AND position <= ? ORDER BY position": &r.all,
		"SELECT name FROM streams WHERE id = ?":                            &r.name,
	} {
		var err error
		if *stmt, err = conn.Prepare(text); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// page adds to entries what the statement gives, up to rows or pageBytes. keep may refuse an entry by its stream
// (nil keeps all). The position of the last row looked at comes back, 0 when there was none, and whether the page
// was ended before the statement was.
func (r *reader) page(
	stmt *sqlite.Stmt, rows int, keep func(domain.Stream) bool, entries []domain.Entry,
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
		if known == nil { // only now: the first step chose the commit that is read, whose words are published
			known = r.store.words.Load()
		}
		last = uint64(stmt.ColumnInt64(0))
		stream, err := r.stream(stmt.ColumnInt64(1))
		if err != nil {
			return entries, last, false, err
		}
		if keep != nil && !keep(stream) {
			continue
		}
		entry := domain.Entry{
			Position: position(last), Stream: stream, Revision: domain.Revision(stmt.ColumnInt64(2)),
			Stored: domain.Stored{Type: known.texts[stmt.ColumnInt64(3)], Data: r.bytes(stmt, 5), Meta: r.bytes(stmt, 6)},
		}
		stmt.ColumnBytes(4, entry.ID[:])
		entries = append(entries, entry)
		size += len(entry.Data) + len(entry.Meta)
		if len(entries) >= rows || size >= pageBytes {
			return entries, last, true, nil
		}
	}
}

// bytes copies a column into memory that nobody else will write.
func (r *reader) bytes(stmt *sqlite.Stmt, column int) []byte {
	n := stmt.ColumnLen(column)
	if n > largeSlab {
		own := make([]byte, n)
		stmt.ColumnBytes(column, own)
		return own
	}
	if n > len(r.slab) {
		r.slab = make([]byte, slabBytes)
	}
	part := r.slab[:n:n]
	r.slab = r.slab[n:]
	stmt.ColumnBytes(column, part)
	return part
}

// stream is the name of a stream by its number.
func (r *reader) stream(id int64) (domain.Stream, error) {
	if name, ok := r.store.names.find(id); ok {
		return name, nil
	}
	var name domain.Stream
	r.name.BindInt64(1, id)
	err := query(r.name, func(stmt *sqlite.Stmt) error {
		name = domain.Stream(stmt.ColumnText(0))
		return nil
	})
	if err == nil {
		r.store.names.keep(id, name)
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
