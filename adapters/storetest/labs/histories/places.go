package histories

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// look is a read of the log, for one stream, or a question for its head.
type look struct {
	head     bool
	position domain.Position // of the head
	stream   int
	from     domain.Revision // the first revision that was asked for
	told     int             // entries that came
	at       int64           // when it was asked
	until    int64           // when a head was told
}

// found is all that the clients of a history know together.
type found struct {
	told  map[uuid.UUID]sighting // each with the first time that it was told
	at    [streams]map[domain.Revision]uuid.UUID
	asked map[uuid.UUID]int64 // when its append was first asked for
}

// places puts together where all clients saw each event: everybody saw it at the same place, each place has one, and
// the positions of a stream are in its order.
func places(all []*streamClient) (found, error) {
	f := found{told: map[uuid.UUID]sighting{}, asked: map[uuid.UUID]int64{}}
	for i := range f.at {
		f.at[i] = map[domain.Revision]uuid.UUID{}
	}
	for _, c := range all {
		for _, s := range c.seen {
			known, again := f.told[s.id]
			if again && (known.revision != s.revision || known.position != s.position || known.stream != s.stream) {
				return f, fmt.Errorf("event %s stands at revision %d, position %v, and also at revision %d, position %v",
					s.id, known.revision, known.position, s.revision, s.position)
			}
			if other, taken := f.at[s.stream][s.revision]; taken && other != s.id {
				return f, fmt.Errorf("events %s and %s both stand at revision %d of %s",
					other, s.id, s.revision, c.names[s.stream])
			}
			f.at[s.stream][s.revision] = s.id
			if !again || s.at < known.at {
				f.told[s.id] = s
			}
		}
		for _, calls := range c.calls {
			for _, call := range calls {
				if wish, ok := call.Input.(appending); ok {
					for _, event := range wish.events {
						if first, known := f.asked[event.ID]; !known || call.Call < first {
							f.asked[event.ID] = call.Call
						}
					}
				}
			}
		}
	}
	for id, s := range f.told {
		if before, known := f.at[s.stream][s.revision-1]; known && !f.told[before].position.Before(s.position) {
			return f, fmt.Errorf("revision %d (event %s) stands at position %v, and the one before it at %v",
				s.revision, id, s.position, f.told[before].position)
		}
		if _, known := f.asked[id]; !known {
			return f, fmt.Errorf("event %s stands at revision %d, and nobody has appended it", id, s.revision)
		}
	}
	return f, nil
}

// judgeOrder checks that whatever is appended stands after everything that somebody had been told of when the append
// was first asked for.
func (f found) judgeOrder() error {
	var told, asked []sighting
	for id, s := range f.told {
		told = append(told, s)
		s.at = f.asked[id]
		asked = append(asked, s)
	}
	for _, all := range [][]sighting{told, asked} {
		slices.SortFunc(all, func(a, b sighting) int { return cmp.Compare(a.at, b.at) })
	}
	var highest domain.Position
	next := 0
	for _, s := range asked {
		for ; next < len(told) && told[next].at < s.at; next++ {
			if highest.Before(told[next].position) {
				highest = told[next].position
			}
		}
		if !highest.Before(s.position) {
			return fmt.Errorf("event %s was appended at %d to position %v; by then somebody had been told of %v",
				s.id, s.at, s.position, highest)
		}
	}
	return nil
}

// judgeLog checks that a look at the log sees what its own store had acknowledged when it was asked, and what any
// store's log had shown. What has been read from a stream only, or was acknowledged by another store, may come a
// little later.
func (f found) judgeLog(all []*streamClient) error {
	handles := map[int]bool{}
	for _, c := range all {
		handles[c.handle] = true
	}
	for handle := range handles {
		var due []sighting
		var looks []look
		for _, c := range all {
			for _, s := range c.seen {
				if s.by == byLog || s.by == byAnswer && c.handle == handle {
					due = append(due, s)
				}
			}
			for _, l := range c.looks {
				if l.head {
					due = append(due, sighting{position: l.position, at: l.until, stream: -1})
				}
				if c.handle == handle {
					looks = append(looks, l)
				}
			}
		}
		if err := judgeLooks(due, looks); err != nil {
			return err
		}
	}
	return nil
}

// judgeLooks holds each look to the highest places that were due when it was asked.
func judgeLooks(due []sighting, looks []look) error {
	slices.SortFunc(due, func(a, b sighting) int { return cmp.Compare(a.at, b.at) })
	slices.SortFunc(looks, func(a, b look) int { return cmp.Compare(a.at, b.at) })
	var highest domain.Position
	ends := [streams]domain.Revision{}
	for i := range ends {
		ends[i] = domain.NoStream
	}
	next := 0
	for _, l := range looks {
		for ; next < len(due) && due[next].at < l.at; next++ {
			if s := due[next]; s.stream >= 0 {
				ends[s.stream] = max(ends[s.stream], s.revision)
			}
			if highest.Before(due[next].position) {
				highest = due[next].position
			}
		}
		last := l.from + domain.Revision(l.told) - 1
		switch {
		case l.head && l.position.Before(highest):
			return fmt.Errorf("asked at %d, the head was %v; by then %v was due", l.at, l.position, highest)
		case !l.head && last < ends[l.stream]:
			return fmt.Errorf("asked at %d for what is revision %d of stream %d and later, the log showed %d events; "+
				"by then revision %d was due", l.at, l.from, l.stream, l.told, ends[l.stream])
		}
	}
	return nil
}
