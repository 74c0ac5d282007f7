package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain/internal/storedjson"
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
	ok = storedjson.Scan(open, func(s *storedjson.Scanner) { m = scanMetadata(s) })
	return m, checked, ok
}

// scanMetadata reads the fields in the order in which encode writes them, up to the checksum or the last brace.
func scanMetadata(s *storedjson.Scanner) (m Metadata) {
	s.Expect(`{`)
	if s.Skip(`"account":`) {
		m.Account = AccountID{s.UUID()}
		s.Skip(`,`)
	}
	if s.Skip(`"actor":{`) {
		if s.Skip(`"id":`) {
			m.Actor.ID = s.Text()
			s.Skip(`,`)
		}
		if s.Skip(`"channel":`) {
			m.Actor.Channel = s.Text()
		}
		s.Expect(`}`)
		s.Skip(`,`)
	}
	if s.Skip(`"causation":`) {
		m.Causation = s.UUID()
		s.Skip(`,`)
	}
	if s.Skip(`"correlation":`) {
		m.Correlation = s.UUID()
		s.Skip(`,`)
	}
	s.Expect(`"occurred_at":`)
	m.OccurredAt = s.Time()
	if m.RecordedAt = m.OccurredAt; s.Skip(`,"recorded_at":`) {
		m.RecordedAt = s.Time()
	}
	if s.Skip(`,"schema":`) {
		m.Schema = int(s.Int())
	}
	return m
}
