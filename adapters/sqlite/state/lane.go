package state

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// lane makes one transaction of what many callers want at once: each would wait for a sync of its own, and all the
// others behind it. Who finds nobody at work does the work of everybody who has come meanwhile.
type lane struct {
	mu      sync.Mutex
	waiting []*wish
	busy    bool
}

// wish is one statement. Its error is its own, or the transaction's.
type wish struct {
	ctx  context.Context
	sql  string
	args []any
	row  func(*sqlite.Stmt) error
	err  error
	done chan struct{}
}

// run executes one statement and answers when its transaction is durable.
func (f *File) run(ctx context.Context, sql string, args []any, row func(*sqlite.Stmt) error) error {
	own := &wish{ctx: ctx, sql: sql, args: args, row: row, done: make(chan struct{})}
	f.lane.mu.Lock()
	f.lane.waiting = append(f.lane.waiting, own)
	lead := !f.lane.busy
	f.lane.busy = true
	f.lane.mu.Unlock()
	if lead {
		f.lead()
	}
	<-own.done
	return own.err
}

// lead works until nobody waits. The callers that come without end would keep it for ever, so another takes over
// after each transaction.
func (f *File) lead() {
	f.lane.mu.Lock()
	wishes := f.lane.waiting
	f.lane.waiting = nil
	f.lane.mu.Unlock()
	f.transact(wishes)
	for _, w := range wishes {
		close(w.done)
	}
	f.lane.mu.Lock()
	f.lane.busy = len(f.lane.waiting) > 0
	more := f.lane.busy
	f.lane.mu.Unlock()
	if more {
		go f.lead()
	}
}

// transact carries wishes out. A statement that fails is taken back alone; when the transaction fails, all fail.
func (f *File) transact(wishes []*wish) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := sqlitex.Execute(f.conn, "BEGIN", nil)
	if err == nil {
		for _, w := range wishes {
			if w.err = w.ctx.Err(); w.err != nil {
				w.err = fmt.Errorf("state file: %w", w.err)
				continue
			}
			w.err = f.file.Fault(sqlitex.Execute(f.conn, w.sql, &sqlitex.ExecOptions{Args: w.args, ResultFunc: w.row}))
		}
		if f.conn.AutocommitEnabled() { // a full disk takes the whole transaction back by itself
			err = errors.New("the transaction was taken back")
			for _, w := range wishes {
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
	for _, w := range wishes {
		if w.err == nil {
			w.err = f.file.Fault(err)
		}
	}
}
