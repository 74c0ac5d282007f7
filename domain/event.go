// Package domain holds the few shapes every aggregate shares: event, recorded event, decider, typed id,
// refusal, private text and the codec table. It refuses to know any store, clock, network or business rule.
package domain

import (
	"time"

	"github.com/google/uuid"
)

// Event is something that has happened. The stored name is written in EventType and nowhere else.
type Event interface{ EventType() string }

// Command is a wish addressed to one stream.
type Command interface{ Stream() Stream }

// Recorded is an event with its place in the log and its history.
type Recorded struct {
	Position Position // place in the whole log
	Stream   Stream
	Revision Revision // place in the stream, from 0
	ID       uuid.UUID
	Event    Event
	Meta     Metadata
}

// Metadata is what every stored event says about how it came to be. Times are UTC, in microseconds.
type Metadata struct {
	Account     AccountID `json:"account,omitzero"`
	Actor       Actor     `json:"actor,omitzero"`
	Causation   uuid.UUID `json:"causation,omitzero"`   // the event or request that made this one
	Correlation uuid.UUID `json:"correlation,omitzero"` // the first of the chain
	OccurredAt  time.Time `json:"occurred_at"`          // domain time
	RecordedAt  time.Time `json:"recorded_at"`          // when it was appended
	Schema      int       `json:"schema,omitzero"`      // version of the event's stored form; absent means 1
}

// Actor says who did it and by which channel. ID is a key or a policy name, never personal data.
type Actor struct {
	ID      string `json:"id,omitempty"`
	Channel string `json:"channel,omitempty"` // api, cli, policy, carrier, import, simulation
}

// Microseconds cuts t to the precision the log keeps, in UTC, toward the past.
func Microseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
