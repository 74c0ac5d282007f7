// Package domain holds the types that every aggregate shares: event, recorded event, decider, typed id, refusal,
// private text and codec. It also declares the port of the event store. It refuses to depend on a store, a clock, the
// network or any business rule.
package domain

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Event is something that has happened. EventType returns its stored name, which is written nowhere else.
type Event interface{ EventType() string }

// NamesOf returns the stored names of the given events. Subscribers use it to list what they handle by Go type: a
// misspelled or removed event does not compile.
func NamesOf(events ...Event) []string {
	names := make([]string, len(events))
	for i, event := range events {
		names[i] = event.EventType()
	}
	return names
}

// Unexpected returns the error for an event that a subscriber lists but does not handle. Ignoring the event would
// leave a silent gap.
func Unexpected(r Recorded) error {
	return fmt.Errorf("unexpected %s at revision %d of %s: the subscriber lists this event type but has no case for it",
		r.Event.EventType(), r.Revision, r.Stream)
}

// Command is a request addressed to one stream.
type Command interface{ Stream() Stream }

// Recorded is an event with its place in the log and its metadata.
type Recorded struct {
	Position Position // place in the whole log
	Stream   Stream
	Revision Revision // place in the stream, from 0
	ID       uuid.UUID
	Event    Event
	Meta     Metadata
}

// Microseconds returns t in UTC, truncated to the microseconds that the log stores.
func Microseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
