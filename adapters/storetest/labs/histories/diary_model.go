package histories

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/diary"
)

// choices is how many different holds the clients of one diary choose from. A diary is the set of current holds, one
// bit each.
const choices = 24

// book is a diary and the holds that clients choose from.
type book struct {
	resource domain.ResourceID
	capacity int
	choices  [choices]choice
}

// choice is one possible hold: units in consecutive half hours, for one revision of an appointment.
type choice struct {
	appointment domain.AppointmentID
	sequence    int
	slots       uint16 // one bit for each half hour
	interval    domain.Interval
	units       int
}

var firstSlot = time.Date(2016, 4, 20, 10, 0, 0, 0, time.UTC)

// newBook returns a diary with two or three units, and holds that often overlap.
func newBook(rng *rand.Rand) book {
	b := book{resource: domain.ResourceID{UUID: uuid.New()}, capacity: 2 + rng.IntN(2)}
	for i := range b.choices {
		first, n := rng.IntN(5), 1+rng.IntN(3)
		b.choices[i] = choice{
			appointment: domain.AppointmentID{UUID: domain.DeriveUUID(b.resource, i%(choices/2))},
			sequence:    i / (choices / 2), slots: uint16(1<<n-1) << first,
			interval: domain.Interval{
				Start: firstSlot.Add(time.Duration(first) * 30 * time.Minute),
				End:   firstSlot.Add(time.Duration(first+n) * 30 * time.Minute),
			},
			units: 1 + rng.IntN(2),
		}
	}
	return b
}

func (b *book) hold(i int) diary.Hold {
	w := b.choices[i]
	return diary.Hold{
		Resource: b.resource, Month: diary.MonthOf(firstSlot), Appointment: w.appointment, Sequence: w.sequence,
		Interval: w.interval, Units: w.units, Capacity: b.capacity, Until: firstSlot,
	}
}

func (b *book) release(i int) diary.Release {
	w := b.choices[i]
	return diary.Release{
		Resource: b.resource, Month: diary.MonthOf(firstSlot), Appointment: w.appointment, Sequence: w.sequence,
		Interval: w.interval,
	}
}

// find returns the hold that an event is about.
func (b *book) find(appointment domain.AppointmentID, sequence int, interval domain.Interval) (int, bool) {
	for i, w := range b.choices {
		if w.appointment == appointment && w.sequence == sequence && w.interval == interval {
			return i, true
		}
	}
	return 0, false
}

// held is the state of a diary: one bit per choice.
type held uint32

func (h held) has(i int) bool { return h>>i&1 == 1 }

// fits reports whether a hold fits, half hour by half hour. Units that the appointment holds for another sequence do
// not count.
func (b *book) fits(h held, i int) bool {
	w := b.choices[i]
	for left := w.slots; left != 0; left &= left - 1 {
		slot, taken := uint16(1)<<bits.TrailingZeros16(left), w.units
		for j, other := range b.choices {
			if h.has(j) && other.slots&slot != 0 && (other.appointment != w.appointment || other.sequence == w.sequence) {
				taken += other.units
			}
		}
		if taken > b.capacity {
			return false
		}
	}
	return true
}

// holding and releasing are commands, listing is a read of the whole diary.
type (
	holding   int
	releasing int
	listing   struct{}
)

// reply is the result of a command, and whether the diary has an event of it. A command with a lost result is known
// only by its event: without one it changed nothing.
type reply struct{ refused, lost, event bool }

func (r reply) String() string {
	said := "done"
	switch {
	case r.refused:
		said = "refused"
	case r.lost:
		said = "no result"
	}
	if r.event {
		return said + ", with an event"
	}
	return said
}

// model is one diary with a single caller.
func (b *book) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return held(0) },
		Step: func(state, input, output any) (bool, any) {
			h := state.(held)
			switch i := input.(type) {
			case holding:
				return b.holds(h, int(i), output.(reply))
			case releasing:
				if reply := output.(reply); reply.refused || reply.event != h.has(int(i)) {
					return false, h
				}
				return true, h &^ (1 << i)
			}
			return output.(held) == h, h
		},
		Hash: func(state any) uint64 { return uint64(state.(held)) },
		DescribeOperation: func(input, output any) string {
			switch i := input.(type) {
			case holding:
				return fmt.Sprintf("hold %d: %v", i, output)
			case releasing:
				return fmt.Sprintf("release %d: %v", i, output)
			}
			return fmt.Sprintf("list: %024b", output)
		},
		DescribeState: func(state any) string { return fmt.Sprintf("%024b", state.(held)) },
	}
}

func (b *book) holds(h held, i int, result reply) (bool, held) {
	switch {
	case result.event:
		return !result.refused && !h.has(i) && b.fits(h, i), h | 1<<i
	case result.refused:
		return !h.has(i) && !b.fits(h, i), h
	}
	return h.has(i), h
}
