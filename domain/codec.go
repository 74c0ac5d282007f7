package domain

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// Vault seals and opens private text with the key of its subject. The label binds a sealed text to one event type, so
// it cannot be moved to another.
type Vault interface {
	Seal(subject Subject, label string, plain []byte) ([]byte, error)
	// Open returns ErrErased if the key of the subject was destroyed.
	Open(subject Subject, label string, sealed []byte) ([]byte, error)
}

// ErrErased is returned when the key of a subject was destroyed. The text it sealed cannot be recovered.
var ErrErased = Refuse(Disallowed, "client_erased",
	"this client was erased and cannot be written to; register a new one")

// Codec encodes events to bytes and decodes them. An unknown event type is an error; it is never skipped.
type Codec struct {
	types     map[string]*Type
	vault     Vault
	unmarshal Unmarshal
}

// Unmarshal decodes JSON into a pointer, as encoding/json does.
type Unmarshal func(data []byte, into any) error

// NewCodec returns a codec for the types of the given aggregates. It returns an error if two types have the same
// name.
func NewCodec(vault Vault, aggregates ...Types) (*Codec, error) {
	codec := &Codec{types: make(map[string]*Type), vault: vault, unmarshal: json.Unmarshal}
	for _, types := range aggregates {
		for _, t := range types {
			if _, twice := codec.types[t.Name]; twice {
				return nil, fmt.Errorf("codec: event type %s is registered twice", t.Name)
			}
			codec.types[t.Name] = &t
		}
	}
	return codec, nil
}

// ReadWith sets the function that decodes the JSON of events. The default is json.Unmarshal.
func (c *Codec) ReadWith(unmarshal Unmarshal) *Codec {
	c.unmarshal = unmarshal
	return c
}

// Encode returns the stored form of an event, with its private fields sealed. It has no checksum, because its place
// in the log is not known yet: add one with Entry.WithChecksum.
func (c *Codec) Encode(id uuid.UUID, event Event, meta Metadata) (Stored, error) {
	t, ok := c.types[event.EventType()]
	if !ok {
		return Stored{}, fmt.Errorf("encode: event type %s is not registered", event.EventType())
	}
	if t.HasPrivate() {
		sealed, err := t.seal(c, event)
		if err != nil {
			return Stored{}, fmt.Errorf("encode %s: %w", t.Name, err)
		}
		event = sealed
	}
	data, err := json.Marshal(event)
	if err != nil {
		return Stored{}, fmt.Errorf("encode %s: %w", t.Name, err)
	}
	if t.Schema > 1 {
		meta.Schema = t.Schema
	}
	metadata, err := meta.encode()
	if err != nil {
		return Stored{}, fmt.Errorf("encode metadata of %s: %w", t.Name, err)
	}
	return Stored{ID: id, Type: t.Name, Data: data, Meta: metadata}, nil
}

// Decode returns the event of an entry. It upcasts older schemas. Private text of an erased subject is marked as
// erased. An entry that does not match its checksum is ErrDamaged.
func (c *Codec) Decode(entry Entry) (Recorded, error) {
	recorded := Recorded{
		Position: entry.Position, Stream: entry.Stream, Revision: entry.Revision, ID: entry.ID,
	}
	if _, err := entry.Check(); err != nil {
		return recorded, fmt.Errorf("decode: %w", err)
	}
	t, ok := c.types[entry.Type]
	if !ok {
		return recorded, fmt.Errorf("decode: %s at revision %d of %s is of a type this version does not know; "+
			"run a version that does", entry.Type, entry.Revision, entry.Stream)
	}
	var err error
	if recorded.Meta, err = decodeMetadata(entry.Meta); err != nil {
		return recorded, fmt.Errorf("decode metadata of %s in %s: %w", entry.Type, entry.Stream, err)
	}
	data, err := t.upcast(entry.Data, recorded.Meta.Schema)
	if err == nil {
		recorded.Event, err = t.decode(c, data)
	}
	if err != nil {
		return recorded, fmt.Errorf("decode %s at revision %d of %s: %w", entry.Type, entry.Revision, entry.Stream, err)
	}
	return recorded, nil
}

// spaces holds memory for what is gone when a call returns, so that reading an event allocates little more than the
// event.
var spaces = sync.Pool{New: func() any { return new([]byte) }}

func (c *Codec) open(subject Subject, label string, p *Private) error {
	if p.sealed == "" {
		return nil
	}
	space := spaces.Get().(*[]byte)
	defer spaces.Put(space)
	text := append((*space)[:0], strings.TrimPrefix(p.sealed, sealMark)...)
	both, err := base64.RawStdEncoding.AppendDecode(text, text)
	*space = both
	if err != nil {
		return fmt.Errorf("sealed text is damaged: %w", err)
	}
	plain, err := c.vault.Open(subject, label, both[len(text):])
	if errors.Is(err, ErrErased) {
		*p = Private{erased: true}
		return nil
	}
	if err != nil {
		return err
	}
	*p = secret(plain)
	return nil
}

// sealMark is the prefix of every sealed text. It names the format.
const sealMark = "s1:"

func (c *Codec) seal(subject Subject, label string, p *Private) error {
	if p.masked == "" {
		*p = Private{}
		return nil
	}
	raw, err := c.vault.Seal(subject, label, []byte(p.Reveal()))
	if err != nil {
		return err
	}
	p.sealed = sealMark + base64.RawStdEncoding.EncodeToString(raw)
	return nil
}

// upcast converts data of an older schema to the current one. Schema 0 in the metadata means 1.
func (t Type) upcast(data []byte, schema int) ([]byte, error) {
	schema = max(schema, 1)
	if schema > t.Schema {
		return nil, fmt.Errorf("schema %d is newer than %d, the newest this version knows", schema, t.Schema)
	}
	for _, upcast := range t.upcasts[schema-1:] {
		var err error
		if data, err = upcast(data); err != nil {
			return nil, fmt.Errorf("upcast from schema %d: %w", schema, err)
		}
	}
	return data, nil
}
