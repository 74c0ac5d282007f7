package bookingtest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

// model is the plainest account of what happened: lists, no cleverness, nothing shared with the code under test
// but the events' shapes.
type model struct {
	units        map[domain.ResourceID]int
	heads        map[domain.Stream]domain.Revision
	appointments map[domain.AppointmentID]*told
	held         map[hold]int // units
}

// told is what an appointment's stream says.
type told struct {
	visits map[int]appointment.Visit // every visit asked for, by sequence
	wishes map[int]uuid.UUID         // whose move a sequence is
	moved  map[uuid.UUID]int         // how often a wish to move came true
	open   map[int]bool
	stands int // sequence, -1 when none
	booked int // how often
}

type hold struct {
	diary    domain.Stream
	id       domain.AppointmentID
	sequence int
	interval domain.Interval
}

func newModel(units map[domain.ResourceID]int) *model {
	return &model{
		units: units, heads: make(map[domain.Stream]domain.Revision),
		appointments: make(map[domain.AppointmentID]*told), held: make(map[hold]int),
	}
}

func (m *model) head(stream domain.Stream) domain.Revision {
	if head, ok := m.heads[stream]; ok {
		return head
	}
	return domain.NoStream
}

// apply takes in an event and checks what must hold after every step.
func (m *model) apply(recorded domain.Recorded) error {
	m.heads[recorded.Stream] = recorded.Revision
	if err := m.learn(recorded); err != nil {
		return fmt.Errorf("%s at revision %d of %s: %w", recorded.Event.EventType(), recorded.Revision,
			recorded.Stream, err)
	}
	if err := m.nothingTwice(); err != nil {
		return err
	}
	return m.everythingHeld()
}

var (
	errTwice   = errors.New("decided twice")
	errUnasked = errors.New("decided what nobody asked for")
)

func (m *model) learn(recorded domain.Recorded) error {
	switch e := recorded.Event.(type) {
	case diary.UnitsHeld:
		m.held[hold{recorded.Stream, e.Appointment, e.Sequence, e.Interval}] = e.Units
	case diary.UnitsReleased:
		delete(m.held, hold{recorded.Stream, e.Appointment, e.Sequence, e.Interval})
	case appointment.Requested:
		if m.appointments[e.Appointment] != nil {
			return errTwice
		}
		m.appointments[e.Appointment] = &told{
			visits: map[int]appointment.Visit{0: e.Visit}, wishes: make(map[int]uuid.UUID),
			moved: make(map[uuid.UUID]int), open: map[int]bool{0: true}, stands: -1,
		}
	case appointment.Booked:
		about := m.appointments[e.Appointment]
		about.booked++
		return about.decide(0, 0)
	case appointment.Abandoned:
		return m.appointments[e.Appointment].decide(0, -1)
	case appointment.RescheduleRequested:
		about := m.appointments[e.Appointment]
		about.visits[e.Sequence], about.open[e.Sequence] = e.Visit, true
		about.wishes[e.Sequence] = e.RequestID
	case appointment.Rescheduled:
		about := m.appointments[e.Appointment]
		wish := about.wishes[e.Sequence]
		if about.moved[wish]++; about.moved[wish] > 1 {
			return errTwice
		}
		return about.decide(e.Sequence, e.Sequence)
	case appointment.RescheduleAbandoned:
		about := m.appointments[e.Appointment]
		return about.decide(e.Sequence, about.stands)
	case appointment.Cancelled:
		about := m.appointments[e.Appointment]
		if about.stands != e.Revokes || len(about.open) > 0 {
			return errTwice
		}
		about.stands = -1
	}
	return nil
}

// decide closes an attempt; afterwards the given sequence stands.
func (t *told) decide(sequence, stands int) error {
	if _, asked := t.visits[sequence]; !asked {
		return errUnasked
	}
	if !t.open[sequence] {
		return errTwice
	}
	delete(t.open, sequence)
	t.stands = stands
	return nil
}

// nothingTwice: at every instant the units of standing appointments are no more than the resource has.
func (m *model) nothingTwice() error {
	var legs []appointment.Leg
	for _, about := range m.appointments {
		if about.stands >= 0 {
			legs = append(legs, about.visits[about.stands].Legs...)
		}
	}
	for _, at := range legs { // the most is taken at some leg's start
		taken := 0
		for _, leg := range legs {
			start := at.Interval.Start
			if leg.Resource == at.Resource && !start.Before(leg.Interval.Start) && start.Before(leg.Interval.End) {
				taken += leg.Units
			}
		}
		if taken > m.units[at.Resource] {
			return fmt.Errorf("resource %s has %d units, but %d are booked at %s",
				at.Resource, m.units[at.Resource], taken, at.Interval.Start)
		}
	}
	return nil
}

// needs are the holds of one visit.
func needs(id domain.AppointmentID, sequence int, visit appointment.Visit) map[hold]int {
	all := make(map[hold]int)
	for _, leg := range visit.Legs {
		first, last := leg.Interval.Start.Format("200601"), leg.Interval.End.Add(-1).Format("200601")
		for _, month := range slices.Compact([]string{first, last}) {
			stream := domain.StreamOf("diary", leg.Resource.String()+"-"+month)
			all[hold{stream, id, sequence, leg.Interval}] = leg.Units
		}
	}
	return all
}

// everythingHeld: what stands has all its holds.
func (m *model) everythingHeld() error {
	for id, about := range m.appointments {
		if about.stands < 0 {
			continue
		}
		for need, units := range needs(id, about.stands, about.visits[about.stands]) {
			if m.held[need] != units {
				return fmt.Errorf("appointment %s stands with sequence %d, but %s holds nothing of it at %s",
					id, about.stands, need.diary, need.interval.Start)
			}
		}
	}
	return nil
}

// atRest: nothing is undecided, nothing is held for what does not stand.
func (m *model) atRest() error {
	for id, about := range m.appointments {
		if len(about.open) > 0 {
			return fmt.Errorf("appointment %s is undecided", id)
		}
	}
	for held := range m.held {
		if about := m.appointments[held.id]; about == nil || about.stands != held.sequence {
			return fmt.Errorf("%s still holds sequence %d of appointment %s, which does not stand",
				held.diary, held.sequence, held.id)
		}
	}
	return nil
}

// kept: whoever was told something can rely on it, however often the same wish was asked.
func (m *model) kept(answers []answer) error {
	for _, told := range answers {
		refusal, refused := domain.AsRefusal(told.err)
		final := refused && slices.Contains([]string{"slot_taken", "request_expired", "move_overtaken"}, refusal.Code)
		booked, moved := 0, 0
		if about := m.appointments[told.request.Appointment]; about != nil {
			booked = about.booked
		}
		if about := m.appointments[told.move.Appointment]; about != nil {
			moved = about.moved[told.move.RequestID]
		}
		switch {
		case told.kind == book && told.err == nil && booked != 1:
			return fmt.Errorf("appointment %s was promised and booked %d times", told.request.Appointment, booked)
		case told.kind == book && final && booked != 0:
			return fmt.Errorf("appointment %s was refused (%w) and booked", told.request.Appointment, told.err)
		case told.kind == move && final && moved != 0:
			return fmt.Errorf("move %s was refused (%w) and carried out", told.move.RequestID, told.err)
		}
	}
	return nil
}
