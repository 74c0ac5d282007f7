package histories

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// look is a read of the log, for one stream or for its head.
type look struct {
	head     bool
	position domain.Position // of the head
	stream   int
	from     domain.Revision // the first revision read
	count    int             // number of entries
	at       int64           // when it started
	until    int64           // when a head was returned
}

// found is what the clients of a history saw together.
type found struct {
	seen    map[uuid.UUID]sighting // the first sighting of each event
	at      [streams]map[domain.Revision]uuid.UUID
	started map[uuid.UUID]int64 // when its append first started
}

// places merges what all clients saw. Every event must have one place, every place one event, and the positions of a
// stream must be in order.
func places(all []*streamClient) (found, error) {
	f := found{seen: map[uuid.UUID]sighting{}, started: map[uuid.UUID]int64{}}
	for i := range f.at {
		f.at[i] = map[domain.Revision]uuid.UUID{}
	}
	for _, c := range all {
		for _, s := range c.seen {
			known, again := f.seen[s.id]
			if again && (known.revision != s.revision || known.position != s.position || known.stream != s.stream) {
				return f, fmt.Errorf("event %s is at revision %d, position %v, and also at revision %d, position %v",
					s.id, known.revision, known.position, s.revision, s.position)
			}
			if other, taken := f.at[s.stream][s.revision]; taken && other != s.id {
				return f, fmt.Errorf("events %s and %s are both at revision %d of %s",
					other, s.id, s.revision, c.names[s.stream])
			}
			f.at[s.stream][s.revision] = s.id
			if !again || s.at < known.at {
				f.seen[s.id] = s
			}
		}
		for _, calls := range c.calls {
			for _, call := range calls {
				if request, ok := call.Input.(appending); ok {
					for _, event := range request.events {
						if first, known := f.started[event.ID]; !known || call.Call < first {
							f.started[event.ID] = call.Call
						}
					}
				}
			}
		}
	}
	for id, s := range f.seen {
		if before, known := f.at[s.stream][s.revision-1]; known && !f.seen[before].position.Before(s.position) {
			return f, fmt.Errorf("revision %d (event %s) is at position %v, and the one before it at %v",
				s.revision, id, s.position, f.seen[before].position)
		}
		if _, known := f.started[id]; !known {
			return f, fmt.Errorf("event %s is at revision %d, but nobody appended it", id, s.revision)
		}
	}
	return f, nil
}

// judgeOrder checks that an event comes after everything that a client had seen when its append first started.
func (f found) judgeOrder() error {
	var seen, started []sighting
	for id, s := range f.seen {
		seen = append(seen, s)
		s.at = f.started[id]
		started = append(started, s)
	}
	for _, all := range [][]sighting{seen, started} {
		slices.SortFunc(all, func(a, b sighting) int { return cmp.Compare(a.at, b.at) })
	}
	var highest domain.Position
	next := 0
	for _, s := range started {
		for ; next < len(seen) && seen[next].at < s.at; next++ {
			if highest.Before(seen[next].position) {
				highest = seen[next].position
			}
		}
		if !highest.Before(s.position) {
			return fmt.Errorf("event %s was appended at %d to position %v, but a client had already seen %v",
				s.id, s.at, s.position, highest)
		}
	}
	return nil
}

// judgeLog checks that a read of the log sees what its own store had acknowledged when it started, and what the log
// of any store had shown. It may miss for a while what was only read from a stream, or acknowledged by another store.
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
				if s.by == byLog || s.by == byResult && c.handle == handle {
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

// judgeLooks compares each look with the highest places that were due when it started.
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
		last := l.from + domain.Revision(l.count) - 1
		switch {
		case l.head && l.position.Before(highest):
			return fmt.Errorf("a read at %d returned the head %v, but %v was due", l.at, l.position, highest)
		case !l.head && last < ends[l.stream]:
			return fmt.Errorf("a read of the log at %d from revision %d of stream %d returned %d events, "+
				"but revision %d was due", l.at, l.from, l.stream, l.count, ends[l.stream])
		}
	}
	return nil
}
