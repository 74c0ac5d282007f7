package demo

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
)

// traffic makes clients book, move, confirm and come while the demo serves.
type traffic struct {
	in     *installation.Installation
	places []*place
	random *rand.Rand
	since  time.Time // distinguishes the commands of this start from those of others
	n      int
	told   map[domain.ClientID]time.Time // who got a text because of traffic, and when
	own    map[domain.AppointmentID]bool // made by the demo: what somebody has booked by hand is left alone
}

func newTraffic(in *installation.Installation, places []*place) *traffic {
	now := in.Engine.Now()
	t := &traffic{
		in: in, places: places, since: now, told: make(map[domain.ClientID]time.Time),
		random: rand.New(rand.NewPCG(uint64(now.UnixNano()), 3)), own: make(map[domain.AppointmentID]bool),
	}
	for _, p := range places {
		for n := range maxVisits {
			t.own[visitID(p, n)] = true
		}
	}
	return t
}

// made returns those visits that the demo has made.
func (t *traffic) made(found []projections.Appointment) []projections.Appointment {
	return slices.DeleteFunc(found, func(one projections.Appointment) bool { return !t.own[one.ID] })
}

// notAgain is how long a client is left alone after a text. The product sends a number at most three an hour.
const notAgain = 21 * time.Minute

// pick returns a place, those with more traffic more often.
func (t *traffic) pick() *place {
	all := 0
	for _, p := range t.places {
		all += p.busy
	}
	draw := t.random.IntN(all)
	for _, p := range t.places {
		if draw -= p.busy; draw < 0 {
			return p
		}
	}
	return t.places[0]
}

// change lets a client of some place book, move or cancel a visit. It reports whether one did.
func (t *traffic) change(ctx context.Context) (bool, error) {
	p := t.pick()
	booked, err := t.ahead(ctx, p)
	if err != nil || len(booked) == 0 {
		return false, err
	}
	near := booked[t.random.IntN(len(booked))]
	if p.form.Notices.Booked.SMS && t.random.IntN(2) == 0 {
		if did, err := t.book(ctx, p, near.Visit.Start); did || err != nil {
			return did, err
		}
	}
	for range 10 {
		one := booked[t.random.IntN(len(booked))]
		if t.in.Engine.Now().Sub(t.told[one.Client]) < notAgain {
			continue
		}
		if did, err := t.move(ctx, p, one, near.Visit.Start); did || err != nil {
			return did, err
		}
		return t.cancel(ctx, p, one) // nothing is free: this makes room
	}
	return false, nil
}

// ahead returns the booked visits of a place from a few hours to a few weeks from now.
func (t *traffic) ahead(ctx context.Context, p *place) ([]projections.Appointment, error) {
	now := t.in.Engine.Now()
	found, err := projections.Calendar{DB: t.in.Views}.Find(ctx, p.account, projections.Selection{
		During:   domain.Interval{Start: now.Add(4 * time.Hour), End: now.AddDate(0, 0, 25)},
		Statuses: []appointment.Status{appointment.StatusBooked},
	})
	return t.made(found), err
}

// free returns a free start within hours of an instant, false if there is none.
func (t *traffic) free(ctx context.Context, q openings.Question, near time.Time) (time.Time, bool, error) {
	q.Now = t.in.Engine.Now()
	starts, err := t.in.Openings.Between(ctx, q, domain.Interval{
		Start: near.Add(-3 * time.Hour), End: near.Add(5 * time.Hour),
	})
	if err != nil || len(starts) == 0 {
		return time.Time{}, false, err
	}
	return starts[t.random.IntN(len(starts))].At, true, nil
}

func (t *traffic) book(ctx context.Context, p *place, near time.Time) (bool, error) {
	now := t.in.Engine.Now()
	who := p.client(t.random.IntN(len(p.clients)))
	for range 5 {
		if now.Sub(t.told[who]) >= notAgain {
			break
		}
		who = p.client(t.random.IntN(len(p.clients)))
	}
	start, ok, err := t.free(ctx, openings.Question{Account: p.account, Service: p.service, Client: who}, near)
	if err != nil || !ok {
		return false, err
	}
	t.n++
	t.told[who] = now
	id := domain.DeriveID[domain.AppointmentID](p.root, "traffic", t.since.UnixMicro(), t.n)
	t.own[id] = true
	_, err = t.in.Booking.Book(ctx, p.as("traffic", t.since.UnixMicro(), t.n), booking.Order{
		Appointment: id, Account: p.account, Client: who, Service: p.service, Start: start,
	})
	return done(err)
}

