package domain

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/maphash"
	"strings"
)

// Private is personal text: a name, a number, an address, something a person wrote. In the log it is sealed
// under the key of its subject; destroying that key erases the text and leaves the log whole. It prints as dots.
type Private struct {
	masked string // never the text itself: fmt prints unexported fields without asking their methods
	sealed string // set only between the codec and the bytes
	erased bool
}

// Subject names whose data it is: the client's or the account's own stream.
type Subject = Stream

// Personal is an event with Private fields. All of them belong to one subject.
type Personal interface {
	Event
	Subject() Subject
}

// Secret makes private text.
func Secret(text string) Private { return Private{masked: masked(text)} }

// Reveal gives the text, or "" when it was erased.
func (p Private) Reveal() string { return masked(p.masked) }

// mask differs in every process, so that what is printed by accident means nothing to who reads it.
var mask = func() (mask [256]byte) {
	seed := maphash.MakeSeed()
	for i := 0; i < len(mask); i += 8 {
		binary.LittleEndian.PutUint64(mask[i:], maphash.Comparable(seed, i))
	}
	return mask
}()

// masked turns text into its masked form and back. Equal texts have equal forms, so secrets compare with ==.
func masked(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	for i := range len(text) {
		out.WriteByte(text[i] ^ mask[i%len(mask)])
	}
	return out.String()
}

// IsErased reports whether the key of its subject was destroyed.
func (p Private) IsErased() bool { return p.erased }

// IsZero reports whether there is no text and never was.
func (p Private) IsZero() bool { return p == Private{} }

// String hides the text from logs and error messages.
func (p Private) String() string {
	if p.IsZero() {
		return ""
	}
	return "•••"
}

// GoString hides the text from %#v too.
func (p Private) GoString() string { return p.String() }

var errUnsealed = errors.New("domain: private text may be written only by the codec, which seals it")

// MarshalJSON writes the sealed form; text that was never sealed is refused.
func (p Private) MarshalJSON() ([]byte, error) {
	switch {
	case p.IsZero():
		return []byte(`""`), nil
	case p.sealed == "" && !p.erased:
		return nil, errUnsealed
	}
	return json.Marshal(p.sealed)
}

// UnmarshalJSON reads the sealed form; the codec opens it.
func (p *Private) UnmarshalJSON(data []byte) error {
	*p = Private{}
	if plain := len(data) > 1 && bytes.HasPrefix(data[1:], []byte(sealMark)) && bytes.IndexByte(data, '\\') < 0; plain {
		p.sealed = string(data[1 : len(data)-1]) // as the codec writes it
		return nil
	}
	return json.Unmarshal(data, &p.sealed)
}
