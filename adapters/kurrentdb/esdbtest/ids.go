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

// parseID reads an id in either form of the protocol.
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

// recentIDs remembers the locations of the latest events within a budget of bytes. It forgets the oldest first.
type recentIDs struct {
	budget, size int
	location     map[uuid.UUID]location
	order        []uuid.UUID
}

type location struct {
	stream   string
	revision uint64
}

// locationSize is what one event counts for: its id, its revision and the name of its stream in UTF-16.
func locationSize(stream string) int { return 16 + 8 + 8 + 2*len(stream) }

func newRecentIDs(budget int) *recentIDs {
	return &recentIDs{budget: budget, location: map[uuid.UUID]location{}}
}

// at returns the revision of an event in a stream.
func (r *recentIDs) at(id uuid.UUID, stream string) (revision uint64, known bool) {
	p, known := r.location[id]
	return p.revision, known && p.stream == stream
}

func (r *recentIDs) add(event *Recorded) {
	if old, known := r.location[event.ID]; known {
		r.size += locationSize(event.Stream) - locationSize(old.stream)
	} else {
		r.size += locationSize(event.Stream)
		r.order = append(r.order, event.ID)
	}
	r.location[event.ID] = location{event.Stream, event.Revision}
	for r.size > r.budget && len(r.order) > 0 {
		oldest := r.order[0]
		r.order = r.order[1:]
		r.size -= locationSize(r.location[oldest].stream)
		delete(r.location, oldest)
	}
}
