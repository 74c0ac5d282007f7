// Package apikey makes API keys and finds out whose they are. It never stores the text of a key.
package apikey

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
)

// A key reads cbk_ + prefix + _ + secret. The prefix finds the key and may be shown. The secret is 32 random bytes.
// Only the SHA-256 of the whole text is stored: with that much entropy a slow hash would add nothing.
const scheme = "cbk_"

var prefixAlphabet = base32.StdEncoding.WithPadding(base32.NoPadding)

// Minted is a new API key. Show Text once and store it nowhere.
type Minted struct{ Text, Prefix, Hash string }

// Mint makes a key. Its prefix derives from the id of the request for it, so that a repeated request is recognised.
func Mint(request uuid.UUID) Minted {
	prefix := strings.ToLower(prefixAlphabet.EncodeToString(request[len(request)-5:]))
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never returns an error
	text := scheme + prefix + "_" + base64.RawURLEncoding.EncodeToString(secret)
	return Minted{Text: text, Prefix: prefix, Hash: hash(text)}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Key is a valid key, as it was issued.
type Key struct {
	Prefix  string
	Role    string
	Account domain.AccountID // zero for a key of the installation
	Label   string
}

// Find returns the key with this text. It returns false for an unknown prefix, a wrong secret and a revoked key alike.
// It reads the key's own stream, so that a revoked key stops working at once.
func Find(ctx context.Context, engine *commands.Engine, text string) (Key, bool, error) {
	prefix, ok := prefixOf(text)
	if !ok {
		return Key{}, false, nil
	}
	state, _, err := commands.LoadKnown(ctx, engine, access.Decider, access.Stream(prefix))
	if err != nil {
		return Key{}, false, err
	}
	same := subtle.ConstantTimeCompare([]byte(hash(text)), []byte(state.Hash)) == 1
	if !same || state.Revoked {
		return Key{}, false, nil
	}
	return Key{Prefix: prefix, Role: state.Role, Account: state.Account, Label: state.Label}, true, nil
}

// keyForm matches the keys that Mint makes. A text of another form is not looked up.
var keyForm = regexp.MustCompile(`^cbk_([a-z2-7]{8})_[A-Za-z0-9_-]{43}$`)

func prefixOf(text string) (string, bool) {
	found := keyForm.FindStringSubmatch(text)
	if found == nil {
		return "", false
	}
	return found[1], true
}
