package domaintest

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// Vault is a vault for tests: it seals the same text to the same bytes, so that golden events stand still. It
// hides nothing.
type Vault struct {
	mu     sync.Mutex
	erased map[domain.Subject]bool
}

// NewVault makes a vault with no subject erased.
func NewVault() *Vault { return &Vault{erased: make(map[domain.Subject]bool)} }

// Erase forgets a subject's key.
func (v *Vault) Erase(subject domain.Subject) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.erased[subject] = true
}

// Seal marks the text with its subject and label and turns it around. An erased subject gets no new key.
func (v *Vault) Seal(subject domain.Subject, label string, plain []byte) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.erased[subject] {
		return nil, domain.ErrErased
	}
	return append(prefix(subject, label), turned(plain)...), nil
}

// Open undoes Seal, for the same subject and label only.
func (v *Vault) Open(subject domain.Subject, label string, sealed []byte) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.erased[subject] {
		return nil, domain.ErrErased
	}
	rest, ok := bytes.CutPrefix(sealed, prefix(subject, label))
	if !ok {
		return nil, fmt.Errorf("sealed text of another place opened as %s of %s", label, subject)
	}
	return turned(rest), nil
}

func prefix(subject domain.Subject, label string) []byte {
	return []byte(string(subject) + "/" + label + "/")
}

func turned(text []byte) []byte {
	out := make([]byte, len(text))
	for i, b := range text {
		out[len(text)-1-i] = b
	}
	return out
}
