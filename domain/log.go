package domain

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Stored is an event as bytes, ready to append. The id is required: a retry is recognised by it. The reader of an
// entry owns its bytes. The caller of Append must not change them until Append returns.
type Stored struct {
	ID   uuid.UUID
	Type string
	Data []byte
	Meta []byte
}

// Entry is a stored event with its place in the log.
type Entry struct {
	Stored
	Position Position
	Stream   Stream
	Revision Revision
	Rest     int // number of events of the same append that follow; it separates one append from the next
}

// Appended is the place of the last event of an append.
type Appended struct {
	Revision Revision
	Position Position
}

// Filter limits a read of the whole log to any of the types and any of the stream prefixes. An empty list means all.
type Filter struct {
	Types    []string
	Prefixes []string
}

// Passes reports whether a read with the filter returns an entry.
func (f Filter) Passes(entry Entry) bool {
	return (len(f.Types) == 0 || slices.Contains(f.Types, entry.Type)) &&
		(len(f.Prefixes) == 0 || slices.ContainsFunc(f.Prefixes, func(prefix string) bool {
			return strings.HasPrefix(string(entry.Stream), prefix)
		}))
}

// Appender adds events to one stream, all or none. The stream must be at the expected revision, or NoStream if it
// must not exist yet; there is no "any".
//
// If the same append (exactly these ids, as one append) is already stored after the expected revision, Append returns
// its place, even if the stream has grown since. Otherwise, also if only some of the ids are stored there, it returns
// ErrConflict. It fails if CheckAppend does. If ctx ends first, the append was done completely or not at all; a retry
// with the same ids finds out.
type Appender interface {
	Append(ctx context.Context, stream Stream, expected Revision, events []Stored) (Appended, error)
}

// StreamReader reads one stream, forwards from a revision (inclusive; NoStream means from the start) or backwards
// from its end. An absent stream is empty. A read returns at least the events stored when it began.
type StreamReader interface {
	ReadStream(ctx context.Context, stream Stream, from Revision) iter.Seq2[Entry, error]
	ReadStreamBackwards(ctx context.Context, stream Stream) iter.Seq2[Entry, error]
}

// LogReader reads the whole log in order, after a position (exclusive). Later appends always come after everything
// that a reader has seen. A read includes every append that this store has acknowledged. Appends by others, even if a
// read of their stream has returned them, may appear later, because an older append may still be in progress.
type LogReader interface {
	ReadAll(ctx context.Context, after Position, filter Filter) iter.Seq2[Entry, error]
	// Head returns the position of the last event, or zero for an empty log.
	Head(ctx context.Context) (Position, error)
}

// Subscriber delivers everything after a position, in order and in batches: first the stored events, then new ones,
// without a gap. A batch holds 1 to MaxBatch entries. The next is read after handle returns, so a slow handle costs
// no memory. Subscribe returns nil when ctx ends, otherwise the first error, its own or that of handle.
type Subscriber interface {
	Subscribe(ctx context.Context, after Position, filter Filter, handle func(context.Context, []Entry) error) error
}

// EventStore is the full port of an event store. Callers ask for the parts they need.
type EventStore interface {
	Appender
	StreamReader
	LogReader
	Subscriber
	Marks
}

// Snapshots is a disposable cache of folded states; losing it costs only time. A snapshot of another version counts
// as absent: LoadSnapshot returns NoStream, no state and no error.
type Snapshots interface {
	SaveSnapshot(ctx context.Context, stream Stream, version int, revision Revision, state []byte) error
	LoadSnapshot(ctx context.Context, stream Stream, version int) (revision Revision, state []byte, err error)
}

// ErrStoreClosed is returned by every method of an event store after Close.
var ErrStoreClosed = errors.New("the event store is closed")

// ErrUnavailable is returned when the event store cannot be reached. It may pass without action. After an append that
// returned it, the events are stored completely or not at all; a retry with the same ids finds out.
var ErrUnavailable = errors.New("the event store cannot be reached at present")

// Marks are short texts that a store keeps about its log as a whole, apart from the events: its owner, its name,
// whether a copy is unfinished. Names are short names (IsShortName). Values are text of up to MaxMark bytes.
type Marks interface {
	// Mark returns the value of a mark, or "" if it has none.
	Mark(ctx context.Context, name string) (string, error)
	// SetMark changes a value from before to after ("" for none) and is durable when it returns. If the value is
	// neither, it changes nothing and returns ErrConflict: of several callers one succeeds, and a retry is safe.
	SetMark(ctx context.Context, name, before, after string) error
}

// Limits of the log. They are far above the needs of any decision; exceeding one is a bug.
const (
	MaxStreamName   = 512      // bytes in a stream name
	MaxAppendEvents = 10_000   // events in one append
	MaxEventBytes   = 16 << 20 // bytes of data and metadata in one event
	MaxAppendBytes  = 64 << 20 // bytes of data and metadata in one append
	MaxBatch        = 512      // entries in one batch of a subscription
	MaxMark         = 1024     // bytes in the value of a mark
)

// CheckAppend returns what is wrong with an append, or nil. Every store calls it first, so all stores refuse the same
// appends.
func CheckAppend(stream Stream, expected Revision, events []Stored) error {
	switch name := string(stream); {
	case name == "" || len(name) > MaxStreamName || !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return fmt.Errorf("append: invalid stream name %q: it must be 1 to %d bytes of UTF-8", name, MaxStreamName)
	case expected < NoStream:
		return fmt.Errorf("append to %s: invalid expected revision %d", stream, expected)
	case len(events) == 0 || len(events) > MaxAppendEvents:
		return fmt.Errorf("append to %s: %d events: an append must hold 1 to %d", stream, len(events), MaxAppendEvents)
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
			return fmt.Errorf("append to %s: event %d has the type %q, which is not UTF-8 text", stream, i, event.Type)
		case size > MaxEventBytes || total > MaxAppendBytes:
			return fmt.Errorf("append to %s: event %d (%s) is too large: the limit is %d bytes for an event, %d for an append",
				stream, i, event.Type, MaxEventBytes, MaxAppendBytes)
		}
	}
	return nil
}

// CheckMark returns what is wrong with a change of a mark, or nil. Every store calls it first.
func CheckMark(name, before, after string) error {
	if !IsShortName(name) {
		return fmt.Errorf("mark: invalid name %q: use small letters, digits and dashes, up to 40", name)
	}
	for _, value := range []string{before, after} {
		if len(value) > MaxMark || !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return fmt.Errorf("mark %s: invalid value %.60q: it must be UTF-8 text of up to %d bytes", name, value, MaxMark)
		}
	}
	return nil
}
