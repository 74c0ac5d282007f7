package state

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// batcher runs the statements of many callers in one transaction. Otherwise each would wait for its own sync, and for
// the syncs of all callers before it. A caller that finds nobody at work runs the statements of everybody who is
// waiting.
type batcher struct {
	mu      sync.Mutex
	waiting []*request
	busy    bool
}

// request is one statement. err is its own error, or that of the transaction.
type request struct {
	ctx  context.Context
	sql  string
	args []any
	row  func(*sqlite.Stmt) error
	key  string // that gets an answer, "" for none
	rows int    // changed
	err  error
	done chan struct{}
}

// run executes one statement and returns when its transaction is durable.
func (f *File) run(ctx context.Context, sql string, args []any, row func(*sqlite.Stmt) error) error {
	_, err := f.ask(&request{ctx: ctx, sql: sql, args: args, row: row})
	return err
}

// change executes one statement, which stores the answer of a key, and returns how many rows it changed, when its
// transaction is durable.
func (f *File) change(ctx context.Context, key, sql string, args []any) (rows int, err error) {
	return f.ask(&request{ctx: ctx, sql: sql, args: args, key: key})
}

func (f *File) ask(own *request) (rows int, err error) {
	own.done = make(chan struct{})
	f.batch.mu.Lock()
	f.batch.waiting = append(f.batch.waiting, own)
	lead := !f.batch.busy
	f.batch.busy = true
	f.batch.mu.Unlock()
	if lead {
		f.lead()
	}
	<-own.done
	return own.rows, own.err
}

// lead runs one transaction. If callers wait after it, another goroutine takes over, so that no caller works for the
// others without end.
func (f *File) lead() {
	f.batch.mu.Lock()
	requests := f.batch.waiting
	f.batch.waiting = nil
	f.batch.mu.Unlock()
	f.transact(requests)
	for _, w := range requests {
		close(w.done)
	}
	f.batch.mu.Lock()
	f.batch.busy = len(f.batch.waiting) > 0
	more := f.batch.busy
	f.batch.mu.Unlock()
	if more {
		go f.lead()
	}
}

// transact executes requests. A failed statement is rolled back alone. If the transaction fails, all fail.
func (f *File) transact(requests []*request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := sqlitex.Execute(f.conn, "BEGIN", nil)
	if err == nil {
		for _, w := range requests {
			if w.err = w.ctx.Err(); w.err != nil {
				w.err = fmt.Errorf("state file: %w", w.err)
				continue
			}
			if w.key != "" {
				f.answered.Add(w.key)
			}
			w.err = f.file.Fault(sqlitex.Execute(f.conn, w.sql, &sqlitex.ExecOptions{Args: w.args, ResultFunc: w.row}))
			w.rows = f.conn.Changes()
		}
		if f.conn.AutocommitEnabled() { // SQLite has rolled back the whole transaction, because the disk is full
			err = errors.New("the transaction was rolled back")
			for _, w := range requests {
				if w.err != nil {
					err = w.err
				}
			}
		} else if err = sqlitex.Execute(f.conn, "COMMIT", nil); err != nil {
			err = errors.Join(err, sqlitex.Execute(f.conn, "ROLLBACK", nil))
		}
	}
	if err == nil {
		return
	}
	for _, w := range requests {
		if w.err == nil {
			w.err = f.file.Fault(err)
		}
	}
}
