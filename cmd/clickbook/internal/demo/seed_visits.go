package demo

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// addVisit adds what becomes of a visit.
func (s *seeder) addVisit(add func(time.Time, func(context.Context) error), v *visit) {
	id := v.id()
	run := func(at time.Time, what string, cmd func(now time.Time) domain.Command) {
		add(at, func(ctx context.Context) error {
			if !s.booked[v] {
				return nil
			}
			err := s.do(ctx, v.place, cmd(s.in.Engine.Now()), what, v.n)
			if _, refused := domain.AsRefusal(err); refused { // it came otherwise than planned
				return nil
			}
			return err
		})
	}
	add(v.booked, func(ctx context.Context) error { return s.book(ctx, v) })
	if !v.moved.IsZero() {
		add(v.moved, func(ctx context.Context) error { return s.move(ctx, v) })
	}
	if !v.confirmed.IsZero() && v.confirmed.After(v.booked) {
		run(v.confirmed, "confirmed", func(now time.Time) domain.Command {
			return appointment.Confirm{Appointment: id, At: now}
		})
	}
	if !v.cancelled.IsZero() {
		add(v.cancelled, func(ctx context.Context) error { return s.cancel(ctx, v) })
		return
	}
	end := v.start.Add(time.Duration(v.place.policy.DurationMin) * time.Minute)
	if v.noShow {
		run(end, "missed", func(now time.Time) domain.Command { return appointment.MarkNoShow{Appointment: id, At: now} })
		return
	}
	late := time.Duration(v.n%7) * time.Minute
	run(v.start.Add(late), "arrived", func(now time.Time) domain.Command {
		return appointment.Arrive{Appointment: id, At: now}
	})
	run(end.Add(late), "fulfilled", func(now time.Time) domain.Command {
		return appointment.Fulfil{Appointment: id, At: now}
	})
}

func (v *visit) id() domain.AppointmentID { return visitID(v.place, v.n) }

func visitID(p *place, n int) domain.AppointmentID {
	return domain.DeriveID[domain.AppointmentID](p.root, "visit", n)
}

// maxVisits is more than the visits of any plan.
const maxVisits = 2_500

func (s *seeder) book(ctx context.Context, v *visit) error {
	start := v.start
	if !v.moved.IsZero() {
		start = v.first
	}
	_, err := s.in.Booking.Book(ctx, v.place.as("book", v.n), booking.Order{
		Appointment: v.id(), Account: v.place.account, Client: v.place.client(v.client), Service: v.place.service,
		Resource: v.place.resource(v.staff), Start: start, Approval: v.asks,
	})
	if _, refused := domain.AsRefusal(err); refused {
		s.refused++
		return nil
	}
	s.booked[v] = err == nil
	return err
}

func (s *seeder) move(ctx context.Context, v *visit) error {
	if !s.booked[v] {
		return nil
	}
	_, err := s.in.Booking.Move(ctx, v.place.as("move", v.n), booking.Move{
		Appointment: v.id(), Account: v.place.account, Resource: v.place.resource(v.staff), Start: v.start,
		By: appointment.Staff,
	})
	if _, refused := domain.AsRefusal(err); refused {
		return nil
	}
	return err
}

func (s *seeder) cancel(ctx context.Context, v *visit) error {
	if !s.booked[v] {
		return nil
	}
	_, err := s.in.Booking.Cancel(ctx, v.place.as("cancel", v.n), booking.Cancellation{
		Appointment: v.id(), Account: v.place.account, By: appointment.Client, At: s.in.Engine.Now(),
	})
	if _, refused := domain.AsRefusal(err); refused {
		return nil
	}
	return err
}
