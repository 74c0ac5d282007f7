package sqlite

import (
	"slices"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// Bounds of the tail: it holds between one and two parts of this size.
const (
	tailEvents = 2048
	tailBytes  = 2 << 20
	tailEvent  = tailBytes / 2 // a larger event is not held, nor is anything before it
)

// tail is the end of the log in memory. Most of what is read was just written: projections and reactors follow the
// log, and commands come back to the stream that they began. Whoever reads gets copies.
//
// It holds every event from a first position to the head, so what is not there is not there at all.
type tail struct {
	mu         sync.RWMutex
	old, young part
}

// part is a run of events without a gap.
type part struct {
	first   uint64 // position of the first entry, also when there is none yet
	entries []domain.Entry
	before  []int32                 // index of the entry before in the same stream, -1 when it is not in this part
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

// of gives the entries of a stream from a revision on, the latest first.
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

// begin empties the tail: the log goes on at next.
func (t *tail) begin(next uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.old, t.young = newPart(next), newPart(next)
}

// add takes what the writer appended. The file must hold all but the last part's worth of it.
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

// after gives up to rows entries between two positions that pass the filter, and how far it looked; ok is false
// where the tail does not reach back that far.
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
		if heard(filter.Types, entry.Type) && (len(filter.Prefixes) == 0 || passes(entry.Stream, filter.Prefixes)) {
			entries = append(entries, entry)
			room--
		}
	}
	return entries, seen, true
}

func heard(types []string, name string) bool { return len(types) == 0 || slices.Contains(types, name) }

// stream gives the entries of a stream from a revision on that are in memory, in order. whole says that there are
// no others; otherwise those that stand beyond the saved position are given, and the file has the rest.
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

// own gives copies to whoever reads, who may write on them.
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

// copied puts a copy of data behind what stands in space, which has room for it.
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