func (t *traffic) move(ctx context.Context, p *place, one projections.Appointment, near time.Time) (bool, error) {
	start, ok, err := t.free(ctx, openings.Question{
		Account: p.account, Service: one.Service, Client: one.Client, Moving: one.ID,
	}, near)
	if err != nil || !ok || start.Equal(one.Visit.Start) {
		return false, err
	}
	t.n++
	t.told[one.Client] = t.in.Engine.Now()
	_, err = t.in.Booking.Move(ctx, p.as("traffic", t.since.UnixMicro(), t.n), booking.Move{
		Appointment: one.ID, Account: p.account, Start: start, By: appointment.Staff,
	})
	return done(err)
}

func (t *traffic) cancel(ctx context.Context, p *place, one projections.Appointment) (bool, error) {
	t.n++
	t.told[one.Client] = t.in.Engine.Now()
	_, err := t.in.Booking.Cancel(ctx, p.as("cancelled", t.since.UnixMicro(), t.n), booking.Cancellation{
		Appointment: one.ID, Account: p.account, By: appointment.Client, At: t.in.Engine.Now(),
	})
	return done(err)
}

// confirm lets a client say that they will come.
func (t *traffic) confirm(ctx context.Context) (bool, error) {
	p := t.pick()
	booked, err := t.ahead(ctx, p)
	for _, one := range booked {
		if !one.Confirmed {
			t.n++
			_, err := t.in.Engine.Do(ctx, p.as("confirm", t.since.UnixMicro(), t.n), appointment.Confirm{
				Appointment: one.ID, At: t.in.Engine.Now(),
			})
			return done(err)
		}
	}
	return false, err
}

// mark records who has come and whose visit is over, as reception would.
func (t *traffic) mark(ctx context.Context) error {
	now := t.in.Engine.Now()
	for _, p := range t.places {
		found, err := projections.Calendar{DB: t.in.Views}.Find(ctx, p.account, projections.Selection{
			During:   domain.Interval{Start: now.Add(-6 * time.Hour), End: now},
			Statuses: []appointment.Status{appointment.StatusBooked, appointment.StatusArrived},
		})
		if err != nil {
			return err
		}
		for _, one := range t.made(found) {
			var cmd domain.Command
			switch missed := one.ID.UUID[0]%20 == 0; {
			case one.Status == appointment.StatusArrived && !now.Before(one.Visit.End):
				cmd = appointment.Fulfil{Appointment: one.ID, At: now}
			case one.Status == appointment.StatusBooked && !missed:
				cmd = appointment.Arrive{Appointment: one.ID, At: now}
			case one.Status == appointment.StatusBooked && !now.Before(one.Visit.End):
				cmd = appointment.MarkNoShow{Appointment: one.ID, At: now}
			default:
				continue
			}
			_, err := t.in.Engine.Do(ctx, p.as("mark", one.ID, string(one.Status)), cmd)
			if _, err = done(err); err != nil {
				return err
			}
		}
	}
	return nil
}

// done reports whether a command had its effect. A refusal is none: the time was taken, or somebody was faster.
func done(err error) (bool, error) {
	if _, refused := domain.AsRefusal(err); refused {
		return false, nil
	}
	return err == nil, err
}

// shift moves the booked visit of a place that is the nth after an instant to the next free start a few hours later.
func shift(ctx context.Context, in *installation.Installation, p *place, n int, after time.Time) error {
	found, err := projections.Calendar{DB: in.Views}.Find(ctx, p.account, projections.Selection{
		During:   domain.Interval{Start: after, End: after.AddDate(0, 0, 20)},
		Statuses: []appointment.Status{appointment.StatusBooked}, Limit: n + 1,
	})
	if err != nil || len(found) == 0 {
		return err
	}
	one := found[len(found)-1]
	free, err := in.Openings.Between(ctx, openings.Question{
		Account: p.account, Service: one.Service, Moving: one.ID, Now: in.Engine.Now(),
	}, domain.Interval{Start: one.Visit.End.Add(time.Hour), End: one.Visit.End.AddDate(0, 0, 7)})
	if err != nil || len(free) == 0 {
		return err
	}
	_, err = in.Booking.Move(ctx, p.as("shift", n), booking.Move{
		Appointment: one.ID, Account: p.account, Start: free[0].At, By: appointment.Staff,
	})
	_, err = done(err)
	return err
}
