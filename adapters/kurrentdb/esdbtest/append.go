package esdbtest

import (
	"github.com/google/uuid"
)

// The values besides a revision that an append, a deletion or a tombstone may expect of its stream.
const (
	expectNoStream = -1
	expectAny      = -2
	expectStream   = -4
)

// resultKind is how an append ended.
type resultKind int

const (
	written      resultKind = iota // written now, or found written before
	wrongVersion                   // the stream is at another revision
	deleted                        // the stream has a tombstone
	unreplicated                   // written, but not on the other nodes, so an election may remove it
)

// appendResult is the result of an append. The revision is that of the last event of the append, or with wrongVersion
// that of the stream. It is -1 if there is none, and the position is 0.
type appendResult struct {
	kind     resultKind
	revision int64
	position uint64
}

// append writes all events to a stream, or none.
func (l *eventLog) append(stream string, expected int64, events []Recorded) appendResult {
	l.mu.Lock()
	defer l.mu.Unlock()
	if result, found := l.findExisting(stream, expected, events); found {
		return result
	}
	softDeleted := l.softDeleted(stream)
	result := appendResult{kind: written, revision: l.lastRevision(stream)}
	for _, event := range events {
		result.revision++
		event.Stream, event.Revision = stream, uint64(result.revision)
		result.position = l.write(event).Position
	}
	if softDeleted && len(events) > 0 {
		l.undelete(stream, result.revision+1-int64(len(events)))
	}
	l.appends++
	if l.statsEvery > 0 && l.appends%l.statsEvery == 0 {
		l.writeSystem(statsStream, statsType, `{"proc":{}}`)
	}
	l.publish()
	if l.isolated {
		result.kind = unreplicated
	}
	return result
}

// findExisting returns the result of an append that must not be written, because the stream is at another revision or
// deleted, or because the same append was written before. The caller must hold the lock.
//
// An append that expects a revision or no stream is recognised by the ids of the events after that revision. One that
// expects any revision, or an existing stream, is only looked up among the recent ids. If only some of its events are
// known it is another append, and fails with wrongVersion.
func (l *eventLog) findExisting(stream string, expected int64, events []Recorded) (appendResult, bool) {
	current := l.lastRevision(stream)
	switch {
	case l.tombstoned(stream):
		return appendResult{kind: deleted}, true
	case expected == expectStream && l.softDeleted(stream):
		return appendResult{kind: deleted}, true
	case expected == expectStream && current < 0 && l.lastRevision(metadataPrefix+stream) < 0:
		return appendResult{wrongVersion, current, 0}, true
	case expected == expectAny || expected == expectStream:
		return l.findRecent(stream, events)
	case expected == current:
		return appendResult{}, false
	case expected > current || len(events) == 0:
		return appendResult{wrongVersion, current, 0}, true
	}
	for i, event := range events {
		stored := l.eventAt(stream, uint64(expected+1)+uint64(i))
		if stored != nil && stored.ID == event.ID {
			continue
		}
		if i == 0 && expected == expectNoStream && l.softDeleted(stream) {
			return appendResult{}, false
		}
		return appendResult{wrongVersion, current, 0}, true
	}
	return l.repeated(stream, expected+int64(len(events))), true
}

// findRecent looks up an append that expects no particular revision. The caller must hold the lock.
func (l *eventLog) findRecent(stream string, events []Recorded) (appendResult, bool) {
	last := int64(-1)
	for i, event := range events {
		revision, known := l.recent.at(event.ID, stream)
		if !known {
			return appendResult{wrongVersion, l.lastRevision(stream), 0}, i > 0
		}
		last = int64(revision)
	}
	if len(events) == 0 {
		return appendResult{}, false
	}
	return l.repeated(stream, last), true
}

// repeated returns the result of an append that was written before. The caller must hold the lock.
func (l *eventLog) repeated(stream string, last int64) appendResult {
	result := appendResult{kind: written, revision: last}
	if event := l.eventAt(stream, uint64(last)); event != nil {
		result.position = event.Position
		if event.Position >= l.end() {
			result.kind = unreplicated
		}
	}
	return result
}

// delete deletes a stream. After a soft deletion it can be written again and its revisions continue. A tombstone is
// permanent.
func (l *eventLog) delete(stream string, expected int64, tombstone bool) appendResult {
	l.mu.Lock()
	defer l.mu.Unlock()
	if result, found := l.findExisting(stream, expected, nil); found {
		return result
	}
	var last *Recorded
	if tombstone {
		last = l.write(Recorded{
			ID: uuid.New(), Stream: stream, Revision: deletedRevision, Type: tombstoneType, ContentType: binaryContent,
		})
	} else {
		last = l.truncateBefore(stream, deletedRevision)
	}
	l.publish()
	result := appendResult{kind: written, revision: int64(last.Revision), position: last.Position}
	if l.isolated {
		result.kind = unreplicated
	}
	return result
}
