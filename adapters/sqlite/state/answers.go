package state

import (
	"context"
	"io"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// Answer is the response given under an idempotency key. BodyHash tells whether a later request with the same key is
// the same request. Response is stored as it is: the caller seals personal data first.
type Answer struct {
	BodyHash []byte
	Status   int
	Response []byte
	Position domain.Position // from which on the effect can be read
	GivenAt  time.Time
}

// Recall returns the answer given under a key of an account; ok is false if there is none. Requests of the
// installation itself have the zero account.
func (f *File) Recall(ctx context.Context, account domain.AccountID, key string) (answer Answer, ok bool, err error) {
	if f.answered.Lacks(known(account, key)) {
		return answer, false, nil
	}
	err = f.read(ctx, "SELECT body_hash, status, response, position, given_at FROM answers WHERE account = ? AND key = ?",
		[]any{account.UUID[:], key}, func(stmt *sqlite.Stmt) (err error) {
			answer.BodyHash, answer.Response = blob(stmt, 0), blob(stmt, 2)
			answer.Status, answer.GivenAt = stmt.ColumnInt(1), time.UnixMicro(stmt.ColumnInt64(4)).UTC()
			answer.Position, err = domain.ParsePosition(stmt.ColumnText(3))
			ok = err == nil
			return err
		})
	if err == nil && !ok {
		f.missed()
	}
	return answer, ok, err
}

// Remember stores the answer given under a key unless there is one already, and returns the stored one. Of two equal
// requests at the same time, both get the first answer.
func (f *File) Remember(
	ctx context.Context, account domain.AccountID, key string, answer Answer,
) (Answer, error) {
	rows, err := f.change(ctx, known(account, key), `INSERT INTO answers
		(account, key, body_hash, status, response, position, given_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, key) DO NOTHING`, []any{
		account.UUID[:], key, answer.BodyHash, answer.Status, answer.Response, answer.Position.String(),
		domain.Microseconds(answer.GivenAt).UnixMicro(),
	})
	switch {
	case err != nil:
		return Answer{}, err
	case rows > 0:
		return answer, nil
	}
	held, _, err := f.Recall(ctx, account, key)
	return held, err
}

// Forget deletes the answers given before a time.
func (f *File) Forget(ctx context.Context, before time.Time) error {
	return f.run(ctx, "DELETE FROM answers WHERE given_at < ?", []any{before.UnixMicro()}, nil)
}

func blob(stmt *sqlite.Stmt, column int) []byte {
	data, _ := io.ReadAll(stmt.ColumnReader(column)) // from memory: it cannot fail
	return data
}
