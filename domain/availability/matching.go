package availability

import "slices"

// demand is one need of an appointment at one start: units of one of its choices. Choices are numbers of resources in
// the order of preference. units says how many it takes of each of them.
type demand struct {
	units   []int
	choices []int
}

func (d *demand) add(resource, units int) {
	d.choices, d.units = append(d.choices, resource), append(d.units, units)
}

// oneSize returns the number of units that all demands take of all their choices, or 0 if the numbers differ.
func oneSize(demands []demand) (size int) {
	for _, d := range demands {
		for _, units := range d.units {
			if size != 0 && units != size {
				return 0
			}
			size = units
		}
	}
	return size
}

// assign returns the place of the chosen resource in the choices of each demand, or nil if the resources cannot serve
// all demands at the same time. room is how many units each resource has left. Of all assignments it returns the first
// in lexicographic order: the first demand gets its best choice that leaves the others one, then the second, and so on.
//
// If all demands take the same number of units of all their choices, this is maximum bipartite matching, by augmenting
// paths, and takes polynomial time. Otherwise it is bin packing, which does not; see pack.
func assign(demands []demand, room []int) []int {
	if len(demands) == 0 {
		return nil
	}
	size := oneSize(demands)
	if size == 0 {
		return pack(demands, room)
	}
	m := newMatching(demands, room, size)
	if !m.complete() {
		return nil
	}
	m.improve()
	return m.places()
}

// matching gives each demand a resource. A resource serves several demands if it has room for them.
type matching struct {
	demands []demand
	left    []int   // for how many more demands a resource has room
	chosen  []int   // the resource of each demand; -1 if it has none yet
	serves  [][]int // the demands of each resource
	fixed   int     // demands before this one keep their resources
	seen    []bool  // resources that the present search has visited
}

func newMatching(demands []demand, room []int, size int) *matching {
	m := &matching{
		demands: demands, left: make([]int, len(room)), chosen: make([]int, len(demands)),
		serves: make([][]int, len(room)), seen: make([]bool, len(room)),
	}
	for r := range room {
		m.left[r] = max(room[r], 0) / size
	}
	for i := range m.chosen {
		m.chosen[i] = -1
	}
	return m
}

// complete gives every demand a resource. It reports whether that is possible.
func (m *matching) complete() bool {
	for i, d := range m.demands {
		clear(m.seen)
		if !slices.ContainsFunc(d.choices, func(r int) bool { return m.take(i, r) }) {
			return false
		}
	}
	return true
}

// improve gives each demand in turn its best choice with which the demands after it still get one.
func (m *matching) improve() {
	for i, d := range m.demands {
		had := m.chosen[i]
		m.fixed = i + 1
		m.release(i)
		clear(m.seen)
		for _, r := range d.choices {
			if r == had && m.put(i, r) || m.take(i, r) {
				break // at had at the latest, which still has room for it
			}
		}
	}
}

// take gives a demand a resource, if that has room or can be freed of another demand.
func (m *matching) take(i, r int) bool {
	return m.free(r) && m.put(i, r)
}

// free makes room for one demand by moving others along an augmenting path. It changes nothing if there is none.
func (m *matching) free(r int) bool {
	if m.left[r] > 0 {
		return true
	}
	if m.seen[r] {
		return false
	}
	m.seen[r] = true
	for _, i := range slices.Clone(m.serves[r]) {
		if i < m.fixed {
			continue
		}
		for _, other := range m.demands[i].choices {
			if other != r && m.free(other) {
				m.release(i)
				return m.put(i, other)
			}
		}
	}
	return false
}

func (m *matching) put(i, r int) bool {
	m.chosen[i] = r
	m.serves[r] = append(m.serves[r], i)
	m.left[r]--
	return true
}

func (m *matching) release(i int) {
	r := m.chosen[i]
	m.serves[r] = slices.DeleteFunc(m.serves[r], func(served int) bool { return served == i })
	m.left[r]++
	m.chosen[i] = -1
}

func (m *matching) places() []int {
	out := make([]int, len(m.demands))
	for i, d := range m.demands {
		out[i] = slices.Index(d.choices, m.chosen[i])
	}
	return out
}

// packingSteps bounds the search of pack. Practices mix two or three sizes of needs, which take a few dozen steps.
const packingSteps = 20_000

// pack is assign for demands of different sizes. It tries the choices in order and goes back where a demand gets none.
// Of equal demands next to each other a later one takes no earlier choice, since only their order would differ. The
// search ends after packingSteps; then pack serves the largest demands first, and may return nil although a packing
// exists.
func pack(demands []demand, room []int) []int {
	p := packing{demands: demands, left: slices.Clone(room), places: make([]int, len(demands)), steps: packingSteps}
	if p.from(0) {
		return p.places
	}
	if p.steps > 0 {
		return nil
	}
	return packLargestFirst(demands, room)
}

type packing struct {
	demands []demand
	left    []int
	places  []int
	steps   int
}

func (p *packing) from(i int) bool {
	if i == len(p.demands) {
		return true
	}
	d, first := p.demands[i], 0
	if i > 0 && slices.Equal(d.units, p.demands[i-1].units) && slices.Equal(d.choices, p.demands[i-1].choices) {
		first = p.places[i-1]
	}
	for place := first; place < len(d.choices) && p.steps > 0; place++ {
		r := d.choices[place]
		units := d.units[place]
		if p.left[r] < units {
			continue
		}
		p.steps--
		p.left[r] -= units
		p.places[i] = place
		if p.from(i + 1) {
			return true
		}
		p.left[r] += units
	}
	return false
}

func packLargestFirst(demands []demand, room []int) []int {
	order := make([]int, len(demands))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return slices.Max(demands[b].units) - slices.Max(demands[a].units) })
	left, places := slices.Clone(room), make([]int, len(demands))
	for _, i := range order {
		d := demands[i]
		places[i] = -1
		for place, r := range d.choices {
			if left[r] >= d.units[place] {
				places[i] = place
				left[r] -= d.units[place]
				break
			}
		}
		if places[i] < 0 {
			return nil
		}
	}
	return places
}
