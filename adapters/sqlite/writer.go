package sqlite

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	"github.com/clickbook/clickbook/domain"
)

// Limits of the writer. More pages between checkpoints mean fewer syncs of the file and longer pauses; docs/adr/0002
// has the measurements.
const (
	checkpointPages = 4000
	walLimit        = 256 << 20 // bytes of WAL after which the writer waits a while for readers and truncates it
	walPatience     = 200 * time.Millisecond
	walLookEvery    = 256  // transactions between checks of the size of the WAL
	maxLag          = 1000 // events; fewer than a part of the tail holds
)

// writer owns the one connection that writes.
type writer struct {
	store *Store
	conn  *sqlite.Conn
	queue chan *job
	gone  chan struct{} // closed when the queue is finished

	mu      sync.RWMutex // read-locked while a job is queued, so that closing the queue waits for it
	closing bool

	begin, commit, rollback *sqlite.Stmt
	insert, stored, headOf  *sqlite.Stmt
	streamID, addStream     *sqlite.Stmt
	addWord                 *sqlite.Stmt
	reader                  *reader // on the same connection, for a store with a Lag

	fresh        []domain.Entry // appended in the current transaction
	open         bool           // a transaction is open; between jobs only with a Lag
	waiting      int            // bytes that are not yet in the file
	mustSave     bool           // a job changed what is read from the file, not from the tail
	unsaved      error          // why the last transaction could not be saved
	mustLearn    bool           // the names of all streams, after searching for many absent ones
	lastStream   int64          // number of the newest stream
	broken       error          // the fault after which the file cannot be trusted
	next         uint64
	words        *words // grown privately within a transaction, published before its commit
	transactions int
	walLimit     int64
}

func newWriter(s *Store, conn *sqlite.Conn) (*writer, error) {
	w := &writer{
		store: s, conn: conn, queue: make(chan *job, queueLength), gone: make(chan struct{}), walLimit: walLimit,
	}
	for text, stmt := range map[string]**sqlite.Stmt{
		"BEGIN IMMEDIATE": &w.begin,
		"COMMIT":          &w.commit,
		"ROLLBACK":        &w.rollback,
		`INSERT INTO events (position, stream, revision, category, type, rest, id, data, meta)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`: &w.insert,
		`SELECT revision, rest, position, id FROM events
			WHERE stream = ? AND revision BETWEEN ? AND ? ORDER BY revision`: &w.stored,
		"SELECT id FROM streams WHERE name = ?":             &w.streamID,
		"SELECT max(revision) FROM events WHERE stream = ?": &w.headOf,
		"INSERT INTO streams (name) VALUES (?)":             &w.addStream,
		"INSERT INTO words (word) VALUES (?)":               &w.addWord,
	} {
		var err error
		if *stmt, err = conn.Prepare(text); err != nil {
			return nil, err
		}
	}
	if s.options.Lag > 0 {
		var err error
		if w.reader, err = newReader(s, conn); err != nil {
			return nil, err
		}
	}
	if err := w.recall(); err != nil {
		return nil, err
	}
	s.words.Store(w.words)
	s.head.Store(w.next - 1)
	s.saved.Store(w.next - 1)
	s.tail.begin(w.next)
	if w.next == 1 { // the log is empty
		_, done := s.known.Fill(0)
		done(true)
	}
	return w, nil
}

// recall reloads what the writer remembers of the file: at the start, and after a rollback.
func (w *writer) recall() (err error) {
	w.store.tips.clear()
	if w.words, err = loadWords(w.conn); err != nil {
		return err
	}
	const ends = `SELECT coalesce(max(position), 0) + 1, (SELECT coalesce(max(id), 0) FROM streams) FROM events`
	return sqlitex.Execute(w.conn, ends, &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			w.next, w.lastStream = uint64(stmt.ColumnInt64(0)), stmt.ColumnInt64(1)
			return nil
		},
	})
}

// run commits the queued jobs, one transaction after another. More jobs queue up while a transaction is made durable,
// so no job waits for others to come.
func (w *writer) run() {
	defer close(w.gone)
	for first := range w.queue {
		w.work(w.gather(first))
	}
	if w.open {
		w.unsaved = w.save()
	}
}

// work does jobs in one transaction and releases their callers.
func (w *writer) work(jobs []*job) {
	err := w.broken
	if err == nil {
		err = w.transact(jobs)
	}
	if err == nil {
		w.publish()
	}
	for _, j := range jobs {
		j.done <- err
	}
	w.tidy()
}

// publish makes the appended events visible to readers.
func (w *writer) publish() {
	if len(w.fresh) == 0 {
		return
	}
	w.store.tail.add(w.fresh)
	clear(w.fresh)
	w.fresh = w.fresh[:0]
	w.store.head.Store(w.next - 1)
	w.store.grown.Raise()
}

func (w *writer) transact(jobs []*job) error {
	if !w.open {
		if err := exec(w.begin); err != nil {
			return w.undo(err)
		}
		w.open = true
	}
	for _, j := range jobs {
		if err := j.do(w); err != nil {
			return w.undo(err)
		}
	}
	// Readers of a stream see everything committed, even beyond the head: publish the words first.
	if w.words != w.store.words.Load() {
		w.store.words.Store(w.words)
	}
	if w.mayWait() {
		return nil
	}
	return w.save()
}

// mayWait reports whether the unsaved events may stay in memory.
func (w *writer) mayWait() bool {
	size := 0
	for _, entry := range w.fresh {
		size += sizeOf(entry)
	}
	w.waiting += size
	return !w.mustSave && w.next-1-w.store.saved.Load() < uint64(min(w.store.options.Lag, maxLag)) && w.waiting < tailEvent
}

func (w *writer) save() error {
	if err := exec(w.commit); err != nil {
		return w.undo(err)
	}
	w.open, w.waiting, w.mustSave = false, 0, false
	w.store.saved.Store(w.next - 1)
	return nil
}

// undo rolls the transaction back and returns why. After a full disk the writer goes on. After any other fault it
// stops for good, because the file may lose what it accepts: a failed sync may have dropped pages.
func (w *writer) undo(err error) error {
	err = w.store.file.Fault(err)
	lost := w.store.head.Load() > w.store.saved.Load() // acknowledged events are rolled back
	w.fresh, w.open, w.waiting, w.mustSave = w.fresh[:0], false, 0, false
	if !w.conn.AutocommitEnabled() {
		if back := exec(w.rollback); back != nil {
			w.broken = errors.Join(err, back)
		}
	}
	if back := w.recall(); back != nil {
		w.broken = errors.Join(err, back)
	}
	if lost || !errors.Is(err, fault.ErrFull) {
		w.broken = fmt.Errorf("the event store stopped after a fault: %w", err)
	}
	return err
}

// tidy runs between transactions. It keeps the WAL bounded if there are so many readers that no ordinary checkpoint
// finds a gap between them.
func (w *writer) tidy() {
	w.learn()
	if w.transactions++; w.transactions%walLookEvery != 0 {
		return
	}
	if info, err := os.Stat(w.store.file.Path() + "-wal"); err == nil && info.Size() > w.walLimit {
		w.conn.SetBusyTimeout(walPatience)
		defer w.conn.SetBlockOnBusy()
		// If it fails, the WAL stays as it is and the next check tries again.
		_ = sqlitex.ExecuteTransient(w.conn, "PRAGMA wal_checkpoint(TRUNCATE)", nil)
	}
}

// exec runs a statement that returns no rows.
func exec(stmt *sqlite.Stmt) error {
	_, err := stmt.Step()
	return errors.Join(err, stmt.Reset())
}
