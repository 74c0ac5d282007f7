package booking

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

// Sweep finishes what crashed processes left. It abandons attempts that are open past their limit at now, and releases
// holds of abandoned attempts. It leaves everything else alone, so the candidates may be any appointments; Pending
// gives those worth a look. They belong to many accounts, so it acts for the installation. It returns how many it
// looked into. An error in one does not keep it from the others.
func (b *Protocol) Sweep(ctx context.Context, now time.Time, candidates iter.Seq[domain.AppointmentID]) (int, error) {
	var failed []error
	looked := 0
	for id := range candidates {
		if err := ctx.Err(); err != nil {
			return looked, errors.Join(append(failed, err)...)
		}
		looked++
		origin := commands.ForInstallation(domain.Actor{ID: "sweeper", Channel: "policy"}).
			WithID(domain.DeriveUUID("sweeper", id, now.UnixMicro()))
		state, err := b.settle(ctx, origin, id, now)
		if err == nil {
			err = b.release(ctx, origin, id, state)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("sweep appointment %s: %w", id, err))
		}
	}
	return looked, errors.Join(failed...)
}

// PendingTypes are the event types that Pending learns from.
var PendingTypes = []string{
	appointment.Requested{}.EventType(), appointment.Booked{}.EventType(), appointment.Abandoned{}.EventType(),
	appointment.Declined{}.EventType(), appointment.RescheduleRequested{}.EventType(),
	appointment.Rescheduled{}.EventType(), appointment.RescheduleAbandoned{}.EventType(),
	appointment.Cancelled{}.EventType(), diary.UnitsHeld{}.EventType(), diary.UnitsReleased{}.EventType(),
}

// Pending answers which appointments are unfinished: undecided, or holding for nothing. It is folded from the
// log, in order, and keeps the unfinished ones only, so it stays as small as what is going on.
type Pending struct {
	unfinished map[domain.AppointmentID]*unfinished
}

type unfinished struct {
	open  map[int]time.Time // sequence of an undecided attempt: its limit
	holds map[holdKey]bool  // what is held for attempts that do not stand
}

type holdKey struct {
	diary    domain.Stream
	sequence int
	interval domain.Interval
}

// NewPending is for an empty log.
func NewPending() *Pending { return &Pending{make(map[domain.AppointmentID]*unfinished)} }

// Len is how many appointments are unfinished.
func (p *Pending) Len() int { return len(p.unfinished) }

// Candidates are the appointments that a sweep at now has something to do for, by id.
func (p *Pending) Candidates(now time.Time) iter.Seq[domain.AppointmentID] {
	var due []domain.AppointmentID
	for id, appointment := range p.unfinished {
		if appointment.due(now) {
			due = append(due, id)
		}
	}
	slices.SortFunc(due, func(a, b domain.AppointmentID) int { return bytes.Compare(a.UUID[:], b.UUID[:]) })
	return slices.Values(due)
}

func (u *unfinished) due(now time.Time) bool {
	for _, until := range u.open {
		if now.After(until) {
			return true
		}
	}
	for hold := range u.holds {
		if _, open := u.open[hold.sequence]; !open {
			return true
		}
	}
	return false
}

// Apply learns from a recorded event; types it does not know it passes over.
func (p *Pending) Apply(recorded domain.Recorded) {
	switch e := recorded.Event.(type) {
	case appointment.Requested:
		p.of(e.Appointment).open[0] = e.Until
	case appointment.RescheduleRequested:
		p.of(e.Appointment).open[e.Sequence] = e.Until
	case appointment.Booked:
		p.stands(e.Appointment, 0)
	case appointment.Rescheduled:
		p.stands(e.Appointment, e.Sequence)
		p.revoked(e.Appointment, e.Revokes, e.Before)
	case appointment.Cancelled:
		p.revoked(e.Appointment, e.Revokes, e.Visit)
	case appointment.Abandoned:
		p.closed(e.Appointment, 0)
	case appointment.Declined:
		p.closed(e.Appointment, 0)
	case appointment.RescheduleAbandoned:
		p.closed(e.Appointment, e.Sequence)
	case diary.UnitsHeld:
		p.of(e.Appointment).holds[holdKey{recorded.Stream, e.Sequence, e.Interval}] = true
	case diary.UnitsReleased:
		delete(p.of(e.Appointment).holds, holdKey{recorded.Stream, e.Sequence, e.Interval})
		p.drop(e.Appointment)
	}
}

// stands forgets the holds of a sequence: they are held for something.
func (p *Pending) stands(id domain.AppointmentID, sequence int) {
	maps.DeleteFunc(p.of(id).holds, func(hold holdKey, _ bool) bool { return hold.sequence == sequence })
	p.closed(id, sequence)
}

func (p *Pending) closed(id domain.AppointmentID, sequence int) {
	delete(p.of(id).open, sequence)
	p.drop(id)
}

// revoked remembers that a visit which stood has all its holds to give back.
func (p *Pending) revoked(id domain.AppointmentID, sequence int, visit appointment.Visit) {
	holds := p.of(id).holds
	for _, leg := range visit.Legs {
		for _, month := range diary.Months(leg.Interval) {
			holds[holdKey{diary.StreamOf(leg.Resource, month), sequence, leg.Interval}] = true
		}
	}
}

func (p *Pending) of(id domain.AppointmentID) *unfinished {
	known, ok := p.unfinished[id]
	if !ok {
		known = &unfinished{open: make(map[int]time.Time), holds: make(map[holdKey]bool)}
		p.unfinished[id] = known
	}
	return known
}

func (p *Pending) drop(id domain.AppointmentID) {
	if known := p.of(id); len(known.open) == 0 && len(known.holds) == 0 {
		delete(p.unfinished, id)
	}
}
