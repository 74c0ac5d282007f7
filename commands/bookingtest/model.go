package bookingtest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

// model folds the events in the simplest way. It shares nothing with the code under test but the shapes of the
// events.
type model struct {
	units        map[domain.ResourceID]int
	heads        map[domain.Stream]domain.Revision
	appointments map[domain.AppointmentID]*history
	held         map[hold]int // units
}

// history is what the stream of an appointment says.
type history struct {
	visits   map[int]appointment.Visit // every visit requested, by sequence
	requests map[int]uuid.UUID         // the request to move of a sequence
	moved    map[uuid.UUID]int         // how often a request to move was confirmed
	open     map[int]bool
	current  int // the confirmed sequence, -1 for none
	booked   int // how often

	holding bool // a visitor holds it, and nobody has requested it
	taken   bool // it was abandoned because its time was taken
}

// newHistory returns the history of an appointment whose first visit is requested or held.
func newHistory(visit appointment.Visit) *history {
	return &history{
		visits: map[int]appointment.Visit{0: visit}, requests: make(map[int]uuid.UUID), moved: make(map[uuid.UUID]int),
		open: map[int]bool{0: true}, current: -1,
	}
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
		appointments: make(map[domain.AppointmentID]*history), held: make(map[hold]int),
	}
}

// head returns the last revision of a stream.
func (m *model) head(stream domain.Stream) domain.Revision {
	if head, ok := m.heads[stream]; ok {
		return head
	}
	return domain.NoStream
}

// apply folds an event and checks the invariants that hold after every step.
func (m *model) apply(recorded domain.Recorded) error {
	m.heads[recorded.Stream] = recorded.Revision
	if err := m.fold(recorded); err != nil {
		return fmt.Errorf("%s at revision %d of %s: %w", recorded.Event.EventType(), recorded.Revision,
			recorded.Stream, err)
	}
	if err := m.checkUnits(); err != nil {
		return err
	}
	return m.checkHolds()
}

var (
	errTwice       = errors.New("decided twice")
	errUnrequested = errors.New("decided without a request")
	errOther       = errors.New("a visit was requested that is not the one held")
)

func (m *model) fold(recorded domain.Recorded) error {
	switch e := recorded.Event.(type) {
	case diary.UnitsHeld:
		m.held[hold{recorded.Stream, e.Appointment, e.Sequence, e.Interval}] = e.Units
	case diary.UnitsReleased:
		delete(m.held, hold{recorded.Stream, e.Appointment, e.Sequence, e.Interval})
	case appointment.Requested:
		about := m.appointments[e.Appointment]
		switch {
		case about == nil:
			m.appointments[e.Appointment] = newHistory(e.Visit)
		case !about.holding:
			return errTwice
		case !reflect.DeepEqual(about.visits[0], e.Visit):
			return errOther
		default:
			about.holding = false
		}
	case appointment.StartHeld:
		if m.appointments[e.Appointment] != nil {
			return errTwice
		}
		m.appointments[e.Appointment] = newHistory(e.Visit)
		m.appointments[e.Appointment].holding = true
	case appointment.HoldEnded:
		about := m.appointments[e.Appointment]
		if !about.holding {
			return errUnrequested
		}
		about.holding = false
		return about.decide(0, -1)
	case appointment.Booked:
		about := m.appointments[e.Appointment]
		about.booked++
		return about.decide(0, 0)
	case appointment.Abandoned:
		about := m.appointments[e.Appointment]
		about.taken = e.Reason == appointment.ErrSlotTaken.Code
		return about.decide(0, -1)
	case appointment.RescheduleRequested:
		about := m.appointments[e.Appointment]
		about.visits[e.Sequence], about.open[e.Sequence] = e.Visit, true
		about.requests[e.Sequence] = e.RequestID
	case appointment.Rescheduled:
		about := m.appointments[e.Appointment]
		request := about.requests[e.Sequence]
		if about.moved[request]++; about.moved[request] > 1 {
			return errTwice
		}
		return about.decide(e.Sequence, e.Sequence)
	case appointment.RescheduleAbandoned:
		about := m.appointments[e.Appointment]
		return about.decide(e.Sequence, about.current)
	case appointment.Cancelled:
		about := m.appointments[e.Appointment]
		if about.current != e.Revokes || len(about.open) > 0 {
			return errTwice
		}
		about.current = -1
	}
	return nil
}

