package demo

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/projections"
)

// addOutage adds the outage of the plan: a ban, visits that are moved while it lasts, the telephone calls in the
// afternoon, and the approval of the refund window. An operator who hears that the ban is over lets texts through
// again, so that the detector has something to go by.
func (s *seeder) addOutage(add func(time.Time, func(context.Context) error)) {
	add(s.banned.Start, func(context.Context) error {
		s.network.Ban(bans(s.banned.Start)...)
		return nil
	})
	for n := range 10 {
		add(s.banned.Start.Add(time.Duration(4*n+1)*time.Minute), func(ctx context.Context) error {
			return s.postpone(ctx, n)
		})
	}
	add(s.banned.End, func(context.Context) error {
		s.network.Ban()
		return nil
	})
	add(s.banned.End.Add(15*time.Minute), s.letThrough)
	for n, after := range []time.Duration{3 * time.Hour, 5 * time.Hour, day} {
		add(s.banned.End.Add(after), func(ctx context.Context) error { return s.cleanUp(ctx, n) })
	}
}

// postpone moves a visit that is ahead to the next free start: by turns a home visit and one at the clinic, because
// it snows.
func (s *seeder) postpone(ctx context.Context, n int) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	of := []*place{s.traveller, s.clinic}[n%2]
	return shift(ctx, s.in, of, n, s.in.Engine.Now().Add(time.Duration(n/2+1)*day))
}

func (s *seeder) letThrough(ctx context.Context) error {
	now := s.in.Engine.Now()
	_, err := s.in.Engine.Do(ctx, operate("let through"), outage.OverrideCell{
		Cell: outage.Cell{Provider: banned}, Mode: outage.Up, Reason: "alpha says that the networks let it through again",
		At: now, Until: now.Add(4 * time.Hour),
	})
	return err
}

// cleanUp phones those whom the outage kept from hearing, and approves the refund window once the outage is over.
func (s *seeder) cleanUp(ctx context.Context, n int) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	now := s.in.Engine.Now()
	for _, p := range s.places() {
		calls, err := projections.CallSheet{DB: s.in.Views}.Of(ctx, p.account, now)
		if err != nil {
			return err
		}
		for _, call := range calls {
			phoned := message.MarkContacted{Message: call.Message, By: message.ByStaff, At: now}
			if err := s.do(ctx, p, phoned, "phoned", n, call.Message); err != nil {
				return err
			}
		}
	}
	_, err := approve(ctx, s.in, domain.Interval{Start: s.banned.Start, End: now})
	return err
}
