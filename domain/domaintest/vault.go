package domaintest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// Vault is a vault for tests. It seals the same text to the same bytes, so golden events do not change, and it hides
// nothing.
type Vault struct {
	mu     sync.Mutex
	erased map[domain.Subject]bool
}

// NewVault returns a vault in which no subject is erased.
func NewVault() *Vault { return &Vault{erased: make(map[domain.Subject]bool)} }

// Erase destroys a subject's key.
func (v *Vault) Erase(subject domain.Subject) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.erased[subject] = true
}

// Seal prefixes the text with its subject and label and reverses it. It returns ErrErased for an erased subject.
func (v *Vault) Seal(subject domain.Subject, label string, plain []byte) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.erased[subject] {
		return nil, domain.ErrErased
	}
	return append(prefix(subject, label), reversed(plain)...), nil
}

// Open reverses Seal, for the same subject and label only.
func (v *Vault) Open(subject domain.Subject, label string, sealed []byte) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.erased[subject] {
		return nil, domain.ErrErased
	}
	rest, ok := bytes.CutPrefix(sealed, prefix(subject, label))
	if !ok {
		return nil, fmt.Errorf("text sealed for another place was opened as %s of %s", label, subject)
	}
	return reversed(rest), nil
}

func prefix(subject domain.Subject, label string) []byte {
	return []byte(string(subject) + "/" + label + "/")
}

func reversed(text []byte) []byte {
	out := make([]byte, len(text))
	for i, b := range text {
		out[len(text)-1-i] = b
	}
	return out
}

// Fingerprint returns a hash of the text with a fixed key.
func (v *Vault) Fingerprint(text string) (print [16]byte) {
	sum := sha256.Sum256([]byte("a key for tests" + text))
	copy(print[:], sum[:])
	return print
}

// LinkMAC returns an authentication code of the link with a fixed key.
func (v *Vault) LinkMAC(link []byte) [16]byte { return v.Fingerprint("link\x00" + string(link)) }
