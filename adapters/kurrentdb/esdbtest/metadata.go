package esdbtest

import (
	"encoding/json"
	"sort"
	"strings"
	"time"
)

// bounds limits the readable part of a stream. It is the last event of the stream's metadata stream, whose name has
// $$ before it.
type bounds struct {
	MaxAge         int64  `json:"$maxAge"`   // seconds, 0 for no bound
	MaxCount       int64  `json:"$maxCount"` // events, 0 for no bound
	TruncateBefore uint64 `json:"$tb"`       // the first revision that may be read
}

// boundsOf reads a stream's bounds from the events of its metadata stream. It ignores unreadable metadata.
func boundsOf(stream string, metadata []*Recorded) bounds {
	if strings.HasPrefix(stream, metadataPrefix) {
		return bounds{MaxCount: 1}
	}
	var b bounds
	if len(metadata) == 0 || json.Unmarshal(metadata[len(metadata)-1].Data, &b) != nil {
		return bounds{}
	}
	return b
}

// tombstoned reports whether the stream has a tombstone. That covers its metadata stream too. The caller must hold
// the lock.
func (l *eventLog) tombstoned(stream string) bool {
	return l.lastRevision(strings.TrimPrefix(stream, metadataPrefix)) == deletedRevision
}

// softDeleted reports whether the stream was deleted and not written since. The caller must hold the lock.
func (l *eventLog) softDeleted(stream string) bool {
	return boundsOf(stream, l.streams[metadataPrefix+stream]).TruncateBefore == deletedRevision
}

// undelete makes a stream readable again from a revision on. The caller must hold the lock.
func (l *eventLog) undelete(stream string, from int64) { l.truncateBefore(stream, uint64(from)) }

// truncateBefore sets $tb in a stream's metadata and keeps the rest. The caller must hold the lock.
func (l *eventLog) truncateBefore(stream string, revision uint64) *Recorded {
	name, properties := metadataPrefix+stream, map[string]json.RawMessage{}
	if events := l.streams[name]; len(events) > 0 {
		_ = json.Unmarshal(events[len(events)-1].Data, &properties) // anything but an object is replaced
	}
	if properties == nil {
		properties = map[string]json.RawMessage{}
	}
	properties["$tb"], _ = json.Marshal(revision)
	text, _ := json.Marshal(properties) // a number and valid JSON cannot fail
	return l.writeSystem(name, metadataType, string(text))
}

// streamView is what was readable of one stream at one moment.
type streamView struct {
	view
	missing bool // never written, or deleted
	deleted bool // by a tombstone
}

// viewStream returns the readable part of a stream, without what its metadata hides.
func (l *eventLog) viewStream(name string) streamView {
	l.mu.Lock()
	defer l.mu.Unlock()
	events, limits := l.visibleEvents(name), boundsOf(name, l.visibleEvents(metadataPrefix+name))
	v := streamView{view: view{epoch: l.epoch.Load(), changed: l.changed}}
	switch {
	case l.tombstoned(name):
		v.deleted = true
	case len(events) == 0 || limits.TruncateBefore == deletedRevision:
		v.missing = true
	default:
		v.events = l.applyBounds(limits, events)
	}
	return v
}

// applyBounds returns the events that the bounds do not hide. The caller must hold the lock.
func (l *eventLog) applyBounds(b bounds, events []*Recorded) []*Recorded {
	first := b.TruncateBefore
	last := events[len(events)-1].Revision
	if keep := uint64(b.MaxCount); keep > 0 && last+1 > keep {
		first = max(first, last+1-keep)
	}
	events = events[sort.Search(len(events), func(i int) bool { return events[i].Revision >= first }):]
	if b.MaxAge > 0 {
		oldest := l.now().Add(-time.Duration(b.MaxAge) * time.Second)
		events = events[sort.Search(len(events), func(i int) bool { return events[i].Created.After(oldest) }):]
	}
	return events
}

// visibleEvent returns one readable event of a stream, nil for none. A link may point at it.
func (l *eventLog) visibleEvent(stream string, revision uint64) *Recorded {
	l.mu.Lock()
	defer l.mu.Unlock()
	event := l.eventAt(stream, revision)
	if event == nil || event.Position >= l.end() {
		return nil
	}
	return event
}
