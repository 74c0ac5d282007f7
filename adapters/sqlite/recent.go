package sqlite

// recent is a bounded map of what was used lately. It keeps two generations of up to limit entries: a find in
// the old one moves the entry to the young one, and when that is full the old one is dropped whole. So nothing
// is counted or linked per use, and an entry used within the last limit others is still there.
type recent[K comparable, V any] struct {
	limit      int
	young, old map[K]V
}

func newRecent[K comparable, V any](limit int) *recent[K, V] {
	return &recent[K, V]{limit: limit, young: make(map[K]V)}
}

func (r *recent[K, V]) find(key K) (V, bool) {
	if value, ok := r.young[key]; ok {
		return value, true
	}
	value, ok := r.old[key]
	if ok {
		r.keep(key, value)
	}
	return value, ok
}

func (r *recent[K, V]) keep(key K, value V) {
	if len(r.young) >= r.limit {
		r.old, r.young = r.young, make(map[K]V, r.limit)
	}
	r.young[key] = value
}

func (r *recent[K, V]) forget() { r.young, r.old = make(map[K]V), nil }
