// Package keyring seals personal text (domain.Vault). Every subject has a data key of its own, kept in DIR/keys.db
// apart from the log and wrapped by the installation's key; destroying a data key erases what it sealed, wherever
// copies of the log may be. It refuses to make a new key for a subject that was erased, to guess at a lost key,
// and to give keys away.
package keyring

import (
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/domain"
)

// Options say where the installation's key comes from.
type Options struct {
	// InstallationKey is 32 random bytes. When nil they are read from the file installation.key beside the
	// database, which the first Open makes.
	InstallationKey []byte
}

// Keyring implements domain.Vault.
type Keyring struct {
	file         *dbfile.File
	wrapping     cipher.AEAD
	fingerprint  []byte // key of Fingerprint
	installation uuid.UUID

	mu     sync.Mutex // guards what follows
	conn   *sqlite.Conn
	opened *simplelru.LRU[domain.Subject, cipher.AEAD]
	closed bool
}

var _ domain.Vault = (*Keyring)(nil)

// ErrClosed is what a keyring answers after Close.
var ErrClosed = errors.New("the keyring is closed")

// recentKeys bounds the opened keys in memory, of about one KiB each.
const recentKeys = 32 << 10

// kind is the keys' file. The id spells "CBky". A row without a wrapped key is a tombstone.
var kind = dbfile.Kind{Name: "keyring", ID: 0x43426b79, Version: 1, Schema: `
CREATE TABLE keys (
	subject TEXT PRIMARY KEY,
	wrapped BLOB
);
CREATE TABLE installation (
	proof BLOB NOT NULL
)`}

// Open locks the file at path (DIR/keys.db) and makes or checks it and the installation's key.
func Open(ctx context.Context, path string, options Options) (*Keyring, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := dbfile.Open(path, kind)
	if err != nil {
		return nil, err
	}
	k := &Keyring{file: file}
	if k.opened, err = simplelru.NewLRU[domain.Subject, cipher.AEAD](recentKeys, nil); err == nil {
		err = k.start(options)
	}
	if err != nil {
		if k.conn != nil {
			err = errors.Join(err, k.conn.Close())
		}
		return nil, errors.Join(err, file.Close())
	}
	return k, nil
}

// start checks the installation's key against the proof that the first start left. Without a proof there is
// nothing sealed yet, and only then may a key be made.
func (k *Keyring) start(options Options) (err error) {
	// secure_delete writes zeros over what is deleted; temporary copies stay in memory.
	k.conn, err = k.file.Conn("synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY", "cache_size=-8192")
	if err != nil {
		return err
	}
	proof, err := k.proof()
	if err != nil {
		return k.file.Fault(err)
	}
	path := filepath.Join(filepath.Dir(k.file.Path()), "installation.key")
	secret, err := installationKey(options.InstallationKey, path, proof == nil)
	if err != nil {
		return err
	}
	if k.wrapping, err = aead(derive(secret, "clickbook data key wrapping 1")); err != nil {
		return err
	}
	k.fingerprint = derive(secret, "clickbook fingerprint 1")
	copy(k.installation[:], derive(secret, "clickbook installation 1"))
	if proof == nil {
		return k.file.Fault(k.prove())
	}
	if _, err := k.wrapping.Open(nil, nil, proof, []byte(proofText)); err != nil {
		return fmt.Errorf("the installation key does not fit %s: put back the one it was made with (%s), "+
			"or personal data cannot be read", k.file.Path(), path)
	}
	return nil
}

// Close gives the file back.
func (k *Keyring) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil
	}
	k.closed = true
	k.opened.Purge()
	return errors.Join(k.file.Fault(k.conn.Close()), k.file.Close())
}

// Installation names the installation whose key this is. It is the same for ever and tells nothing of the key, so a
// log may say by it whose it is.
func (k *Keyring) Installation() uuid.UUID { return k.installation }

// InUse reports whether anything was ever sealed: then there is a log somewhere that needs these keys.
func (k *Keyring) InUse() (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	used := false
	err := k.exec("SELECT 1 FROM keys LIMIT 1", func(*sqlite.Stmt) error {
		used = true
		return nil
	})
	return used, k.fault("look for keys", err)
}

// Fingerprint is the same for the same text in this installation and tells nobody else what the text is, so that
// ids may derive from phone numbers though there are few enough numbers to try them all.
func (k *Keyring) Fingerprint(text string) (print [16]byte) {
	mac := hmac.New(sha256.New, k.fingerprint)
	mac.Write([]byte(text))
	copy(print[:], mac.Sum(nil))
	return print
}
