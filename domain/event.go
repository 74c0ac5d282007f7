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

// Microseconds cuts t to the precision the log keeps, in UTC, toward the past.
func Microseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
