package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/virtual"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/pages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/page"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/projections"
)

// seeder runs an installation through the month behind, on the clock of the demo.
type seeder struct {
	*plan
	in      *installation.Installation
	clock   *Clock
	machine *virtual.Machine
	network *simulated.Network
	booked  map[*visit]bool
	refused int // visits of the plan that the engine did not book
	ticks   int
}

// action is something that happens at a moment of the plan.
type action struct {
	at time.Time
	do func(context.Context) error
}

// seed makes the month behind happen. When it returns the read models are up to date, and the clock shows the morning.
func (s *seeder) seed(ctx context.Context) error {
	s.clock.AdvanceTo(s.from)
	if err := s.setUp(ctx); err != nil {
		return err
	}
	for _, act := range s.actions() {
		if err := s.wait(ctx, act.at); err != nil {
			return err
		}
		if err := act.do(ctx); err != nil {
			return fmt.Errorf("at %s: %w", act.at.Format(time.DateTime), err)
		}
	}
	if err := s.wait(ctx, s.morning); err != nil {
		return err
	}
	return s.settle(ctx)
}

// wait moves the clock to a moment, and settles what comes due on the way.
func (s *seeder) wait(ctx context.Context, until time.Time) error {
	for next := s.next(s.clock.Now()); next.Before(until); next = s.next(next) {
		if err := s.receive(ctx, next); err != nil {
			return err
		}
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	return s.receive(ctx, until)
}

// receive moves the clock to a moment, and records each receipt on the way when it is due: the detector goes by that.
func (s *seeder) receive(ctx context.Context, until time.Time) error {
	for due, any := s.network.Next(); any && due.Before(until); due, any = s.network.Next() {
		s.clock.AdvanceTo(due)
		for _, receipt := range s.network.Due(due) {
			if err := s.in.Receive(ctx, receipt); err != nil {
				return err
			}
		}
	}
	s.clock.AdvanceTo(until)
	return nil
}

func (s *seeder) settle(ctx context.Context) error {
	s.ticks++
	return s.machine.Settle(ctx)
}

// next returns the next moment at which the server works. Around the outage and in the last hour it works often, so
// that it happens as it would have; at night there is nothing to do.
func (s *seeder) next(now time.Time) time.Time {
	outage := domain.Interval{Start: s.banned.Start.Add(-10 * time.Minute), End: s.banned.End.Add(2 * time.Hour)}
	local := now.In(s.morning.Location())
	step := 30 * time.Minute
	switch {
	case outage.Overlaps(domain.Interval{Start: now, End: now.Add(time.Minute)}):
		step = time.Minute
	case s.morning.Sub(now) < time.Hour:
		step = 2 * time.Minute
	case local.Hour() >= 21:
		return time.Date(local.Year(), local.Month(), local.Day()+1, 7, 0, 0, 0, local.Location())
	}
	return now.Truncate(step).Add(step)
}

func (s *seeder) setUp(ctx context.Context) error {
	if err := s.addProviders(ctx); err != nil {
		return err
	}
	for _, p := range s.places() {
		cmds, err := p.setUp()
		if err != nil {
			return err
		}
		subjects := make([]domain.Subject, len(p.clients))
		for n := range p.clients {
			registered, err := p.register(n)
			if err != nil {
				return err
			}
			cmds = append(cmds, registered)
			subjects[n] = client.Stream(p.client(n))
		}
		if err := s.in.Keys.Prepare(ctx, subjects...); err != nil {
			return err
		}
		for n, who := range p.staff {
			for m, evening := range s.evenings {
				if p == s.school {
					cmds = append(cmds, resource.AddTimeBlock{
						Resource: p.resource(who.name), Block: domain.DeriveID[domain.BlockID](p.root, "evening", n, m),
						TimeBlock: resource.TimeBlock{Interval: evening, Available: true},
					})
				}
			}
		}
		if err := (pages.Pages{Engine: s.in.Engine}).Check(ctx, p.as("address"), p.account, p.page); err != nil {
			return err
		}
		cmds = append(cmds, page.Set{Account: p.account, Settings: p.page}, credit.Grant{
			Because: s.because(p, "welcome"), Grant: "welcome", Amount: 50_000_000, ExpiresAt: s.from.AddDate(0, 0, 28).UTC(),
		})
		for n, cmd := range cmds {
			if err := s.do(ctx, p, cmd, "set up", n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *plan) places() []*place { return []*place{p.clinic, p.school, p.traveller} }

// addProviders registers the two providers of every trial. The second one carries a part, so that its quality is known.
func (s *seeder) addProviders(ctx context.Context) error {
	for n, cmd := range []domain.Command{
		provider.Register{Provider: banned, Kind: "simulated"}, provider.Register{Provider: second, Kind: "simulated"},
		route.Set{Country: route.Elsewhere, Providers: []string{banned, second}, Terms: []route.Term{
			{Provider: banned, Weight: 950}, {Provider: second, Weight: 50},
		}},
	} {
		if _, err := s.in.Engine.Do(ctx, operate("provider", n), cmd); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) do(ctx context.Context, p *place, cmd domain.Command, about ...any) error {
	if _, err := s.in.Engine.Do(ctx, p.as(about...), cmd); err != nil {
		return fmt.Errorf("%s: %T: %w", p.form.Name, cmd, err)
	}
	return nil
}

func (s *seeder) because(p *place, what string) credit.Because {
	return credit.Because{
		Account: p.account.String(), Cause: domain.DeriveUUID("demo", p.account, what).String(),
		RecordedAt: s.in.Engine.Now(),
	}
}

// actions returns everything that happens in the month behind, in order of time.
func (s *seeder) actions() (actions []action) {
	add := func(at time.Time, do func(context.Context) error) {
		if at.Before(s.morning) && !at.Before(s.from) {
			actions = append(actions, action{at, do})
		}
	}
	s.booked = make(map[*visit]bool)
	for n := range s.visits {
		s.addVisit(add, &s.visits[n])
	}
	for n, off := range s.off {
		add(off.known, func(ctx context.Context) error {
			return s.do(ctx, off.place, resource.AddTimeBlock{
				Resource: off.place.resource(off.staff), Block: domain.DeriveID[domain.BlockID](off.place.root, "off", n),
				TimeBlock: resource.TimeBlock{Interval: off.during},
			}, "off", n)
		})
	}
	for days := -daysBehind; days <= 0; days++ {
		at := time.Date(s.morning.Year(), s.morning.Month(), s.morning.Day()+days, 6, 0, 0, 0, s.morning.Location())
		add(at, s.daily)
	}
	for n, ago := range []int{daysBehind - 1, 13} {
		add(s.morning.AddDate(0, 0, -ago), func(ctx context.Context) error { return s.buy(ctx, n) })
	}
	s.addOutage(add)
	slices.SortStableFunc(actions, func(a, b action) int { return a.at.Compare(b.at) })
	return actions
}

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
		run(v.confirmed, "confirmed", func(now time.Time) domain.Command { return appointment.Confirm{Appointment: id, At: now} })
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
	run(v.start.Add(late), "arrived", func(now time.Time) domain.Command { return appointment.Arrive{Appointment: id, At: now} })
	run(end.Add(late), "fulfilled", func(now time.Time) domain.Command { return appointment.Fulfil{Appointment: id, At: now} })
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

// daily does the daily work of the server.
func (s *seeder) daily(ctx context.Context) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	var accounts []domain.AccountID
	for _, p := range s.places() {
		accounts = append(accounts, p.account)
		_, err := s.in.Agendas.Queue(ctx, p.account)
		err = errors.Join(err, s.in.Alerts.QueueDigest(ctx, p.account), s.in.Bookkeeper.ExpireGrants(ctx, p.account))
		if err != nil {
			return err
		}
	}
	return s.in.Alerts.WarnOfCredits(ctx, accounts)
}

func (s *seeder) buy(ctx context.Context, n int) error {
	for _, p := range s.places() {
		bought := credit.Purchase{
			Because: s.because(p, fmt.Sprint("bought ", n)), Purchase: fmt.Sprint("demo-", n+1), Amount: p.bought * 1_000_000,
		}
		if err := s.do(ctx, p, bought, "buy", n); err != nil {
			return err
		}
	}
	return nil
}

// addOutage adds the outage of the plan: a ban, visits that are moved while it lasts, the telephone calls in the
// afternoon, and the approval of the refund window. An operator who hears that the ban is over lets texts through again,
// so that the detector has something to go by.
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
			err := s.do(ctx, p, message.MarkContacted{Message: call.Message, By: message.ByStaff, At: now}, "phoned", n, call.Message)
			if err != nil {
				return err
			}
		}
	}
	_, err := approve(ctx, s.in, domain.Interval{Start: s.banned.Start, End: now})
	return err
}
