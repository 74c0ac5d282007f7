// Package recent is a bounded map of what was used lately. It refuses to know when: no clock, no counts, no lists.
package recent

// Map keeps two generations of up to limit entries. A find in the old one moves the entry to the young one, and
// when that is full the old one is dropped whole; so whatever was used within the last limit other uses is still
// there. It is not safe for concurrent use.
type Map[K comparable, V any] struct {
	limit      int
	young, old map[K]V
}

// New makes a map that never holds more than twice limit entries.
func New[K comparable, V any](limit int) *Map[K, V] {
	return &Map[K, V]{limit: limit, young: make(map[K]V)}
}

// Find gives what was kept under the key, if it is still there.
func (m *Map[K, V]) Find(key K) (V, bool) {
	if value, ok := m.young[key]; ok {
		return value, true
	}
	value, ok := m.old[key]
	if ok {
		m.Keep(key, value)
	}
	return value, ok
}

// Keep remembers the value; an older one under the same key is forgotten.
func (m *Map[K, V]) Keep(key K, value V) {
	if _, known := m.young[key]; !known && len(m.young) >= m.limit {
		m.old, m.young = m.young, make(map[K]V)
	}
	m.young[key] = value
}

// Drop forgets one key.
func (m *Map[K, V]) Drop(key K) {
	delete(m.young, key)
	delete(m.old, key)
}

// Clear forgets everything.
func (m *Map[K, V]) Clear() { m.young, m.old = make(map[K]V), nil }
