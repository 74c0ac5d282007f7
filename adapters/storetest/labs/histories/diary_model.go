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

// wishes is how many holds the clients of one diary choose from: a diary is the set of those that are held, one bit
// each.
const wishes = 24

// book is a diary as the game plays it.
type book struct {
	resource domain.ResourceID
	capacity int
	wishes   [wishes]wish
}

// wish is one hold that can be asked for: units in consecutive half hours, for one revision of an appointment.
type wish struct {
	appointment domain.AppointmentID
	sequence    int
	slots       uint16 // one bit for each half hour
	interval    domain.Interval
	units       int
}

var firstSlot = time.Date(2016, 4, 20, 10, 0, 0, 0, time.UTC)

// newBook makes a diary with two or three units and wishes that often meet.
func newBook(rng *rand.Rand) book {
	b := book{resource: domain.ResourceID{UUID: uuid.New()}, capacity: 2 + rng.IntN(2)}
	for i := range b.wishes {
		first, n := rng.IntN(5), 1+rng.IntN(3)
		b.wishes[i] = wish{
			appointment: domain.AppointmentID{UUID: domain.DeriveUUID(b.resource, i%(wishes/2))},
			sequence:    i / (wishes / 2), slots: uint16(1<<n-1) << first,
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
	w := b.wishes[i]
	return diary.Hold{
		Resource: b.resource, Month: diary.MonthOf(firstSlot), Appointment: w.appointment, Sequence: w.sequence,
		Interval: w.interval, Units: w.units, Capacity: b.capacity, Until: firstSlot,
	}
}

func (b *book) release(i int) diary.Release {
	w := b.wishes[i]
	return diary.Release{
		Resource: b.resource, Month: diary.MonthOf(firstSlot), Appointment: w.appointment, Sequence: w.sequence,
		Interval: w.interval,
	}
}

// find is the wish that an event speaks of.
func (b *book) find(appointment domain.AppointmentID, sequence int, interval domain.Interval) (int, bool) {
	for i, w := range b.wishes {
		if w.appointment == appointment && w.sequence == sequence && w.interval == interval {
			return i, true
		}
	}
	return 0, false
}

// held is a diary: one bit for each wish.
type held uint32

func (h held) has(i int) bool { return h>>i&1 == 1 }

// fits counts, half hour by half hour. What an appointment holds for another sequence does not count.
func (b *book) fits(h held, i int) bool {
	w := b.wishes[i]
	for left := w.slots; left != 0; left &= left - 1 {
		slot, taken := uint16(1)<<bits.TrailingZeros16(left), w.units
		for j, other := range b.wishes {
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

// holding and releasing are commands, listing is a look at the whole diary.
type (
	holding   int
	releasing int
	listing   struct{}
)

// reply is what a command was told and whether the diary has an event of it. An answer that was lost is told by its
// event only: without one it changed nothing, and nothing is known of it.
type reply struct{ refused, lost, event bool }

func (r reply) String() string {
	said := "done"
	switch {
	case r.refused:
		said = "refused"
	case r.lost:
		said = "no answer"
	}
	if r.event {
		return said + ", and there is an event of it"
	}
	return said
}

// model is one diary with one caller.
func (b *book) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return held(0) },
		Step: func(state, input, output any) (bool, any) {
			h := state.(held)
			switch wish := input.(type) {
			case holding:
				return b.holds(h, int(wish), output.(reply))
			case releasing:
				if reply := output.(reply); reply.refused || reply.event != h.has(int(wish)) {
					return false, h
				}
				return true, h &^ (1 << wish)
			}
			return output.(held) == h, h
		},
		Hash: func(state any) uint64 { return uint64(state.(held)) },
		DescribeOperation: func(input, output any) string {
			switch wish := input.(type) {
			case holding:
				return fmt.Sprintf("hold %d: %v", wish, output)
			case releasing:
				return fmt.Sprintf("release %d: %v", wish, output)
			}
			return fmt.Sprintf("list: %024b", output)
		},
		DescribeState: func(state any) string { return fmt.Sprintf("%024b", state.(held)) },
	}
}

func (b *book) holds(h held, i int, told reply) (bool, held) {
	switch {
	case told.event:
		return !told.refused && !h.has(i) && b.fits(h, i), h | 1<<i
	case told.refused:
		return !h.has(i) && !b.fits(h, i), h
	}
	return h.has(i), h
}
