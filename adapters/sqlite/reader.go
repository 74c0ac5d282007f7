package sqlite

import (
	"fmt"
	"sync/atomic"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// Limits of one page, which is read at once and held in memory.
const (
	firstRows = 32       // of the first page, because many reads are short
	pageRows  = 1024     // of later pages
	pageBytes = 1 << 20  // the event that reaches this size ends the page
	pageReach = 8 << 10  // positions that a page scans, so that a read with a rare filter stays short
	slabBytes = 64 << 10 // events share allocations of this size
	slabRest  = 2 << 10  // a slab with less space than this is replaced
	nameAhead = 32       // names read at once: streams created together are often read together
)

const columns = "SELECT position, stream, revision, type, rest, id, data, meta FROM events "

// reader is a reading connection with its statements.
type reader struct {
	store               *Store
	conn                *sqlite.Conn
	forwards, backwards *sqlite.Stmt
	all, count, name    *sqlite.Stmt
	named, ofStream     *sqlite.Stmt
	filtered            map[string]*sqlite.Stmt
	slab                []byte
}

// maxFiltered bounds the prepared statements of a reader. A program has few filters.
const maxFiltered = 64

func newReader(s *Store, conn *sqlite.Conn) (*reader, error) {
	r := &reader{store: s, conn: conn, filtered: map[string]*sqlite.Stmt{}}
	// With a bare LIMIT ?, SQLite plans again for each bound value.
	const ofStream = columns + "WHERE stream = (SELECT id FROM streams WHERE name = ?) AND "
	for text, stmt := range map[string]**sqlite.Stmt{
		ofStream + "revision >= ? ORDER BY revision LIMIT 0 + ?":             &r.forwards,
		ofStream + "revision < ? ORDER BY revision DESC LIMIT 0 + ?":         &r.backwards,
		columns + "WHERE position > ? AND position <= ? ORDER BY position":   &r.all,
		"SELECT count(*) FROM events WHERE position > ? AND position <= ?":   &r.count,
		"SELECT id, name FROM streams WHERE id >= ? ORDER BY id LIMIT 0 + ?": &r.name,

		"SELECT id FROM streams WHERE name >= ? AND name < ? LIMIT 0 + ?":                      &r.named,
		"SELECT position, revision FROM events WHERE stream = ? ORDER BY revision LIMIT 0 + ?": &r.ofStream,
	} {
		var err error
		if *stmt, err = conn.Prepare(text); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// page appends the rows of a statement to entries, up to rows or pageBytes. All rows belong to the stream of, if it
// is not empty. keep selects entries by stream; nil keeps all. page returns the position of the last row it looked
// at, 0 if there was none, and whether rows may be left.
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
		if known == nil { // loaded after the snapshot of the statement, so no word of its rows is newer
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

// bytes copies a column into its own memory. Most columns fit the rest of the slab, so they are copied without
// asking for their length first. A column that fills the slab may be longer and is copied again.
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

// stream returns the name of a stream by its number.
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
		err = fmt.Errorf("stream %d has no name in the log", id)
	}
	return name, err
}

// streamNames caches names by number for all readers. Each number has one slot, and a newer name replaces an older
// one, so the cache needs no lock and has a fixed size.
type streamNames [1 << 16]atomic.Pointer[streamName]

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
