package esdbtest

import (
	"encoding/json"
	"sort"
	"strings"
	"time"
)

// bounds limit the readable part of a stream. They are read from the last event of its metadata stream, which has the
// same name with $$ before it.
type bounds struct {
	MaxAge         int64  `json:"$maxAge"`   // seconds, 0 for no bound
	MaxCount       int64  `json:"$maxCount"` // events, 0 for no bound
	TruncateBefore uint64 `json:"$tb"`       // the first revision that may be read
}

// boundsOf reads a stream's bounds from the events of its metadata stream. What cannot be read bounds nothing.
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

// tombstoned says whether the stream is gone for ever; a metadata stream goes with its stream. Under the lock.
func (l *eventLog) tombstoned(stream string) bool {
	return l.current(strings.TrimPrefix(stream, metadataPrefix)) == deletedRevision
}

// softDeleted says whether the stream was deleted and not written since; under the lock.
func (l *eventLog) softDeleted(stream string) bool {
	return boundsOf(stream, l.streams[metadataPrefix+stream]).TruncateBefore == deletedRevision
}

// undelete makes a stream readable again, from the given revision on; under the lock.
func (l *eventLog) undelete(stream string, from int64) { l.truncateBefore(stream, uint64(from)) }

// truncateBefore writes $tb into a stream's metadata and keeps what else is there; under the lock.
func (l *eventLog) truncateBefore(stream string, revision uint64) *Recorded {
	name, properties := metadataPrefix+stream, map[string]json.RawMessage{}
	if events := l.streams[name]; len(events) > 0 {
		_ = json.Unmarshal(events[len(events)-1].Data, &properties) // what is no object is replaced
	}
	if properties == nil {
		properties = map[string]json.RawMessage{}
	}
	properties["$tb"], _ = json.Marshal(revision)
	text, _ := json.Marshal(properties) // numbers and what was JSON before cannot fail
	return l.writeOwn(name, metadataType, string(text))
}

// streamView is what could be read of one stream at one moment.
type streamView struct {
	view
	missing bool // it has never been written, or was deleted
	deleted bool // it is gone for ever
}

// stream is a stream as it can be read now, without what its metadata hides.
func (l *eventLog) stream(name string) streamView {
	l.mu.Lock()
	defer l.mu.Unlock()
	events, limits := l.shown(name), boundsOf(name, l.shown(metadataPrefix+name))
	v := streamView{view: view{epoch: l.epoch.Load(), changed: l.changed}}
	switch {
	case l.tombstoned(name):
		v.deleted = true
	case len(events) == 0 || limits.TruncateBefore == deletedRevision:
		v.missing = true
	default:
		v.events = l.within(limits, events)
	}
	return v
}

// within leaves out what the bounds hide; under the lock.
func (l *eventLog) within(b bounds, events []*Recorded) []*Recorded {
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

// event is one event of a stream that can be read now, nil for none: what a link points at.
func (l *eventLog) event(stream string, revision uint64) *Recorded {
	l.mu.Lock()
	defer l.mu.Unlock()
	event := l.at(stream, revision)
	if event == nil || event.Position >= l.end() {
		return nil
	}
	return event
}
