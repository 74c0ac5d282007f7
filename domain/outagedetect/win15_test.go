package outagedetect_test

import "github.com/clickbook/clickbook/domain/outagedetect"

// win15 is the published rule of GOV.UK Notify: each minute, a provider is slow if at least 15 % of the messages of the
// last 15 minutes took more than five minutes, or are that old without a receipt. It acts at most once in ten minutes.
type win15 struct {
	created, slow [15]int // by minute
	ring          []waiting
	head          int
	open          map[string]bool
	acted         int64
	alarms        int
}

type waiting struct {
	tick int64
	name string
}

func newWin15() *win15 { return &win15{open: make(map[string]bool), acted: -1 << 40} }

func (r *win15) clone() *win15 {
	c := *r
	c.ring = append([]waiting(nil), r.ring[r.head:]...)
	c.head = 0
	c.open = make(map[string]bool, len(r.open))
	for k := range r.open {
		c.open[k] = true
	}
	return &c
}

func (r *win15) observe(tick int64, f outagedetect.Fact) {
	switch f.Kind {
	case outagedetect.Submitted:
		r.created[tick/12%15]++
		r.open[f.Message] = true
		r.ring = append(r.ring, waiting{tick, f.Message})
	default:
		delete(r.open, f.Message)
	}
}

// step ends a tick and reports whether the rule acts.
func (r *win15) step(tick int64) bool {
	const fiveMinutes = 60
	for r.head < len(r.ring) && r.ring[r.head].tick+fiveMinutes < tick {
		late := r.ring[r.head]
		r.head++
		if r.open[late.name] {
			r.slow[late.tick/12%15]++
			delete(r.open, late.name)
		}
	}
	if r.head > 4096 && r.head > len(r.ring)/2 {
		r.ring = append([]waiting(nil), r.ring[r.head:]...)
		r.head = 0
	}
	if (tick+1)%12 != 0 {
		return false
	}
	var created, slow int
	for i := range 15 {
		created += r.created[i]
		slow += r.slow[i]
	}
	next := (tick + 1) / 12 % 15
	r.created[next], r.slow[next] = 0, 0
	if created == 0 || float64(slow) < 0.15*float64(created) || tick-r.acted < 2*fiveMinutes {
		return false
	}
	r.acted = tick
	r.alarms++
	return true
}