// decide closes an attempt. Afterwards the current sequence is the confirmed one.
func (h *history) decide(sequence, current int) error {
	if _, requested := h.visits[sequence]; !requested {
		return errUnrequested
	}
	if !h.open[sequence] {
		return errTwice
	}
	delete(h.open, sequence)
	h.current = current
	return nil
}

// checkUnits checks that at every instant the units of confirmed appointments, and of visitors who hold everything they
// need, do not exceed those of the resource.
func (m *model) checkUnits() error {
	var legs []appointment.Leg
	for id, about := range m.appointments {
		switch {
		case about.current >= 0:
			legs = append(legs, about.visits[about.current].Legs...)
		case about.holding && m.holdsAll(id, about.visits[0]):
			legs = append(legs, about.visits[0].Legs...)
		}
	}
	for _, at := range legs { // the maximum is at the start of some leg
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

// needs returns the holds of one visit.
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

// holdsAll reports whether a visitor holds everything that a visit needs.
func (m *model) holdsAll(id domain.AppointmentID, visit appointment.Visit) bool {
	for need, units := range needs(id, 0, visit) {
		if m.held[need] != units {
			return false
		}
	}
	return true
}

// checkHolds checks that every confirmed visit has all its holds.
func (m *model) checkHolds() error {
	for id, about := range m.appointments {
		if about.current < 0 {
			continue
		}
		for need, units := range needs(id, about.current, about.visits[about.current]) {
			if m.held[need] != units {
				return fmt.Errorf("appointment %s is confirmed with sequence %d, but %s has no hold for it at %s",
					id, about.current, need.diary, need.interval.Start)
			}
		}
	}
	return nil
}

// checkFinal checks that no attempt is open and no hold is left for an attempt that is not confirmed.
func (m *model) checkFinal() error {
	for id, about := range m.appointments {
		if len(about.open) > 0 {
			return fmt.Errorf("appointment %s still has an open attempt", id)
		}
	}
	for held := range m.held {
		if about := m.appointments[held.id]; about == nil || about.current != held.sequence {
			return fmt.Errorf("%s still holds sequence %d of appointment %s, which is not confirmed",
				held.diary, held.sequence, held.id)
		}
	}
	return nil
}

// finalCodes are the refusals after which a request never has an effect.
var finalCodes = []string{"slot_taken", "request_expired", "move_overtaken", "hold_ended"}

// checkResults checks that every result was true and stayed true, however often the same request was sent.
func (m *model) checkResults(results []result) error {
	for _, result := range results {
		refusal, refused := domain.AsRefusal(result.err)
		final := refused && slices.Contains(finalCodes, refusal.Code)
		booked, moved := 0, 0
		if about := m.appointments[result.request.Appointment]; about != nil {
			booked = about.booked
		}
		if about := m.appointments[result.move.Appointment]; about != nil {
			moved = about.moved[result.move.RequestID]
		}
		switch {
		case result.kind == holdStart && result.err == nil && m.appointments[result.request.Appointment].taken:
			return fmt.Errorf("the start of appointment %s was held for its visitor and then taken by another",
				result.request.Appointment)
		case result.kind == book && result.err == nil && booked != 1:
			return fmt.Errorf("appointment %s was confirmed to its client and booked %d times",
				result.request.Appointment, booked)
		case result.kind == book && final && booked != 0:
			return fmt.Errorf("appointment %s was refused (%w) and booked", result.request.Appointment, result.err)
		case result.kind == move && final && moved != 0:
			return fmt.Errorf("move %s was refused (%w) and carried out", result.move.RequestID, result.err)
		}
	}
	return nil
}
