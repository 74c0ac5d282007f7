package domain

import (
	"encoding/json"
	"errors"
	"unique"
)

// Private is personal text: a name, a number, an address, something a person wrote. In the log it is sealed
// under the key of its subject; destroying that key erases the text and leaves the log whole. It prints as dots.
type Private struct {
	text   unique.Handle[string] // behind a pointer: fmt prints the unexported fields of others without asking us
	sealed string                // set only between the codec and the bytes
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
func Secret(text string) Private {
	if text == "" {
		return Private{}
	}
	return Private{text: unique.Make(text)}
}

// Reveal gives the text, or "" when it was erased.
func (p Private) Reveal() string {
	if p.text == (unique.Handle[string]{}) {
		return ""
	}
	return p.text.Value()
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
	return json.Unmarshal(data, &p.sealed)
}
