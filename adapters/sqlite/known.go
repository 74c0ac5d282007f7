package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"
)

const namesAtOnce = 2048 // names in one read, so that no read is long

// learn starts to read the names of all streams, if the writer has searched for many that do not exist: most commands
// begin a stream, and searching the file for an absent one is slowest. The writer calls it between jobs.
func (w *writer) learn() {
	if w.open || !w.mustLearn { // in an open transaction, names are between the filter and the file
		return
	}
	w.mustLearn = false
	add, done := w.store.known.Fill(int(w.lastStream))
	w.store.filling.Go(func() { done(w.store.eachStream(add) == nil) })
}

// eachStream calls add with the name of every stream in the file. It stops with an error when the store is closed.
func (s *Store) eachStream(add func(name string)) error {
	last, more := int64(0), true
	for more {
		err := s.withReader(context.Background(), func(r *reader) error {
			more = false
			r.name.BindInt64(1, last+1)
			r.name.BindInt64(2, namesAtOnce)
			return query(r.name, func(stmt *sqlite.Stmt) error {
				last, more = stmt.ColumnInt64(0), true
				add(stmt.ColumnText(1))
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
