package esdbtest

import (
	"github.com/google/uuid"
)

// What an append, a deletion or a tombstone expects of its stream: a revision from 0 on, or one of these.
const (
	expectNoStream = -1
	expectAny      = -2
	expectStream   = -4
)

// verdict is how an append ended.
type verdict int

const (
	done         verdict = iota // written now, or found written before
	wrongVersion                // the stream is not where the append expects it
	deleted                     // the stream is gone for ever
	unreplicated                // written, but not yet on the other nodes: nobody knows whether it will last
)

// outcome is the answer to an append. With wrongVersion, revision is the stream's; else it is that of the last event
// of the append. It is -1 where there is none, and so is position 0.
type outcome struct {
	verdict  verdict
	revision int64
	position uint64
}

// append writes events to a stream, all or none.
func (l *eventLog) append(stream string, expected int64, events []Recorded) outcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	if answer, settled := l.settle(stream, expected, events); settled {
		return answer
	}
	softDeleted := l.softDeleted(stream)
	answer := outcome{verdict: done, revision: l.current(stream)}
	for _, event := range events {
		answer.revision++
		event.Stream, event.Revision = stream, uint64(answer.revision)
		answer.position = l.write(event).Position
	}
	if softDeleted && len(events) > 0 {
		l.undelete(stream, answer.revision+1-int64(len(events)))
	}
	l.appends++
	if l.statsEvery > 0 && l.appends%l.statsEvery == 0 {
		l.writeOwn(statsStream, statsType, `{"proc":{}}`)
	}
	l.publish()
	if l.isolated {
		answer.verdict = unreplicated
	}
	return answer
}

// settle answers an append that must not be written: because the stream is elsewhere or gone, or because the very
// same append came before. Under the lock.
//
// An append that expects a certain revision, or none, is recognised by the ids of the events behind that revision.
// One that expects any revision, or any but none, is only looked up in the memory of recent ids. Where some of its
// events are known and others are not, it is not the same append, and its expectation counts as wrong.
func (l *eventLog) settle(stream string, expected int64, events []Recorded) (outcome, bool) {
	current := l.current(stream)
	switch {
	case l.tombstoned(stream):
		return outcome{verdict: deleted}, true
	case expected == expectStream && l.softDeleted(stream):
		return outcome{verdict: deleted}, true
	case expected == expectStream && current < 0 && l.current(metadataPrefix+stream) < 0:
		return outcome{wrongVersion, current, 0}, true
	case expected == expectAny || expected == expectStream:
		return l.remembered(stream, events)
	case expected == current:
		return outcome{}, false
	case expected > current || len(events) == 0:
		return outcome{wrongVersion, current, 0}, true
	}
	for i, event := range events {
		there := l.at(stream, uint64(expected+1)+uint64(i))
		if there != nil && there.ID == event.ID {
			continue
		}
		if i == 0 && expected == expectNoStream && l.softDeleted(stream) {
			return outcome{}, false
		}
		return outcome{wrongVersion, current, 0}, true
	}
	return l.again(stream, expected+int64(len(events))), true
}

// remembered looks an append up that expects no certain revision; under the lock.
func (l *eventLog) remembered(stream string, events []Recorded) (outcome, bool) {
	last := int64(-1)
	for i, event := range events {
		revision, known := l.recent.at(event.ID, stream)
		if !known {
			return outcome{wrongVersion, l.current(stream), 0}, i > 0
		}
		last = int64(revision)
	}
	if len(events) == 0 {
		return outcome{}, false
	}
	return l.again(stream, last), true
}

// again answers an append that was found written, as it was answered first; under the lock.
func (l *eventLog) again(stream string, last int64) outcome {
	answer := outcome{verdict: done, revision: last}
	if event := l.at(stream, uint64(last)); event != nil {
		answer.position = event.Position
		if event.Position >= l.end() {
			answer.verdict = unreplicated
		}
	}
	return answer
}

// delete ends a stream: softly, so that it can be written again from where it stood, or by a tombstone, for ever.
func (l *eventLog) delete(stream string, expected int64, tombstone bool) outcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	if answer, settled := l.settle(stream, expected, nil); settled {
		return answer
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
	answer := outcome{verdict: done, revision: int64(last.Revision), position: last.Position}
	if l.isolated {
		answer.verdict = unreplicated
	}
	return answer
}
