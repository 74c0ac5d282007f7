package esdbtest

import (
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// firstPosition is where the first event stands in the log of a fresh node, behind records nobody is shown.
const firstPosition = 167

// eventLog is what a node, or several nodes of one cluster, have written. Records are only ever added, but for
// truncate, which takes new slices: a slice that was handed out stays what it was.
type eventLog struct {
	now        func() time.Time
	statsEvery int

	mu        sync.Mutex
	all       []*Recorded
	streams   map[string][]*Recorded
	recent    *recentIDs
	next      uint64       // the position of the next record
	visible   int          // how many of all have reached the other nodes, and may be read
	isolated  bool         // what is written now reaches no other node
	epoch     atomic.Int64 // counts losses of what could be read: who began before one must not go on after it
	elections int
	appends   int
	changed   chan struct{} // closed and replaced when more can be read, or less
}

func newEventLog(settings settings) *eventLog {
	l := &eventLog{
		now: settings.now, statsEvery: settings.statsEvery, streams: map[string][]*Recorded{},
		recent: newRecentIDs(settings.recentSize), next: firstPosition, changed: make(chan struct{}),
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, event := range settings.events {
		l.put(&event)
		l.next = event.Position + event.size()
	}
	l.publish()
	if len(settings.events) > 0 {
		return l
	}
	l.writeOwn(metadataPrefix+statsStream, metadataType, `{"$maxAge":86400}`)
	l.writeOwn(metadataPrefix+"$user-ops", metadataType, `{"$acl":{"$r":"ops"}}`)
	l.writeOwn("$epoch-information", "$epoch-information", `{"epochNumber":0}`)
	return l
}

// write adds one event to the end of a stream; under the lock.
func (l *eventLog) write(event Recorded) *Recorded {
	event.Created = l.now().Truncate(100 * time.Nanosecond)
	event.Position = l.next
	l.next += event.size()
	l.put(&event)
	return &event
}

// put adds a finished record; under the lock.
func (l *eventLog) put(event *Recorded) {
	l.all = append(l.all, event)
	l.streams[event.Stream] = append(l.streams[event.Stream], event)
	l.recent.add(event)
}

// writeOwn adds an event the node writes of its own accord; under the lock.
func (l *eventLog) writeOwn(stream, kind, json string) *Recorded {
	event := l.write(Recorded{
		ID: uuid.New(), Stream: stream, Revision: uint64(l.current(stream) + 1), Type: kind,
		ContentType: jsonContent, Data: []byte(json),
	})
	l.publish()
	return event
}

// publish lets readers see what was written, unless the node is cut off; under the lock.
func (l *eventLog) publish() {
	if l.isolated {
		return
	}
	l.visible = len(l.all)
	l.wake()
}

// wake tells everybody who waits that the log has changed; under the lock.
func (l *eventLog) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// current is the last revision written to a stream, -1 for none; under the lock.
func (l *eventLog) current(stream string) int64 {
	events := l.streams[stream]
	if len(events) == 0 {
		return -1
	}
	return int64(events[len(events)-1].Revision)
}

// at is the event of a stream at a revision, nil for none; under the lock.
func (l *eventLog) at(stream string, revision uint64) *Recorded {
	events := l.streams[stream]
	i := sort.Search(len(events), func(i int) bool { return events[i].Revision >= revision })
	if i == len(events) || events[i].Revision != revision {
		return nil
	}
	return events[i]
}

// view is what could be read at one moment.
type view struct {
	events  []*Recorded
	end     uint64 // the position of the event to come
	epoch   int64
	changed <-chan struct{} // closed when a later view would differ
}

// whole is the log as it can be read now.
func (l *eventLog) whole() view {
	l.mu.Lock()
	defer l.mu.Unlock()
	return view{l.all[:l.visible], l.end(), l.epoch.Load(), l.changed}
}

// truncatedSince says whether the log was truncated after the given epoch.
func (l *eventLog) truncatedSince(epoch int64) bool { return l.epoch.Load() != epoch }

// shown is the part of a stream that may be read; under the lock.
func (l *eventLog) shown(stream string) []*Recorded {
	events := l.streams[stream]
	if l.visible == len(l.all) {
		return events
	}
	end := l.end()
	return events[:sort.Search(len(events), func(i int) bool { return events[i].Position >= end })]
}

// end is the position behind what may be read; under the lock.
func (l *eventLog) end() uint64 {
	if l.visible < len(l.all) {
		return l.all[l.visible].Position
	}
	return l.next
}
