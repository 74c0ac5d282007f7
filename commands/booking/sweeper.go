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

// Sweep finishes what crashed processes left. It abandons attempts that are open past their limit at now, and
// releases holds of ended attempts. It leaves everything else alone, so candidates may be any appointments; Pending
// returns those that need it. They belong to many accounts, so it acts for the installation. It returns how many it
// looked into. It continues after an error and returns all errors joined.
func (b *Protocol) Sweep(ctx context.Context, now time.Time, candidates iter.Seq[domain.AppointmentID]) (int, error) {
	var failed []error
	swept := 0
	for id := range candidates {
		if err := ctx.Err(); err != nil {
			return swept, errors.Join(append(failed, err)...)
		}
		swept++
		origin := commands.ForInstallation(domain.Actor{ID: "sweeper", Channel: "policy"}).
			WithID(domain.DeriveUUID("sweeper", id, now.UnixMicro()))
		state, err := b.expire(ctx, origin, id, now)
		if err == nil {
			err = b.releaseEnded(ctx, origin, id, state)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("sweep appointment %s: %w", id, err))
		}
	}
	return swept, errors.Join(failed...)
}

// PendingTypes are the event types that Pending needs.
var PendingTypes = domain.NamesOf(
	appointment.Requested{}, appointment.Booked{}, appointment.Abandoned{}, appointment.Declined{},
	appointment.RescheduleRequested{}, appointment.Rescheduled{}, appointment.RescheduleAbandoned{},
	appointment.Cancelled{}, appointment.Reinstated{},
	appointment.StartHeld{}, appointment.HoldExtended{}, appointment.DetailsGiven{}, appointment.HoldEnded{},
	diary.UnitsHeld{}, diary.UnitsReleased{},
)

// Pending finds the appointments that are unfinished: with an open attempt, or with a hold to release. It is folded
// from the log, in order, and keeps only the unfinished ones, so it stays small.
type Pending struct {
	unfinished map[domain.AppointmentID]*unfinished
	last       domain.Position // of the events applied
}

type unfinished struct {
	after domain.Position   // of the event before the first one that is remembered here
	open  map[int]time.Time // the limit of each open attempt, by sequence
	holds map[holdKey]bool  // the holds of attempts that are not confirmed
}

type holdKey struct {
	diary    domain.Stream
	sequence int
	interval domain.Interval
}

// NewPending returns a Pending for an empty log.
func NewPending() *Pending { return &Pending{unfinished: make(map[domain.AppointmentID]*unfinished)} }

// PendingVersion is the version of what Apply does. A position of Since is of use to the same version only.
const PendingVersion = 1

// Since returns a position that everything unfinished began after: a Pending that applies only the later events finds
// the same appointments.
func (p *Pending) Since() domain.Position {
	since := p.last
	for _, known := range p.unfinished {
		if known.after.Before(since) {
			since = known.after
		}
	}
	return since
}

// Len returns how many appointments are unfinished.
func (p *Pending) Len() int { return len(p.unfinished) }

// Candidates returns the appointments that need a sweep at now, sorted by id.
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

// Apply folds an event of one of PendingTypes. Another type is an error.
func (p *Pending) Apply(recorded domain.Recorded) error {
	switch e := recorded.Event.(type) {
	case appointment.Requested:
		p.of(e.Appointment).open[0] = e.Until
	case appointment.StartHeld:
		p.of(e.Appointment).open[0] = e.Until
	case appointment.HoldExtended:
		p.of(e.Appointment).open[0] = e.Until
	case appointment.DetailsGiven:
		p.of(e.Appointment).open[0] = e.Until
	case appointment.HoldEnded:
		p.close(e.Appointment, 0)
	case appointment.RescheduleRequested:
		p.of(e.Appointment).open[e.Sequence] = e.Until
	case appointment.Booked:
		p.confirm(e.Appointment, 0)
	case appointment.Rescheduled:
		p.confirm(e.Appointment, e.Sequence)
		p.supersede(e.Appointment, e.Revokes, e.Before)
	case appointment.Reinstated:
		p.confirm(e.Appointment, e.Sequence)
	case appointment.Cancelled:
		p.supersede(e.Appointment, e.Revokes, e.Visit)
	case appointment.Abandoned:
		p.close(e.Appointment, 0)
	case appointment.Declined:
		p.close(e.Appointment, 0)
	case appointment.RescheduleAbandoned:
		p.close(e.Appointment, e.Sequence)
	case diary.UnitsHeld:
		p.of(e.Appointment).holds[holdKey{recorded.Stream, e.Sequence, e.Interval}] = true
	case diary.UnitsReleased:
		delete(p.of(e.Appointment).holds, holdKey{recorded.Stream, e.Sequence, e.Interval})
		p.drop(e.Appointment)
	default:
		return domain.Unexpected(recorded)
	}
	p.last = recorded.Position
	return nil
}

// confirm closes an attempt and forgets its holds: a confirmed attempt keeps them.
func (p *Pending) confirm(id domain.AppointmentID, sequence int) {
	maps.DeleteFunc(p.of(id).holds, func(hold holdKey, _ bool) bool { return hold.sequence == sequence })
	p.close(id, sequence)
}

// close removes an attempt from the open ones.
func (p *Pending) close(id domain.AppointmentID, sequence int) {
	delete(p.of(id).open, sequence)
	p.drop(id)
}

// supersede adds every hold of a visit that was confirmed until now: all of them are to be released.
func (p *Pending) supersede(id domain.AppointmentID, sequence int, visit appointment.Visit) {
	holds := p.of(id).holds
	for _, leg := range visit.Legs {
		for _, month := range diary.Months(leg.Interval) {
			holds[holdKey{diary.StreamOf(leg.Resource, month), sequence, leg.Interval}] = true
		}
	}
	p.drop(id) // it may have no legs
}

// of returns the entry of an appointment, a new one if there is none.
func (p *Pending) of(id domain.AppointmentID) *unfinished {
	known, ok := p.unfinished[id]
	if !ok {
		known = &unfinished{after: p.last, open: make(map[int]time.Time), holds: make(map[holdKey]bool)}
		p.unfinished[id] = known
	}
	return known
}

// drop removes the entry of an appointment that is finished.
func (p *Pending) drop(id domain.AppointmentID) {
	if known := p.of(id); len(known.open) == 0 && len(known.holds) == 0 {
		delete(p.unfinished, id)
	}
}
