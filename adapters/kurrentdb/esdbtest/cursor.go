package esdbtest

import (
	"sort"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// cursor is how far a subscription has come: a commit and a prepare position in $all, twice the revision in a stream.
type cursor struct {
	commit, prepare uint64
	started         bool // otherwise it is before the first event
}

// before reports whether the cursor is before an event with the key.
func (c cursor) before(key uint64) bool {
	return !c.started || key > c.commit || key == c.commit && key > c.prepare
}

func at(key uint64) cursor { return cursor{key, key, true} }

// key returns what the events of a call are ordered by: the position in $all, the revision in a stream.
func (r *readCall) key(event *Recorded) uint64 {
	if r.name == "" {
		return event.Position
	}
	return event.Revision
}

// start returns the cursor at which the subscription begins: after the position or revision that the client gives.
func (r *readCall) start(v view) cursor {
	all, stream := r.options.GetAll(), r.options.GetStream()
	switch {
	case all.GetEnd() != nil || stream.GetEnd() != nil:
		if len(v.events) == 0 {
			return cursor{}
		}
		return at(r.key(v.events[len(v.events)-1]))
	case all.GetPosition() != nil:
		return cursor{all.GetPosition().GetCommitPosition(), all.GetPosition().GetPreparePosition(), true}
	}
	if from, ok := stream.GetRevisionOption().(*streams.ReadReq_Options_StreamOptions_Revision); ok {
		return at(from.Revision)
	}
	return cursor{}
}

// after returns the events of the view that follow the cursor.
func (r *readCall) after(v view, c cursor) []*Recorded {
	return v.events[sort.Search(len(v.events), func(i int) bool { return c.before(r.key(v.events[i])) }):]
}

// insideEvent reports whether a position is inside an event, where no read can begin. A position from before a
// truncation may be.
func (v view) insideEvent(position uint64) bool {
	i := sort.Search(len(v.events), func(i int) bool { return v.events[i].Position > position }) - 1
	if i < 0 || position == v.events[i].Position {
		return false
	}
	end := v.events[i].Position + v.events[i].size()
	if i+1 < len(v.events) {
		end = min(end, v.events[i+1].Position)
	}
	return position < end
}
