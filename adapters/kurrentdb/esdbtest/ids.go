package esdbtest

import (
	"encoding/binary"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
)

func protoID(id uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

// parseID reads an id in either of the two forms the protocol knows.
func parseID(id *shared.UUID) (uuid.UUID, error) {
	structured := id.GetStructured()
	if structured == nil {
		return uuid.Parse(id.GetString_())
	}
	var parsed uuid.UUID
	binary.BigEndian.PutUint64(parsed[:8], uint64(structured.GetMostSignificantBits()))
	binary.BigEndian.PutUint64(parsed[8:], uint64(structured.GetLeastSignificantBits()))
	return parsed, nil
}

// recentIDs remembers where the latest events went, as many as fit into its budget; the oldest are forgotten first.
type recentIDs struct {
	budget, size int
	place        map[uuid.UUID]place
	order        []uuid.UUID
}

type place struct {
	stream   string
	revision uint64
}

// placeSize is what one remembered event counts for: its id, its revision and its stream's name in UTF-16.
func placeSize(stream string) int { return 16 + 8 + 8 + 2*len(stream) }

func newRecentIDs(budget int) *recentIDs {
	return &recentIDs{budget: budget, place: map[uuid.UUID]place{}}
}

// at is where the event is in a stream.
func (r *recentIDs) at(id uuid.UUID, stream string) (revision uint64, known bool) {
	p, known := r.place[id]
	return p.revision, known && p.stream == stream
}

func (r *recentIDs) add(event *Recorded) {
	if old, known := r.place[event.ID]; known {
		r.size += placeSize(event.Stream) - placeSize(old.stream)
	} else {
		r.size += placeSize(event.Stream)
		r.order = append(r.order, event.ID)
	}
	r.place[event.ID] = place{event.Stream, event.Revision}
	for r.size > r.budget && len(r.order) > 0 {
		oldest := r.order[0]
		r.order = r.order[1:]
		r.size -= placeSize(r.place[oldest].stream)
		delete(r.place, oldest)
	}
}
