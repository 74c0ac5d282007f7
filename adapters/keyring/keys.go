package keyring

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/domain"
)

const proofText = "this installation key belongs to this keyring"

// proof returns what prove stored, or nil in a new file.
func (k *Keyring) proof() (proof []byte, err error) {
	err = k.exec("SELECT proof FROM installation", func(stmt *sqlite.Stmt) error {
		proof = column(stmt, 0)
		return nil
	})
	return proof, err
}

func (k *Keyring) prove() error {
	return k.exec("INSERT INTO installation (proof) VALUES (?)", nil,
		k.wrapping.Seal(nil, nil, nil, []byte(proofText)))
}

// Prepare creates keys for many subjects in one durable transaction, so that their first Seal does not wait for the
// disk. It skips subjects that have a key or were erased.
func (k *Keyring) Prepare(ctx context.Context, subjects ...domain.Subject) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return ErrClosed
	}
	return k.fault("prepare keys", k.transaction(func() error {
		for _, subject := range subjects {
			if err := ctx.Err(); err != nil {
				return err
			}
			if _, err := k.find(subject); !errors.Is(err, errNoKey) {
				if err != nil && !errors.Is(err, domain.ErrErased) {
					return err
				}
				continue
			}
			if _, err := k.create(subject); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Erase destroys the key of a subject. What it sealed can no longer be opened, here or in any copy of the log, and
// the subject never gets another key. When Erase returns, the key is gone from the files. Erasing again has no
// effect; a subject without a key can be erased too.
func (k *Keyring) Erase(ctx context.Context, subject domain.Subject) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("erase %s: %w", subject, err)
	}
	k.opened.Remove(subject)
	err := k.exec(`INSERT INTO keys (subject, wrapped) VALUES (?, NULL)
		ON CONFLICT (subject) DO UPDATE SET wrapped = NULL`, nil, string(subject))
	if err == nil {
		err = k.emptyWAL()
	}
	return k.fault("erase "+string(subject), err)
}

// emptyWAL copies the WAL into the file and truncates it, because its older pages still have the erased keys.
func (k *Keyring) emptyWAL() error {
	busy := false
	err := k.exec("PRAGMA wal_checkpoint(TRUNCATE)", func(stmt *sqlite.Stmt) error {
		busy = stmt.ColumnBool(0)
		return nil
	})
	if err == nil && busy {
		err = errors.New("another connection holds the file; close it and erase again")
	}
	return err
}

// errNoKey reports a subject that has no key and was not erased.
var errNoKey = errors.New("it has no key in the keyring")

// find returns the key of a subject, errNoKey if there is none, or domain.ErrErased if it was destroyed.
func (k *Keyring) find(subject domain.Subject) (cipher.AEAD, error) {
	if key, ok := k.opened.Get(subject); ok {
		return key, nil
	}
	wrapped, err := k.wrapped(subject)
	if err != nil {
		return nil, err
	}
	secret, err := k.wrapping.Open(nil, nil, wrapped, []byte(subject))
	if err != nil {
		return nil, errors.New("its key in the keyring is damaged or belongs to another keyring; " +
			"restore keys.db from a backup")
	}
	return k.keep(subject, secret)
}

// wrapped reads a wrapped key. Rebuilds read thousands of keys, so the statement is prepared once and bound directly.
func (k *Keyring) wrapped(subject domain.Subject) (wrapped []byte, err error) {
	stmt, err := k.conn.Prepare("SELECT wrapped FROM keys WHERE subject = ?")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stmt.Reset()) }()
	stmt.BindText(1, string(subject))
	switch found, err := stmt.Step(); {
	case err != nil:
		return nil, err
	case !found:
		return nil, errNoKey
	case stmt.ColumnIsNull(0):
		return nil, domain.ErrErased
	}
	return column(stmt, 0), nil
}

// create creates the key of a subject that has none.
func (k *Keyring) create(subject domain.Subject) (cipher.AEAD, error) {
	secret := make([]byte, keyBytes)
	rand.Read(secret) // never returns an error: without randomness the program ends
	wrapped := k.wrapping.Seal(nil, nil, secret, []byte(subject))
	if err := k.exec("INSERT INTO keys (subject, wrapped) VALUES (?, ?)", nil, string(subject), wrapped); err != nil {
		return nil, err
	}
	return k.keep(subject, secret)
}

func (k *Keyring) keep(subject domain.Subject, secret []byte) (cipher.AEAD, error) {
	key, err := aead(secret)
	clear(secret)
	if err == nil {
		k.opened.Add(subject, key)
	}
	return key, err
}

// transaction runs work in a transaction. If it fails, keys that it created are dropped from memory too.
func (k *Keyring) transaction(work func() error) (err error) {
	end, err := sqlitex.ImmediateTransaction(k.conn)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			k.opened.Purge()
		}
	}()
	defer end(&err)
	return work()
}

func (k *Keyring) exec(query string, row func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.Execute(k.conn, query, &sqlitex.ExecOptions{Args: args, ResultFunc: row})
}

func (k *Keyring) fault(what string, err error) error {
	if err == nil || errors.Is(err, domain.ErrErased) {
		return err
	}
	return fmt.Errorf("%s: %w", what, k.file.Fault(err))
}

func column(stmt *sqlite.Stmt, i int) []byte {
	own := make([]byte, stmt.ColumnLen(i))
	stmt.ColumnBytes(i, own)
	return own
}
