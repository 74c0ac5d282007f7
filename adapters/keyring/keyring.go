// Package keyring seals personal text (domain.Vault). Every subject has its own data key. The keys are stored in
// DIR/keys.db, apart from the log, and wrapped by the installation key. Destroying a data key erases what it sealed
// in every copy of the log. An erased subject never gets a new key, and the package has no way to export keys.
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

// Keyring implements domain.Vault.
type Keyring struct {
	file         *dbfile.File
	wrapping     cipher.AEAD
	fingerprint  []byte // the key of Fingerprint
	cursors      cipher.AEAD
	links        []byte // the key of LinkMAC
	installation uuid.UUID

	mu     sync.Mutex // guards the fields below
	conn   *sqlite.Conn
	opened *simplelru.LRU[domain.Subject, cipher.AEAD]
	ahead  map[domain.Subject][]byte // wrapped keys that were read ahead, nil if erased; at most aheadRows
	row    int64                     // rowid of the last key that was read
	closed bool
}

var _ domain.Vault = (*Keyring)(nil)

// ErrClosed is the error of using a keyring after Close.
var ErrClosed = errors.New("the keyring is closed")

// recentKeys bounds the opened keys in memory, of about one KiB each.
const recentKeys = 32 << 10

// kind is the kind of file that holds keys. Its id spells "CBky". A key that is NULL was erased.
var kind = dbfile.Kind{Name: "keyring", ID: 0x43426b79, Version: 1, Schema: `
CREATE TABLE keys (
	subject TEXT PRIMARY KEY,
	wrapped BLOB
);
CREATE TABLE installation (
	proof BLOB NOT NULL
)`}

// Open opens and locks the file at path (DIR/keys.db). The installation key is in the file installation.key next to
// it. Open creates both files if there are none, and otherwise checks that they belong together.
func Open(ctx context.Context, path string) (*Keyring, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := dbfile.Open(path, kind)
	if err != nil {
		return nil, err
	}
	k := &Keyring{file: file, ahead: make(map[domain.Subject][]byte)}
	if k.opened, err = simplelru.NewLRU[domain.Subject, cipher.AEAD](recentKeys, nil); err == nil {
		err = k.start()
	}
	if err != nil {
		if k.conn != nil {
			err = errors.Join(err, k.conn.Close())
		}
		return nil, errors.Join(err, file.Close())
	}
	return k, nil
}

// start checks the installation key against the proof that the first start stored. It creates a key only if there is
// no proof: then nothing was sealed yet.
func (k *Keyring) start() (err error) {
	// secure_delete overwrites deleted rows with zeros; temp_store keeps temporary copies in memory.
	k.conn, err = k.file.Conn("synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY", "cache_size=-8192")
	if err != nil {
		return err
	}
	proof, err := k.proof()
	if err != nil {
		return k.file.Fault(err)
	}
	path := filepath.Join(filepath.Dir(k.file.Path()), "installation.key")
	secret, err := installationKey(path, proof == nil)
	if err != nil {
		return err
	}
	if k.wrapping, err = aead(derive(secret, "clickbook data key wrapping 1")); err != nil {
		return err
	}
	if k.cursors, err = aead(derive(secret, "clickbook list cursor 1")); err != nil {
		return err
	}
	k.fingerprint = derive(secret, "clickbook fingerprint 1")
	k.links = derive(secret, "clickbook signed link 1")
	copy(k.installation[:], derive(secret, "clickbook installation 1"))
	if proof == nil {
		return k.file.Fault(k.prove())
	}
	if _, err := k.wrapping.Open(nil, nil, proof, []byte(proofText)); err != nil {
		return fmt.Errorf("the installation key does not fit %s: restore the key that it was created with (%s), "+
			"or personal data cannot be read", k.file.Path(), path)
	}
	return nil
}

// Close closes and unlocks the file.
func (k *Keyring) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil
	}
	k.closed = true
	k.forget()
	return errors.Join(k.file.Fault(k.conn.Close()), k.file.Close())
}

// Installation returns an id of the installation, derived from its key. The id never changes and does not reveal the
// key, so a log can be marked with it.
func (k *Keyring) Installation() uuid.UUID { return k.installation }

// Cursors seals the cursors of lists. A cursor of a list of people has a name, and callers keep it in addresses and
// logs. It is sealed with a key of the installation and not with that of its client, so the list goes on from there
// after the client was erased.
func (k *Keyring) Cursors() cipher.AEAD { return k.cursors }

// InUse reports whether the keyring has keys or erased ones, which means that a log exists that needs them.
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

// Fingerprint returns a keyed hash of a text. Without the installation key nobody can find the text by trying all, as
// they could with a plain hash of a phone number, so ids may derive from it.
func (k *Keyring) Fingerprint(text string) (print [16]byte) {
	mac := hmac.New(sha256.New, k.fingerprint)
	mac.Write([]byte(text))
	copy(print[:], mac.Sum(nil))
	return print
}

// LinkMAC returns the authentication code of a signed link: HMAC-SHA256, truncated to 128 bits (RFC 2104 section 5).
func (k *Keyring) LinkMAC(link []byte) (code [16]byte) {
	mac := hmac.New(sha256.New, k.links)
	mac.Write(link)
	copy(code[:], mac.Sum(nil))
	return code
}
