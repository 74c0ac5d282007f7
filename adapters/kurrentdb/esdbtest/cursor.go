package esdbtest

import (
	"sort"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// cursor is how far a subscription has come: a commit and a prepare position in $all, twice the revision in a stream.
type cursor struct {
	commit, prepare uint64
	begun           bool // else it stands before everything
}

// before says whether an event at that place is still to come.
func (c cursor) before(place uint64) bool {
	return !c.begun || place > c.commit || place == c.commit && place > c.prepare
}

func at(place uint64) cursor { return cursor{place, place, true} }

// place is what orders the events of a reading: the position in $all, the revision in a stream.
func (r *reading) place(event *Recorded) uint64 {
	if r.name == "" {
		return event.Position
	}
	return event.Revision
}

// start is where the subscription begins: behind the position or revision that the client names.
func (r *reading) start(v view) cursor {
	all, stream := r.options.GetAll(), r.options.GetStream()
	switch {
	case all.GetEnd() != nil || stream.GetEnd() != nil:
		if len(v.events) == 0 {
			return cursor{}
		}
		return at(r.place(v.events[len(v.events)-1]))
	case all.GetPosition() != nil:
		return cursor{all.GetPosition().GetCommitPosition(), all.GetPosition().GetPreparePosition(), true}
	}
	if from, ok := stream.GetRevisionOption().(*streams.ReadReq_Options_StreamOptions_Revision); ok {
		return at(from.Revision)
	}
	return cursor{}
}

// behind is what of the view comes after the cursor.
func (r *reading) behind(v view, c cursor) []*Recorded {
	return v.events[sort.Search(len(v.events), func(i int) bool { return c.before(r.place(v.events[i])) }):]
}

// splits says whether the position lies in the middle of an event, where no read can begin: after an election was
// lost, a position from before it may.
func (v view) splits(position uint64) bool {
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
