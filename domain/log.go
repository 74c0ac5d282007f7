package domain

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Stored is an event as bytes, ready to append. The id is never empty: a retry is recognised by it.
// Whoever reads an entry owns its bytes; whoever appends must leave them alone until Append returns.
type Stored struct {
	ID   uuid.UUID
	Type string
	Data []byte
	Meta []byte
}

// Entry is a stored event at its place in the log.
type Entry struct {
	Stored
	Position Position
	Stream   Stream
	Revision Revision
	Rest     int // how many events of the same append follow: it tells one append from two
}

// Appended is the place of the last event of an append.
type Appended struct {
	Revision Revision
	Position Position
}

// Filter narrows a read of the whole log: any of the types AND any of the stream prefixes; empty means all.
type Filter struct {
	Types    []string
	Prefixes []string
}

// Appender adds events to one stream, all or none. The stream must be at the expected revision (NoStream when
// it must not exist yet): there is no "any". When this very append (exactly these ids, as one append) already
// stands after the expected revision, it happened before and answers the same place again, however far the
// stream has gone on since. Otherwise, also when only some of the ids stand there, it answers ErrConflict.
// An append that CheckAppend refuses is a fault. When ctx ends first, the append was done whole or not at all;
// asking again with the same ids tells which.
type Appender interface {
	Append(ctx context.Context, stream Stream, expected Revision, events []Stored) (Appended, error)
}

// StreamReader reads one stream forwards from a revision (that one included; NoStream means from the start),
// or backwards from its end. An absent stream is empty. A read sees what stood when it began, perhaps more.
type StreamReader interface {
	ReadStream(ctx context.Context, stream Stream, from Revision) iter.Seq2[Entry, error]
	ReadStreamBackwards(ctx context.Context, stream Stream) iter.Seq2[Entry, error]
}

// LogReader reads the whole log in order, after a position (that one excluded). Whatever is appended later
// stands after everything a reader has seen. It shows everything that this store has acknowledged before; what others
// have appended, or a read of their stream has shown, it may show later: an older append may still be under way.
type LogReader interface {
	ReadAll(ctx context.Context, after Position, filter Filter) iter.Seq2[Entry, error]
	// Head is the position of the last event, zero for an empty log.
	Head(ctx context.Context) (Position, error)
}

// Subscriber hands over everything after a position in order and in batches: first what is there, then what
// comes, without a gap. A batch holds 1 to MaxBatch entries; the next is read when handle has returned, so a slow
// handle costs no memory. It returns when ctx ends (nil), or with the first error, its own or of handle's.
type Subscriber interface {
	Subscribe(ctx context.Context, after Position, filter Filter, handle func(context.Context, []Entry) error) error
}

// EventStore is everything an event store can do; callers ask for the parts they need.
type EventStore interface {
	Appender
	StreamReader
	LogReader
	Subscriber
	Marks
}

// Snapshots is a disposable cache of folded states: losing it costs time only. A snapshot of another version
// than asked for is absent: NoStream, no state, no error.
type Snapshots interface {
	SaveSnapshot(ctx context.Context, stream Stream, version int, revision Revision, state []byte) error
	LoadSnapshot(ctx context.Context, stream Stream, version int) (revision Revision, state []byte, err error)
}

// ErrStoreClosed is what every event store answers after its Close.
var ErrStoreClosed = errors.New("the event store is closed")

// ErrUnavailable says that the event store cannot be reached: a fault that may pass by itself. An append that
// answers it was done whole or not at all; asking again with the same ids tells which.
var ErrUnavailable = errors.New("the event store cannot be reached at present")

// Marks are a few words that a store remembers of its log as a whole, beside the events: whose log it is, and that
// a copy into it is unfinished. Names are short names (IsShortName), values are text of up to MaxMark bytes.
type Marks interface {
	// Mark answers "" for a name that has no value.
	Mark(ctx context.Context, name string) (string, error)
	// SetMark changes a value from before to after ("" for none) and is durable when it returns. Where the value is
	// neither of the two it changes nothing and answers ErrConflict, so of several who want it one wins, and asking
	// again is safe.
	SetMark(ctx context.Context, name, before, after string) error
}

// Limits of the log. They are far above what any decision needs; a breach is a fault of the program.
const (
	MaxStreamName   = 512      // bytes of a stream's name
	MaxAppendEvents = 10_000   // events in one append
	MaxEventBytes   = 16 << 20 // data and metadata of one event
	MaxAppendBytes  = 64 << 20 // data and metadata of all events of one append
	MaxBatch        = 512      // entries in one batch of a subscription
	MaxMark         = 1024     // bytes of a mark's value
)

// CheckAppend says what is wrong with an append before any store looks at it. Every store calls it first, so
// that all of them refuse the same.
func CheckAppend(stream Stream, expected Revision, events []Stored) error {
	switch name := string(stream); {
	case name == "" || len(name) > MaxStreamName || !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return fmt.Errorf("append: a stream's name is 1 to %d bytes of UTF-8 text, not %q", MaxStreamName, name)
	case expected < NoStream:
		return fmt.Errorf("append to %s: there is no revision %d to expect", stream, expected)
	case len(events) == 0 || len(events) > MaxAppendEvents:
		return fmt.Errorf("append to %s: an append holds 1 to %d events, not %d", stream, MaxAppendEvents, len(events))
	}
	total := 0
	for i, event := range events {
		size := len(event.Data) + len(event.Meta)
		total += size
		switch {
		case event.ID == uuid.Nil:
			return fmt.Errorf("append to %s: event %d (%s) has no id", stream, i, event.Type)
		case event.Type == "":
			return fmt.Errorf("append to %s: event %d has no type", stream, i)
		case !utf8.ValidString(event.Type) || strings.ContainsRune(event.Type, 0):
			return fmt.Errorf("append to %s: event %d has the type %q, which is no text", stream, i, event.Type)
		case size > MaxEventBytes || total > MaxAppendBytes:
			return fmt.Errorf("append to %s: event %d (%s) is too large: %d bytes are allowed in an event and %d in an append",
				stream, i, event.Type, MaxEventBytes, MaxAppendBytes)
		}
	}
	return nil
}

// CheckMark says what is wrong with a mark before any store looks at it.
func CheckMark(name, before, after string) error {
	if !IsShortName(name) {
		return fmt.Errorf("mark: %q is no short name", name)
	}
	for _, value := range []string{before, after} {
		if len(value) > MaxMark || !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return fmt.Errorf("mark %s: a value is text of up to %d bytes, not %.60q", name, MaxMark, value)
		}
	}
	return nil
}
