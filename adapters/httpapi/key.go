package httpapi

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// A key reads cbk_ + prefix + _ + secret. The prefix is for look-up and may be shown; the secret is 32 random
// bytes. Only the SHA-256 of the whole text is stored: with that much chance in it, a slow hash would add nothing.
const (
	keyMark      = "cbk_"
	prefixLength = 8
	secretLength = 43 // of 32 bytes in base64url
)

var prefixAlphabet = base32.StdEncoding.WithPadding(base32.NoPadding)

// Minted is a new API key. Text is to be shown once and stored nowhere.
type Minted struct{ Text, Prefix, Hash string }

// MintKey makes a key. Its prefix comes from the wish for it, so that a wish repeated is recognised.
func MintKey(wish uuid.UUID) Minted {
	prefix := strings.ToLower(prefixAlphabet.EncodeToString(wish[len(wish)-5:]))
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails; the program stops instead
	text := keyMark + prefix + "_" + base64.RawURLEncoding.EncodeToString(secret)
	return Minted{Text: text, Prefix: prefix, Hash: hashKey(text)}
}

func hashKey(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// StoredKey is what is kept of an API key.
type StoredKey struct {
	Prefix  string
	Hash    string // SHA-256 of the key, hexadecimal
	Role    string
	Account domain.AccountID // zero for a key of the installation
	Label   string
	Revoked bool
}

// Keys finds a key by its prefix; ok is false when there is none.
type Keys interface {
	FindKey(ctx context.Context, prefix string) (key StoredKey, ok bool, err error)
}

type callerKey struct{}

// callerOf is the key that was used; zero on addresses that need none.
func callerOf(ctx context.Context) StoredKey {
	caller, _ := ctx.Value(callerKey{}).(StoredKey)
	return caller
}

// authenticate finds whose request it is. The answer to a wrong secret is that to an unknown prefix.
func authenticate(keys Keys, r *http.Request) (StoredKey, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return StoredKey{}, errNoKey
	}
	prefix, ok := prefixOf(text)
	if !ok {
		return StoredKey{}, errBadKey
	}
	key, known, err := keys.FindKey(r.Context(), prefix)
	if err != nil {
		return StoredKey{}, err
	}
	same := subtle.ConstantTimeCompare([]byte(hashKey(text)), []byte(key.Hash)) == 1
	if !known || !same || key.Revoked {
		return StoredKey{}, errBadKey
	}
	return key, nil
}

func prefixOf(text string) (string, bool) {
	rest, ok := strings.CutPrefix(text, keyMark)
	if !ok || len(rest) != prefixLength+1+secretLength || rest[prefixLength] != '_' {
		return "", false
	}
	return rest[:prefixLength], true
}
