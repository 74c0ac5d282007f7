package domain

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/maphash"
	"strings"
)

// Private is personal text: a name, a number, an address, a note. The log stores it sealed under the key of its
// subject; destroying the key erases the text and leaves the log intact. It prints as dots.
type Private struct {
	masked string // not the text itself, because fmt prints unexported fields without calling their methods
	sealed string // set only while the codec encodes or decodes
	erased bool
}

// Subject is whose data it is: the stream of the client or the account.
type Subject = Stream

// Personal is an event with Private fields, which all belong to one subject.
type Personal interface {
	Event
	Subject() Subject
}

// Secret returns text as Private.
func Secret(text string) Private { return secret(text) }

func secret[T string | []byte](text T) Private { return Private{masked: masked(text)} }

// Reveal returns the text, or "" if it was erased.
func (p Private) Reveal() string { return masked(p.masked) }

// mask is random in every process, so a masked text printed by accident is meaningless.
var mask = func() (mask [256]byte) {
	seed := maphash.MakeSeed()
	for i := 0; i < len(mask); i += 8 {
		binary.LittleEndian.PutUint64(mask[i:], maphash.Comparable(seed, i))
	}
	return mask
}()

// masked converts text to its masked form and back. Equal texts have equal forms, so secrets compare with ==.
func masked[T string | []byte](text T) string {
	var out strings.Builder
	out.Grow(len(text))
	for i := range len(text) {
		out.WriteByte(text[i] ^ mask[i%len(mask)])
	}
	return out.String()
}

// IsErased reports whether the key of the subject was destroyed.
func (p Private) IsErased() bool { return p.erased }

// IsZero reports whether the text is empty and was not erased.
func (p Private) IsZero() bool { return p == Private{} }

// String returns dots, which keeps the text out of logs and error messages.
func (p Private) String() string {
	if p.IsZero() {
		return ""
	}
	return "•••"
}

// GoString returns String, for %#v.
func (p Private) GoString() string { return p.String() }

var errUnsealed = errors.New("domain: private text is not sealed: encode events with the codec")

// MarshalJSON returns the sealed form. It returns an error for text that was not sealed.
func (p Private) MarshalJSON() ([]byte, error) {
	switch {
	case p.IsZero():
		return []byte(`""`), nil
	case p.sealed == "" && !p.erased:
		return nil, errUnsealed
	}
	return json.Marshal(p.sealed)
}

// UnmarshalJSON reads the sealed form, which the codec then opens.
func (p *Private) UnmarshalJSON(data []byte) error {
	*p = Private{}
	return json.Unmarshal(data, &p.sealed)
}

// ReadText implements storedjson.Text.
func (p *Private) ReadText(text []byte) bool {
	*p = Private{sealed: string(text)}
	return true
}
