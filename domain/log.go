package domain

import (
	"context"
	"iter"

	"github.com/google/uuid"
)

// Stored is an event as bytes, ready to append. The id is never empty: a retry is recognised by it.
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
// it must not exist yet): there is no "any". When exactly these ids already stand after the expected
// revision the append happened before and answers the same place again. Otherwise it answers ErrConflict.
type Appender interface {
	Append(ctx context.Context, stream Stream, expected Revision, events []Stored) (Appended, error)
}

// StreamReader reads one stream forwards from a revision, or backwards from its end. An absent stream is empty.
type StreamReader interface {
	ReadStream(ctx context.Context, stream Stream, from Revision) iter.Seq2[Entry, error]
	ReadStreamBackwards(ctx context.Context, stream Stream) iter.Seq2[Entry, error]
}

// LogReader reads the whole log in order, after a position.
type LogReader interface {
	ReadAll(ctx context.Context, after Position, filter Filter) iter.Seq2[Entry, error]
	// Head is the position of the last event, zero for an empty log.
	Head(ctx context.Context) (Position, error)
}

// Subscriber hands over everything after a position in order and in batches: first what is there, then what
// comes, without a gap. It returns when ctx ends (nil), or with the first error, its own or of handle's.
type Subscriber interface {
	Subscribe(ctx context.Context, after Position, filter Filter, handle func(context.Context, []Entry) error) error
}

// EventStore is everything an event store can do; callers ask for the parts they need.
type EventStore interface {
	Appender
	StreamReader
	LogReader
	Subscriber
}

// Snapshots is a disposable cache of folded states: losing it costs time only. A snapshot of another version
// than asked for is absent.
type Snapshots interface {
	SaveSnapshot(ctx context.Context, stream Stream, version int, revision Revision, state []byte) error
	LoadSnapshot(ctx context.Context, stream Stream, version int) (revision Revision, state []byte, err error)
}
