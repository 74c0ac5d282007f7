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
	"github.com/clickbook/clickbook/commands/pages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/page"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
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
		provider.Register{Provider: banned, Kind: "simulated"},
		provider.Register{Provider: second, Kind: "simulated"},
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
