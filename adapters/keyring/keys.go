package keyring

import (
	"cmp"
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
	delete(k.ahead, subject)
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

// aheadRows is how many keys are read at once by a caller that reads them in the order of their creation, as a rebuild
// does with the log.
const aheadRows = 64

// wrapped returns a wrapped key.
func (k *Keyring) wrapped(subject domain.Subject) (wrapped []byte, err error) {
	wrapped, known := k.ahead[subject]
	if !known {
		row := k.row
		if wrapped, err = k.read(subject); err == nil && k.row == row+1 {
			err = k.readAhead()
		}
	}
	if err == nil && wrapped == nil {
		err = domain.ErrErased
	}
	return wrapped, err
}

// read reads a wrapped key, which is nil if it was erased, and sets row. Rebuilds read thousands of keys, so the
// statements are prepared once and bound directly.
func (k *Keyring) read(subject domain.Subject) (wrapped []byte, err error) {
	stmt, err := k.conn.Prepare("SELECT rowid, wrapped FROM keys WHERE subject = ?")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stmt.Reset()) }()
	stmt.BindText(1, string(subject))
	if found, err := stmt.Step(); err != nil || !found {
		return nil, cmp.Or(err, errNoKey)
	}
	k.row = stmt.ColumnInt64(0)
	return column(stmt, 1), nil
}

// readAhead replaces ahead by the keys that follow the last one that was read.
func (k *Keyring) readAhead() (err error) {
	clear(k.ahead)
	stmt, err := k.conn.Prepare("SELECT rowid, subject, wrapped FROM keys WHERE rowid > ? ORDER BY rowid LIMIT 0 + ?")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stmt.Reset()) }()
	stmt.BindInt64(1, k.row)
	stmt.BindInt64(2, aheadRows)
	for {
		if found, err := stmt.Step(); err != nil || !found {
			return err
		}
		k.row = stmt.ColumnInt64(0)
		k.ahead[domain.Subject(stmt.ColumnText(1))] = column(stmt, 2)
	}
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

// forget drops all keys from memory.
func (k *Keyring) forget() {
	k.opened.Purge()
	clear(k.ahead)
}

// transaction runs work in a transaction. If it fails, keys that it created are dropped from memory too.
func (k *Keyring) transaction(work func() error) (err error) {
	end, err := sqlitex.ImmediateTransaction(k.conn)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			k.forget()
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

// column returns a copy of a BLOB, or nil for NULL.
func column(stmt *sqlite.Stmt, i int) []byte {
	if stmt.ColumnIsNull(i) {
		return nil
	}
	own := make([]byte, stmt.ColumnLen(i))
	stmt.ColumnBytes(i, own)
	return own
}
