package esdbtest

import (
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// firstPosition is the position of the first event on a new node. The records before it are never shown.
const firstPosition = 167

// eventLog is the log of a node or of a cluster. Records are only added, except by truncate, which makes new slices.
// So a slice that was given to a reader does not change.
type eventLog struct {
	now        func() time.Time
	statsEvery int

	mu        sync.Mutex
	all       []*Recorded
	streams   map[string][]*Recorded
	recent    *recentIDs
	next      uint64       // the position of the next record
	visible   int          // how many records of all are replicated and may be read
	isolated  bool         // nothing is replicated
	epoch     atomic.Int64 // counts losses of readable events: a read that began before one must end
	elections int
	appends   int
	changed   chan struct{} // closed and replaced when the readable part changes
}

func newEventLog(settings settings) *eventLog {
	l := &eventLog{
		now: settings.now, statsEvery: settings.statsEvery, streams: map[string][]*Recorded{},
		recent: newRecentIDs(settings.recentSize), next: firstPosition, changed: make(chan struct{}),
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, event := range settings.events {
		l.add(&event)
		l.next = event.Position + event.size()
	}
	l.publish()
	if len(settings.events) > 0 {
		return l
	}
	l.writeSystem(metadataPrefix+statsStream, metadataType, `{"$maxAge":86400}`)
	l.writeSystem(metadataPrefix+"$user-ops", metadataType, `{"$acl":{"$r":"ops"}}`)
	l.writeSystem("$epoch-information", "$epoch-information", `{"epochNumber":0}`)
	return l
}

// write adds an event to the end of a stream. The caller must hold the lock.
func (l *eventLog) write(event Recorded) *Recorded {
	event.Created = l.now().Truncate(100 * time.Nanosecond)
	event.Position = l.next
	l.next += event.size()
	l.add(&event)
	return &event
}

// add adds a complete record. The caller must hold the lock.
func (l *eventLog) add(event *Recorded) {
	l.all = append(l.all, event)
	l.streams[event.Stream] = append(l.streams[event.Stream], event)
	l.recent.add(event)
}

// writeSystem adds an event of the node's own. The caller must hold the lock.
func (l *eventLog) writeSystem(stream, kind, json string) *Recorded {
	event := l.write(Recorded{
		ID: uuid.New(), Stream: stream, Revision: uint64(l.lastRevision(stream) + 1), Type: kind,
		ContentType: jsonContent, Data: []byte(json),
	})
	l.publish()
	return event
}

// publish makes readable what was written, unless the node is isolated. The caller must hold the lock.
func (l *eventLog) publish() {
	if l.isolated {
		return
	}
	l.visible = len(l.all)
	l.notify()
}

// notify tells readers that the log has changed. The caller must hold the lock.
func (l *eventLog) notify() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// lastRevision returns the last revision of a stream, -1 for none. The caller must hold the lock.
func (l *eventLog) lastRevision(stream string) int64 {
	events := l.streams[stream]
	if len(events) == 0 {
		return -1
	}
	return int64(events[len(events)-1].Revision)
}

// eventAt returns the event of a stream at a revision, nil for none. The caller must hold the lock.
func (l *eventLog) eventAt(stream string, revision uint64) *Recorded {
	events := l.streams[stream]
	i := sort.Search(len(events), func(i int) bool { return events[i].Revision >= revision })
	if i == len(events) || events[i].Revision != revision {
		return nil
	}
	return events[i]
}

// view is what was readable at one moment.
type view struct {
	events  []*Recorded
	end     uint64 // the position of the next event
	epoch   int64
	changed <-chan struct{} // closed when a new view would differ
}

// viewAll returns the readable part of the log.
func (l *eventLog) viewAll() view {
	l.mu.Lock()
	defer l.mu.Unlock()
	return view{l.all[:l.visible], l.end(), l.epoch.Load(), l.changed}
}

// truncatedSince reports whether the log was truncated after an epoch.
func (l *eventLog) truncatedSince(epoch int64) bool { return l.epoch.Load() != epoch }

// visibleEvents returns the readable part of a stream. The caller must hold the lock.
func (l *eventLog) visibleEvents(stream string) []*Recorded {
	events := l.streams[stream]
	if l.visible == len(l.all) {
		return events
	}
	end := l.end()
	return events[:sort.Search(len(events), func(i int) bool { return events[i].Position >= end })]
}

// end returns the position after the readable part. The caller must hold the lock.
func (l *eventLog) end() uint64 {
	if l.visible < len(l.all) {
		return l.all[l.visible].Position
	}
	return l.next
}
