package keyring

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// CheckPages returns an error if the pages of the file are damaged. It reads the whole file and opens no key.
func (k *Keyring) CheckPages() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return ErrClosed
	}
	return k.fault("check the keys", k.exec(
		"SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok' LIMIT 1",
		func(stmt *sqlite.Stmt) error { return k.file.Damaged(stmt.ColumnText(0)) }))
}

// Verify checks the pages of the file and opens every key. It calls found with each finding, and returns how many
// keys there are and how many were destroyed. An error means that it could not read on.
func (k *Keyring) Verify(
	ctx context.Context, found func(what string), destroyed func(domain.Subject) error,
) (keys, erased int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return 0, 0, ErrClosed
	}
	err = k.exec("SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
		func(stmt *sqlite.Stmt) error {
			found(fmt.Sprintf("%s is damaged: %s", k.file.Path(), stmt.ColumnText(0)))
			return nil
		})
	if err != nil {
		return 0, 0, k.fault("check the file", err)
	}
	err = k.exec("SELECT subject, wrapped FROM keys", func(stmt *sqlite.Stmt) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		subject := domain.Subject(stmt.ColumnText(0))
		if stmt.ColumnIsNull(1) {
			erased++
			return destroyed(subject)
		}
		keys++
		if _, err := k.wrapping.Open(nil, nil, column(stmt, 1), []byte(subject)); err != nil {
			found(fmt.Sprintf("the key of %q in %s is damaged or belongs to another keyring", subject, k.file.Path()))
		}
		return nil
	})
	return keys, erased, k.fault("read the keys", err)
}
