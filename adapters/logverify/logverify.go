// Package logverify reads a whole log and says what is wrong and where. It changes nothing, and its memory
// does not grow with the log.
package logverify

import (
	"context"
	"fmt"
	"hash/maphash"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
)

// maxStreams bounds the streams that one pass over the log follows, at about 50 bytes each. A log with more takes
// several passes, each of which follows the streams whose hash has another remainder.
const maxStreams = 1 << 20

// Log checks a log: checksums, order, complete appends, and that every event can be decoded, which opens its sealed
// texts with the keys. The lines of the books must add up.
type Log struct {
	Log   domain.LogReader
	Codec *domain.Codec
	Found func(what string) // is called with each finding
	Step  func()            // is called after each event of the first pass

	Events, Unchecked, Streams int // Unchecked events have no checksum: they are older than checksums
	maxStreams                 int // 0 means maxStreams
}

// place is the end of a stream, as far as it was read.
type place struct {
	revision domain.Revision
	rest     int
}

// Check reads the log. It returns an error if reading stops early, which is a finding too.
func (l *Log) Check(ctx context.Context) error {
	if l.maxStreams == 0 {
		l.maxStreams = maxStreams
	}
	parts, err := l.pass(ctx, 0, 1)
	for part := uint64(1); err == nil && part < parts; part++ {
		_, err = l.pass(ctx, part, parts)
	}
	return err
}

// pass follows the streams of one part of the hashes. The first pass also checks each event, and takes a smaller part
// whenever it has too many streams: then it returns how many parts there are.
func (l *Log) pass(ctx context.Context, part, parts uint64) (uint64, error) {
	seed, streams := seed, make(map[uint64]place)
	var last domain.Position
	for entry, err := range l.Log.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		if err != nil {
			l.Found(err.Error())
			return parts, err
		}
		if part == 0 {
			l.event(entry, last)
			last = entry.Position
		}
		hash := maphash.String(seed, string(entry.Stream))
		if hash%parts != part {
			continue
		}
		l.order(entry, streams, hash)
		for part == 0 && len(streams) > l.maxStreams {
			parts *= 2
			for hash := range streams {
				if hash%parts != 0 {
					delete(streams, hash)
				}
			}
		}
	}
	for _, at := range streams {
		if at.rest > 0 {
			l.Found(fmt.Sprintf("the last append to a stream is incomplete: %d events are missing after revision %d",
				at.rest, at.revision))
		}
	}
	l.Streams += len(streams)
	return parts, nil
}

var seed = maphash.MakeSeed()

// event checks one event.
func (l *Log) event(entry domain.Entry, last domain.Position) {
	l.Events++
	l.Step()
	if !last.Before(entry.Position) {
		l.Found(fmt.Sprintf("position %s comes after %s: the log is out of order", entry.Position, last))
	}
	checked, err := entry.Check()
	if err != nil {
		l.Found(err.Error())
		return
	}
	if !checked {
		l.Unchecked++
	}
	recorded, err := l.Codec.Decode(entry)
	if err != nil {
		l.Found(fmt.Sprintf("position %s: %v", entry.Position, err))
		return
	}
	event, books := recorded.Event.(credit.Event)
	if !books {
		return
	}
	for _, line := range credit.Lines(event) {
		if line.Amount <= 0 || line.From == line.To {
			l.Found(fmt.Sprintf("position %s, revision %d of %s: %s moves %d from %s to %s, which no line does",
				entry.Position, entry.Revision, entry.Stream, entry.Type, line.Amount, line.From, line.To))
		}
	}
}

// order checks that a stream has no gap and that its appends are complete.
func (l *Log) order(entry domain.Entry, streams map[uint64]place, hash uint64) {
	before, known := streams[hash]
	if !known {
		before = place{revision: domain.NoStream}
	}
	switch {
	case entry.Revision != before.revision+1:
		l.Found(fmt.Sprintf("position %s: %s has revision %d after %d", entry.Position, entry.Stream, entry.Revision,
			before.revision))
	case before.rest > 0 && entry.Rest != before.rest-1:
		l.Found(fmt.Sprintf("position %s: an append to %s is incomplete before revision %d", entry.Position, entry.Stream,
			entry.Revision))
	}
	streams[hash] = place{entry.Revision, entry.Rest}
}
