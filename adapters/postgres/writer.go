package postgres

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/clickbook/clickbook/adapters/postgres/dbschema"
	"github.com/clickbook/clickbook/domain"
)

// Limits of the writer.
const (
	closePatience = 5 * time.Second // for the appends before Close, if the server is away
	firstPause    = 10 * time.Millisecond
	longestPause  = 500 * time.Millisecond
	slowestLink   = 256 << 10 // bytes per second, for which an attempt may take longer
)

// lanes is the number of connections that append. While one transaction waits for the disk, the next one can run. A
// second one begins only when worthwhile jobs wait for it: each has its own cost, and few jobs share it.
const (
	lanes      = 2
	worthwhile = 16
)

// writer commits the queued jobs. Jobs queue up while transactions are made durable, so no job waits for others to
// come. A stream is in one transaction at a time.
type writer struct {
	store *Store
	queue chan *job
	gone  chan struct{} // closed when the queue is finished

	mu      sync.RWMutex // read-locked while a job is queued, so that closing the queue waits for it
	closing bool

	ctx          context.Context // ends a while after Close has begun
	transactions atomic.Int64
	unsaved      error

	turn   sync.Mutex    // held by the lane that gathers jobs
	landed chan struct{} // tells the lane that gathers that another one has finished

	flight  sync.Mutex                 // guards the fields below
	flying  int                        // transactions under way
	streams map[domain.Stream]struct{} // in them
	held    []*job                     // jobs that must be tried again, or whose stream is in a transaction
}

func newWriter(s *Store) *writer {
	return &writer{
		store: s, queue: make(chan *job, queueLength), gone: make(chan struct{}), landed: make(chan struct{}, lanes),
		streams: make(map[domain.Stream]struct{}),
	}
}

// run commits the queued jobs until the queue is closed and empty.
func (w *writer) run() {
	defer close(w.gone)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer context.AfterFunc(w.store.ended, func() {
		if pause(ctx, closePatience) == nil {
			cancel()
		}
	})()
	w.ctx = ctx
	var running sync.WaitGroup
	for range lanes - 1 {
		running.Go(func() {
			other := &lane{writer: w}
			other.run()
			other.drop()
		})
	}
	first := &lane{writer: w}
	first.run()
	running.Wait()
	w.unsaved = first.settle()
	first.drop()
}

// stop finishes the queue. It returns an error if what a lax store has acknowledged could not be made durable.
func (w *writer) stop() error {
	w.mu.Lock()
	w.closing = true
	w.mu.Unlock()
	close(w.queue)
	<-w.gone
	return w.unsaved
}

// lane owns a connection that appends.
type lane struct {
	*writer
	conn *pgx.Conn                    // nil when it was lost
	one  *pgconn.StatementDescription // appends to one stream
	many *pgconn.StatementDescription // appends to many streams
}

// run commits one transaction after another. Before it releases the callers, it lets the next transaction have their
// streams: they call again at once.
func (l *lane) run() {
	for {
		jobs := l.gather()
		if len(jobs) == 0 {
			return
		}
		replies, again := l.work(jobs)
		l.land(jobs, again)
		release(replies)
	}
}

// reply is an answer on its way to the caller of a job.
type reply struct {
	*job
	answer
}

func release(replies []reply) {
	for _, r := range replies {
		r.done <- r.answer
	}
}

// work does jobs in one transaction. It returns the replies to their callers, and the jobs that must be tried again.
func (l *lane) work(jobs []*job) (replies []reply, again []*job) {
	b, waiting := pack(jobs, l.store.base)
	if len(b.jobs) == 0 {
		return nil, waiting
	}
	xid, heads, err := l.commit(b)
	if err != nil {
		return l.refuse(b, err), waiting
	}
	for i, j := range b.jobs {
		if heads[i] == int64(j.expected) { // before the callers return, so that their next read sees it
			l.store.grew(xid)
			break
		}
	}
	at := make(map[domain.Stream]domain.Revision, len(b.jobs))
	replies = make([]reply, 0, len(jobs))
	for i, j := range b.jobs {
		head := domain.Revision(heads[i])
		at[j.stream] = head
		switch head {
		case askAgain:
			if j.state.CompareAndSwap(packed, queued) {
				again = append(again, j)
			}
		case j.expected:
			at[j.stream] += domain.Revision(len(j.events))
			place := position(xid, int32(b.first[i]+len(j.events)))
			replies = append(replies, reply{j, answer{head: head, written: true, position: place}})
		default:
			replies = append(replies, reply{j, answer{head: head}})
		}
	}
	for _, j := range waiting {
		if head := at[j.stream]; head == askAgain || head == j.expected {
			again = append(again, j)
		} else {
			replies = append(replies, reply{j, answer{head: head}})
		}
	}
	return replies, again
}

