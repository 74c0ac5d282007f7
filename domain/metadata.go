package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Metadata says how a stored event came about. Times are UTC, in microseconds.
type Metadata struct {
	Account     AccountID `json:"account,omitzero"`
	Actor       Actor     `json:"actor,omitzero"`
	Causation   uuid.UUID `json:"causation,omitzero"`   // the event or request that made this one
	Correlation uuid.UUID `json:"correlation,omitzero"` // the first of the chain
	OccurredAt  time.Time `json:"occurred_at"`          // domain time
	RecordedAt  time.Time `json:"recorded_at"`          // when it was appended
	Schema      int       `json:"schema,omitzero"`      // version of the event's stored form; absent means 1
}

// Actor is who sent the command, and through which channel. ID is a key, a member's id or a policy name, never personal
// data.
type Actor struct {
	ID      string `json:"id,omitempty"`
	Channel string `json:"channel,omitempty"` // api, page, cli, policy, carrier, import, simulation, link
}

// storedMetadata is the stored form. It leaves out recorded_at if it equals occurred_at.
type storedMetadata struct {
	Account     AccountID `json:"account,omitzero"`
	Actor       Actor     `json:"actor,omitzero"`
	Causation   uuid.UUID `json:"causation,omitzero"`
	Correlation uuid.UUID `json:"correlation,omitzero"`
	OccurredAt  time.Time `json:"occurred_at"`
	RecordedAt  time.Time `json:"recorded_at,omitzero"`
	Schema      int       `json:"schema,omitzero"`
}

// encode returns the stored form as JSON.
func (m Metadata) encode() ([]byte, error) {
	stored := storedMetadata(m)
	if stored.RecordedAt.Equal(stored.OccurredAt) {
		stored.RecordedAt = time.Time{}
	}
	return json.Marshal(stored)
}

// Metadata returns the metadata of the entry without opening the event.
func (e Entry) Metadata() (Metadata, error) {
	m, err := decodeMetadata(e.Meta)
	if err != nil {
		return m, fmt.Errorf("%s at position %s: its metadata cannot be read; run `clickbook verify`: %w",
			e.Type, e.Position, err)
	}
	return m, nil
}

// decodeMetadata parses the stored form, with or without a checksum, which it does not compare. Every event of the log
// passes through it, so the exact form that encode writes is parsed by hand, about eight times as fast as
// encoding/json. Any other form falls back to encoding/json. Then unknown fields are an error, unless a checksum proves
// that a newer version wrote them: the name of a field may be damaged, even that of the checksum.
func decodeMetadata(data []byte) (Metadata, error) {
	m, checked, ok := quickMetadata(data)
	if ok {
		return m, nil
	}
	if !json.Valid(data) { // a decoder stops after the first value
		return Metadata{}, errors.New("it is not JSON")
	}
	var stored storedMetadata
	strict := json.NewDecoder(bytes.NewReader(data))
	if !checked {
		strict.DisallowUnknownFields()
	}
	if err := strict.Decode(&stored); err != nil {
		return Metadata{}, err
	}
	if stored.RecordedAt.IsZero() {
		stored.RecordedAt = stored.OccurredAt
	}
	return Metadata(stored), nil
}

// quickMetadata parses the exact form that encode writes, with or without a checksum, and reports which it is.
func quickMetadata(data []byte) (m Metadata, checked, ok bool) {
	open, _, checked := cutChecksum(data)
	if !checked {
		if open, ok = bytes.CutSuffix(data, []byte("}")); !ok {
			return m, false, false
		}
	}
	reader := metadataReader{rest: open}
	m, ok = reader.read()
	return m, checked, ok
}

// metadataReader parses the fields in the order in which encode writes them, up to the checksum or the last brace.
type metadataReader struct {
	rest []byte
	bad  bool
}

func (r *metadataReader) read() (m Metadata, ok bool) {
	r.expect(`{`)
	if r.skip(`"account":"`) {
		m.Account = AccountID{r.id()}
	}
	if r.skip(`"actor":{`) {
		if r.skip(`"id":"`) {
			m.Actor.ID = r.text()
		}
		if r.skip(`"channel":"`) {
			m.Actor.Channel = r.text()
		}
		r.expect(`}`)
		r.skip(`,`)
	}
	if r.skip(`"causation":"`) {
		m.Causation = r.id()
	}
	if r.skip(`"correlation":"`) {
		m.Correlation = r.id()
	}
	r.expect(`"occurred_at":"`)
	m.OccurredAt = r.time()
	if m.RecordedAt = m.OccurredAt; r.skip(`"recorded_at":"`) {
		m.RecordedAt = r.time()
	}
	if r.skip(`"schema":`) {
		m.Schema = r.number()
	}
	return m, !r.bad && len(r.rest) == 0
}

func (r *metadataReader) skip(text string) bool {
	if len(r.rest) < len(text) || string(r.rest[:len(text)]) != text {
		return false
	}
	r.rest = r.rest[len(text):]
	return true
}

func (r *metadataReader) expect(text string) {
	if !r.skip(text) {
		r.bad = true
	}
}

// quoted returns the text before the closing quote and skips the comma after it.
func (r *metadataReader) quoted() []byte {
	for i, b := range r.rest {
		switch b {
		case '\\':
			r.bad = true
			return nil
		case '"':
			value := r.rest[:i]
			r.rest = r.rest[i+1:]
			r.skip(`,`)
			return value
		}
	}
	r.bad = true
	return nil
}

func (r *metadataReader) text() string { return string(r.quoted()) }

func (r *metadataReader) id() uuid.UUID {
	id, err := uuid.ParseBytes(r.quoted())
	r.bad = r.bad || err != nil
	return id
}

func (r *metadataReader) time() time.Time {
	t, err := time.Parse(time.RFC3339Nano, string(r.quoted()))
	r.bad = r.bad || err != nil
	return t
}

func (r *metadataReader) number() int {
	end := 0
	for end < len(r.rest) && r.rest[end] >= '0' && r.rest[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(string(r.rest[:end]))
	r.bad = r.bad || err != nil
	r.rest = r.rest[end:]
	return n
}
