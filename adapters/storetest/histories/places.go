package histories

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// judgePlaces checks what all clients were told about positions: an event has one, a stream's are in its order, and
// whatever is appended, or asked, later stands after, or sees, everything that somebody was told of before.
func judgePlaces(all []*streamClient) error {
	told := map[uuid.UUID]sighting{} // each with the first time that it was told
	for _, c := range all {
		for _, s := range c.seen {
			known, again := told[s.id]
			if again && (known.revision != s.revision || known.position != s.position || known.stream != s.stream) {
				return fmt.Errorf("event %s stands at revision %d, position %v, and also at revision %d, position %v",
					s.id, known.revision, known.position, s.revision, s.position)
			}
			if !again || s.at < known.at {
				told[s.id] = s
			}
		}
	}
	places := make([]sighting, 0, len(told))
	for _, s := range told {
		places = append(places, s)
	}
	slices.SortFunc(places, func(a, b sighting) int {
		return cmp.Or(cmp.Compare(a.stream, b.stream), cmp.Compare(a.revision, b.revision))
	})
	for i := 1; i < len(places); i++ {
		a, b := places[i-1], places[i]
		if a.stream == b.stream && (a.revision == b.revision || !a.position.Before(b.position)) {
			return fmt.Errorf("revision %d (event %s) stands at position %v, and revision %d (event %s) at %v",
				a.revision, a.id, a.position, b.revision, b.id, b.position)
		}
	}
	slices.SortFunc(places, func(a, b sighting) int { return cmp.Compare(a.at, b.at) })
	return judgeOrder(all, places, told)
}

// judgeOrder holds every append, by when it was first asked for, and every question for the head to the highest place
// that somebody had been told of by then.
func judgeOrder(all []*streamClient, places []sighting, told map[uuid.UUID]sighting) error {
	asked := map[uuid.UUID]int64{}
	var later []sighting
	for _, c := range all {
		later = append(later, c.heads...)
		for _, calls := range c.calls {
			for _, call := range calls {
				if wish, ok := call.Input.(appending); ok {
					id := wish.events[0].ID
					if first, known := asked[id]; !known || call.Call < first {
						asked[id] = call.Call
					}
				}
			}
		}
	}
	for id, at := range asked {
		if place, stands := told[id]; stands {
			later = append(later, sighting{id: id, position: place.position, at: at})
		}
	}
	slices.SortFunc(later, func(a, b sighting) int { return cmp.Compare(a.at, b.at) })
	var highest domain.Position
	next := 0
	for _, s := range later {
		for ; next < len(places) && places[next].at < s.at; next++ {
			if highest.Before(places[next].position) {
				highest = places[next].position
			}
		}
		if s.id == uuid.Nil && s.position.Before(highest) {
			return fmt.Errorf("asked at %d, the head was %v; by then somebody had been told of %v", s.at, s.position, highest)
		}
		if s.id != uuid.Nil && !highest.Before(s.position) {
			return fmt.Errorf("event %s was appended at %d to position %v; by then somebody had been told of %v",
				s.id, s.at, s.position, highest)
		}
	}
	return nil
}
