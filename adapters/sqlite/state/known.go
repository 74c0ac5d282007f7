package state

import (
	"math"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

const keysAtOnce = 2048 // keys in one read, so that no read is long

// known returns the name of a key in the filter of all keys.
func known(account domain.AccountID, key string) string { return string(account.UUID[:]) + key }

// missed counts a key without an answer. After some of them all keys are read in the background: almost every request
// has a new key, and searching the file for it costs more than to check the request.
func (f *File) missed() {
	if f.answered.Missed() {
		f.learners.Go(func() { _ = f.learn() }) // without the filter every key is searched for
	}
}

func (f *File) learn() error {
	ctx, count := f.living, 0
	err := f.read(ctx, "SELECT count(*) FROM answers INDEXED BY answers_by_age", nil, func(stmt *sqlite.Stmt) error {
		count = stmt.ColumnInt(0)
		return nil
	})
	if err != nil {
		f.answered.Skip()
		return err
	}
	f.mu.Lock() // between two transactions, so no key is on its way from the filter to the file
	add, done := f.answered.Fill(count)
	f.mu.Unlock()
	at, account, key := int64(math.MinInt64), []byte{}, ""
	for more := true; more && err == nil; {
		more = false
		err = f.read(ctx, `SELECT given_at, account, key FROM answers INDEXED BY answers_by_age
			WHERE (given_at, account, key) > (?, ?, ?) ORDER BY given_at, account, key LIMIT 0 + ?`,
			[]any{at, account, key, keysAtOnce}, func(stmt *sqlite.Stmt) error {
				at, account, key, more = stmt.ColumnInt64(0), blob(stmt, 1), stmt.ColumnText(2), true
				add(string(account) + key)
				return nil
			})
	}
	done(err == nil)
	return err
}
