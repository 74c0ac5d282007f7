package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
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

// writer owns the one connection that appends.
type writer struct {
	store *Store
	queue chan *job
	gone  chan struct{} // closed when the queue is finished

	mu      sync.RWMutex // read-locked while a job is queued, so that closing the queue waits for it
	closing bool

	ctx          context.Context // ends a while after Close has begun
	conn         *pgx.Conn       // nil when it was lost
	statement    *pgconn.StatementDescription
	transactions int
	unsaved      error
}

func newWriter(s *Store) *writer {
	return &writer{store: s, queue: make(chan *job, queueLength), gone: make(chan struct{})}
}

// run commits the queued jobs, one transaction after another. More jobs queue up while a transaction is made durable,
// so no job waits for others to come.
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
	var again []*job
	for {
		if len(again) == 0 {
			first, open := <-w.queue
			if !open {
				break
			}
			again = append(again, first)
		}
		again = w.work(w.gather(again))
	}
	w.unsaved = w.settle()
	w.drop()
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

// work does jobs in one transaction and releases their callers. It returns the jobs that must be tried again.
func (w *writer) work(jobs []*job) (again []*job) {
	b, waiting := pack(jobs, w.store.base)
	if len(b.jobs) == 0 {
		return waiting
	}
	xid, heads, err := w.commit(b)
	if err != nil {
		w.refuse(b, err)
		return waiting
	}
	for i, j := range b.jobs {
		if heads[i] == int64(j.expected) { // before the callers return, so that their next read sees it
			w.store.grew(xid)
			break
		}
	}
	at := make(map[domain.Stream]domain.Revision, len(b.jobs))
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
			j.done <- answer{head: head, written: true, position: position(xid, int32(b.first[i]+len(j.events)))}
		default:
			j.done <- answer{head: head}
		}
	}
	for _, j := range waiting {
		if head := at[j.stream]; head == askAgain || head == j.expected {
			again = append(again, j)
		} else {
			j.done <- answer{head: head}
		}
	}
	return again
}

// askAgain is returned for a stream that only a later transaction may append to.
const askAgain domain.Revision = -2

// refuse tells the callers that nothing was saved. If the server refused the batch, it tries each job alone, so that
// only the caller whose events were refused gets the error.
func (w *writer) refuse(b *batch, err error) {
	if errors.Is(err, dbschema.ErrServer) && len(b.jobs) > 1 && w.ctx.Err() == nil {
		for _, j := range b.jobs {
			if j.state.CompareAndSwap(packed, queued) {
				for again := []*job{j}; len(again) > 0; {
					again = w.work(again)
				}
			}
		}
		return
	}
	for _, j := range b.jobs {
		j.done <- answer{err: err}
	}
}

// commit sends a batch until it gets a reply or no caller waits any more. An attempt without a reply may have
// committed. When it is sent again, its streams are past their expected revisions, and the callers find their own
// events.
func (w *writer) commit(b *batch) (xid int64, heads []int64, err error) {
	_ = retry(w.store.ended, func() error {
		if xid, heads, err = w.attempt(b); err == nil {
			return nil
		}
		err = w.store.schema.Fault(err)
		if w.conn != nil && (w.conn.IsClosed() || errors.Is(err, dbschema.ErrReadOnly)) {
			w.drop()
		}
		if passes := w.store.mayPass(err); !passes || b.abandoned() || w.store.ended.Err() != nil {
			return backoff.Permanent(err)
		}
		return err
	})
	return xid, heads, err // the error of the last attempt, also when the store was closed since
}

func (w *writer) attempt(b *batch) (xid int64, heads []int64, err error) {
	size := 0
	for _, param := range b.params {
		size += len(param)
	}
	limit := w.store.options.Patience/2 + time.Duration(size/slowestLink)*time.Second
	ctx, cancel := context.WithTimeoutCause(w.ctx, limit, errSlow)
	defer cancel()
	if w.conn == nil {
		if err := w.connect(ctx); err != nil {
			return 0, nil, w.store.slow(ctx, err)
		}
	}
	w.transactions++
	result := w.conn.PgConn().ExecPrepared(ctx, w.statement.Name, b.params, binaryFormat, binaryFormat).Read()
	if result.Err != nil {
		return 0, nil, w.store.slow(ctx, result.Err)
	}
	if len(result.Rows) != 1 || len(result.Rows[0][1]) != 20+12*len(b.jobs) {
		return 0, nil, fmt.Errorf("append returned %d rows", len(result.Rows))
	}
	heads = make([]int64, len(b.jobs))
	for i := range heads {
		heads[i] = int64(binary.BigEndian.Uint64(result.Rows[0][1][24+12*i:]))
	}
	return int64(binary.BigEndian.Uint64(result.Rows[0][0])), heads, nil
}

var binaryFormat = []int16{pgx.BinaryFormatCode}

func (w *writer) connect(ctx context.Context) (err error) {
	if w.conn, err = w.store.schema.Conn(ctx); err != nil {
		return err
	}
	durable := `SELECT set_config('synchronous_commit', 'on', false)
		WHERE current_setting('synchronous_commit') = 'off'`
	if w.store.options.Lax {
		durable = "SET synchronous_commit = off"
	}
	if _, err = w.conn.Exec(ctx, durable); err == nil {
		w.statement, err = w.conn.Prepare(ctx, "append", "SELECT * FROM append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
	}
	if err != nil {
		w.drop()
	}
	return err
}

func (w *writer) drop() {
	if w.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = w.conn.Close(ctx) // the server ends the session in any case
	w.conn = nil
}

// settle makes durable what a lax store has acknowledged: a commit that waits for the disk also waits for all commits
// before it.
func (w *writer) settle() error {
	if !w.store.options.Lax || w.store.acknowledged.Load() == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), w.store.options.Patience)
	defer cancel()
	var err error
	if w.conn == nil {
		err = w.connect(ctx)
	}
	if err == nil {
		_, err = w.conn.Exec(ctx, "SET synchronous_commit = on; UPDATE log SET base = base")
	}
	return w.store.schema.Fault(err)
}
