package keyring

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// form is the first byte of every sealed text. The nonce, ciphertext and tag follow (AES-256-GCM).
const form = 1

// Seal implements domain.Vault. The first text of a subject creates its key, durably, before Seal returns.
func (k *Keyring) Seal(subject domain.Subject, label string, plain []byte) ([]byte, error) {
	key, err := k.key(subject, true)
	if err != nil {
		return nil, k.fault("seal for "+string(subject), err)
	}
	sealed := make([]byte, 1, 1+key.Overhead()+len(plain))
	sealed[0] = form
	place := placeOf(subject, label)
	defer places.Put(place)
	return key.Seal(sealed, nil, plain, *place), nil
}

// Open implements domain.Vault. A key that is missing and was not erased is a fault: the log and the keyring belong
// to different installations, or one is an older copy.
func (k *Keyring) Open(subject domain.Subject, label string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != form {
		return nil, fmt.Errorf("open a text of %s: this version does not know its form", subject)
	}
	key, err := k.key(subject, false)
	if errors.Is(err, errNoKey) {
		return nil, fmt.Errorf("open a text of %s: %w, and it was not erased; restore the keys.db that belongs to "+
			"this log", subject, err)
	}
	if err != nil {
		return nil, k.fault("open a text of "+string(subject), err)
	}
	place := placeOf(subject, label)
	defer places.Put(place)
	plain, err := key.Open(nil, nil, sealed[1:], *place)
	if err != nil {
		return nil, fmt.Errorf("open a text of %s: it was changed, or was not sealed as %s", subject, label)
	}
	return plain, nil
}

func (k *Keyring) key(subject domain.Subject, mayCreate bool) (cipher.AEAD, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil, ErrClosed
	}
	key, err := k.find(subject)
	if mayCreate && errors.Is(err, errNoKey) {
		key, err = k.create(subject)
	}
	return key, err
}

// placeOf returns what a sealed text is bound to: its subject and its label. The length separates the two. The caller
// puts it back into places.
func placeOf(subject domain.Subject, label string) *[]byte {
	place := places.Get().(*[]byte)
	bound := binary.AppendUvarint((*place)[:0], uint64(len(subject)))
	*place = append(append(bound, subject...), label...)
	return place
}

var places = sync.Pool{New: func() any { return new([]byte) }}
