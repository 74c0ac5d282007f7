package links

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"

	"github.com/google/uuid"
)

// kind is what a token is good for.
type kind byte

const (
	manage       kind = 1
	contacted    kind = 2
	hold         kind = 3
	keep         kind = 4
	accountFeed  kind = 5
	resourceFeed kind = 6
)

// token is a right: what for, of which generation, and for which thing. It has no expiry of its own, because that
// follows the visit, and no account, because the thing has one.
type token struct {
	kind       kind
	generation int // of the appointment's links; a revocation starts the next
	id         uuid.UUID
}

const (
	plainBytes = 1 + 2 + 16
	tokenBytes = plainBytes + 16
)

// tokenForm is base64url without padding. Strict refuses a second text of the same bytes.
var tokenForm = base64.RawURLEncoding.Strict()

// sign returns the text of a token, of 47 characters: the kind, the generation, the id and the authentication code.
func (l Links) sign(t token) string {
	plain := make([]byte, 0, tokenBytes)
	plain = append(plain, byte(t.kind))
	plain = binary.BigEndian.AppendUint16(plain, uint16(t.generation))
	plain = append(plain, t.id[:]...)
	code := l.Keys.LinkMAC(plain)
	return tokenForm.EncodeToString(append(plain, code[:]...))
}

// verify returns the token of a text, or false if its code is wrong or it is of another kind. It reads nothing else, so
// a forged token costs no disk and its refusal always takes as long.
func (l Links) verify(text string, want kind) (token, bool) {
	if len(text) != tokenForm.EncodedLen(tokenBytes) {
		return token{}, false
	}
	data, err := tokenForm.DecodeString(text)
	if err != nil {
		return token{}, false
	}
	code := l.Keys.LinkMAC(data[:plainBytes])
	if subtle.ConstantTimeCompare(code[:], data[plainBytes:]) != 1 || kind(data[0]) != want {
		return token{}, false
	}
	return token{
		kind: want, generation: int(binary.BigEndian.Uint16(data[1:3])), id: uuid.UUID(data[3:plainBytes]),
	}, true
}