// askAgain is returned for a stream that only a later transaction may append to.
const askAgain domain.Revision = -2

// refuse returns that nothing was saved. If the server refused the batch, it tries each job alone, so that only the
// caller whose events were refused gets the error.
func (l *lane) refuse(b *batch, err error) (replies []reply) {
	if errors.Is(err, dbschema.ErrServer) && len(b.jobs) > 1 && l.ctx.Err() == nil {
		for _, j := range b.jobs {
			if j.state.CompareAndSwap(packed, queued) {
				for again := []*job{j}; len(again) > 0; {
					replies, again = l.work(again)
					release(replies)
				}
			}
		}
		return nil
	}
	for _, j := range b.jobs {
		replies = append(replies, reply{j, answer{err: err}})
	}
	return replies
}

// commit sends a batch until it gets a reply or no caller waits any more. An attempt without a reply may have
// committed. When it is sent again, its streams are past their expected revisions, and the callers find their own
// events.
func (l *lane) commit(b *batch) (xid int64, heads []int64, err error) {
	_ = retry(l.store.ended, func() error {
		if xid, heads, err = l.attempt(b); err == nil {
			return nil
		}
		err = l.store.schema.Fault(err)
		if l.conn != nil && (l.conn.IsClosed() || errors.Is(err, dbschema.ErrReadOnly)) {
			l.drop()
		}
		if passes := l.store.mayPass(err); !passes || b.abandoned() || l.store.ended.Err() != nil {
			return backoff.Permanent(err)
		}
		return err
	})
	return xid, heads, err // the error of the last attempt, also when the store was closed since
}

func (l *lane) attempt(b *batch) (xid int64, heads []int64, err error) {
	size := 0
	for _, param := range b.params {
		size += len(param)
	}
	ctx, cancel := l.store.soon(l.ctx, size)
	defer cancel()
	if l.conn == nil {
		if err := l.connect(ctx); err != nil {
			return 0, nil, l.store.slow(ctx, err)
		}
	}
	l.transactions.Add(1)
	statement := l.many
	if b.single() {
		statement = l.one
	}
	result := l.conn.PgConn().ExecPrepared(ctx, statement.Name, b.params, binaryFormat, binaryFormat).Read()
	if result.Err != nil {
		return 0, nil, l.store.slow(ctx, result.Err)
	}
	return b.decode(result.Rows)
}

var binaryFormat = []int16{pgx.BinaryFormatCode}

func (l *lane) connect(ctx context.Context) (err error) {
	if l.conn, err = l.store.session(ctx); err != nil {
		return err
	}
	l.many, err = l.conn.Prepare(ctx, "append", "SELECT * FROM append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
	if err == nil {
		l.one, err = l.conn.Prepare(ctx, "append_one", "SELECT * FROM append_one($1, $2, $3, $4, $5, $6, $7)")
	}
	if err != nil {
		l.drop()
	}
	return err
}

func (l *lane) drop() {
	if l.conn != nil {
		hangUp(l.conn)
		l.conn = nil
	}
}

// session opens a connection that appends. Its commits wait for the disk unless the store is lax.
func (s *Store) session(ctx context.Context) (*pgx.Conn, error) {
	conn, err := s.schema.Conn(ctx)
	if err != nil {
		return nil, err
	}
	durable := `SELECT set_config('synchronous_commit', 'on', false)
		WHERE current_setting('synchronous_commit') = 'off'`
	if s.options.Lax {
		durable = "SET synchronous_commit = off"
	}
	if _, err := conn.Exec(ctx, durable); err != nil {
		hangUp(conn)
		return nil, err
	}
	return conn, nil
}

// hangUp closes a connection, and with it a transaction that is open.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // the server ends the session in any case
}

// settle makes durable what a lax store has acknowledged: a commit that waits for the disk also waits for all commits
// before it.
func (l *lane) settle() error {
	if !l.store.options.Lax || l.store.acknowledged.Load() == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), l.store.options.Patience)
	defer cancel()
	var err error
	if l.conn == nil {
		err = l.connect(ctx)
	}
	if err == nil {
		_, err = l.conn.Exec(ctx, "SET synchronous_commit = on; UPDATE log SET base = base")
	}
	return l.store.schema.Fault(err)
}
