package sqlite

import (
	"slices"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// Limits of the tail: it holds between one and two parts of this size.
const (
	tailEvents = 2048
	tailBytes  = 2 << 20
	tailEvent  = tailBytes / 2 // a larger event is not held, and neither are the events before it
)

// tail is the end of the log in memory. Most reads are of recent events: projections and reactors follow the log, and
// commands return to the stream they began. Readers get copies.
//
// It holds every event from a first position to the head.
type tail struct {
	mu         sync.RWMutex
	old, young part
}

// part is a sequence of events without a gap.
type part struct {
	first   uint64 // position of the first entry, even if there is none yet
	entries []domain.Entry
	before  []int32                 // index of the previous entry of the same stream, -1 if it is not in this part
	last    map[domain.Stream]int32 // index of a stream's last entry
	size    int                     // bytes
}

func newPart(first uint64) part { return part{first: first, last: make(map[domain.Stream]int32)} }

func (p *part) add(entry domain.Entry) {
	before, ok := p.last[entry.Stream]
	if !ok {
		before = -1
	}
	p.last[entry.Stream] = int32(len(p.entries))
	p.entries, p.before = append(p.entries, entry), append(p.before, before)
	p.size += sizeOf(entry)
}

// of appends the entries of a stream from a revision on, the latest first.
func (p *part) of(stream domain.Stream, from domain.Revision, found []domain.Entry) []domain.Entry {
	at, ok := p.last[stream]
	for ; ok && at >= 0 && p.entries[at].Revision >= from; at = p.before[at] {
		found = append(found, p.entries[at])
	}
	return found
}

func (p *part) knows(stream domain.Stream) (last domain.Entry, ok bool) {
	at, ok := p.last[stream]
	if ok {
		last = p.entries[at]
	}
	return last, ok
}

// begin empties the tail. The log continues at next.
func (t *tail) begin(next uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.old, t.young = newPart(next), newPart(next)
}

// add adds what the writer appended. The file must hold everything except the last events, fewer than a part.
func (t *tail) add(fresh []domain.Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, entry := range fresh {
		next := t.young.first + uint64(len(t.young.entries))
		switch {
		case sizeOf(entry) > tailEvent:
			t.old, t.young = newPart(next+1), newPart(next+1)
			continue
		case len(t.young.entries) >= tailEvents || t.young.size >= tailBytes:
			t.old, t.young = t.young, newPart(next)
		}
		t.young.add(entry)
	}
}

// after appends up to rows entries between two positions that match the filter, and returns how far it looked. ok is
// false if the tail does not reach back that far.
func (t *tail) after(
	seen, end uint64, filter domain.Filter, rows int, entries []domain.Entry,
) (_ []domain.Entry, reached uint64, ok bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if seen+1 < t.old.first {
		return entries, seen, false
	}
	room := rows - len(entries)
	for ; seen < end && room > 0; seen++ {
		p := &t.old
		if seen+1 >= t.young.first {
			p = &t.young
		}
		entry := p.entries[seen+1-p.first]
		if filter.Passes(entry) {
			entries = append(entries, entry)
			room--
		}
	}
	return entries, seen, true
}

// stream returns the entries of a stream from a revision on that are in memory, in order. If whole is true there are
// no others. Otherwise it returns those after the saved position, and the file has the rest.
func (t *tail) stream(stream domain.Stream, from domain.Revision, saved uint64) (found []domain.Entry, whole bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	last, known := t.young.knows(stream)
	if !known {
		last, known = t.old.knows(stream)
	}
	if !known || last.Revision < from {
		return nil, known
	}
	found = t.old.of(stream, from, t.young.of(stream, from, nil))
	slices.Reverse(found)
	if found[0].Revision == from {
		return found, true
	}
	return slices.DeleteFunc(found, func(e domain.Entry) bool { return number(e.Position) <= saved }), false
}

// own replaces the bytes of entries by copies, which the reader may change.
func own(entries []domain.Entry) []domain.Entry {
	size := 0
	for _, entry := range entries {
		size += sizeOf(entry)
	}
	space := make([]byte, 0, size)
	for i := range entries {
		space, entries[i].Data = copied(space, entries[i].Data)
		space, entries[i].Meta = copied(space, entries[i].Meta)
	}
	return entries
}

// copied appends a copy of data to space, which has room for it.
func copied(space, data []byte) (_, part []byte) {
	from := len(space)
	space = append(space, data...)
	return space, space[from:len(space):len(space)]
}

func sizeOf(entry domain.Entry) int { return len(entry.Data) + len(entry.Meta) }

func number(p domain.Position) uint64 {
	n, _ := p.Pair()
	return n
}
