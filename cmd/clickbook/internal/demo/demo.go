// Package demo makes the example that make demo serves: a physiotherapy clinic, a school with parents' evenings and a
// physiotherapist on the road, with a month behind and a month ahead. The month behind happens in virtual time, through
// the commands of the product and on its simulated providers, when a new demo starts. While the demo serves, clients go
// on booking and coming, and an outage can be played.
//
// Everybody in it is made up: numbers are of the ranges for fiction, addresses of example.com. What the demo does by
// itself has the actor "demo" on the channel "simulation".
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/virtual"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
)

// Seed decides everything that is random in the months of the demo.
const Seed = 1

// rates are those of a good month: about 97 of 100 texts arrive, so that what is wrong is seen.
var rates = simulated.Rates{
	Transient: 0.004, BadNumber: 0.006, Silent: 0.008, Undelivered: 0.01, Expired: 0.004, Doubled: 0.02,
	Contradicted: 0.004, BanSilent: 0.7,
}

// Options are what a demo needs.
type Options struct {
	At   installation.Location
	URL  string           // what links in messages begin with
	Real func() time.Time // the real clock
	Seed uint64
	Life bool // clients go on booking and coming by themselves
	Log  *slog.Logger
}

// Demo is a demo that is ready to be served.
type Demo struct {
	Clock   *Clock
	options Options
	plan    *plan
	network *simulated.Network

	in *installation.Installation
	*play
}

// ErrNoDemo refuses to seed a data directory that holds something else.
var ErrNoDemo = domain.Refuse(domain.Disallowed, "no_demo",
	"this data directory holds no demo; give --data a new directory, or leave it out for a temporary one")

// Prepare makes the months of a new demo in its data directory. One that was served before goes on where it ended. The
// clock of a demo does not run until Run.
func Prepare(ctx context.Context, options Options) (d *Demo, err error) {
	zone, err := domain.ParseZone(clinicZone)
	if err != nil {
		return nil, err
	}
	d = &Demo{Clock: NewClock(options.Real), options: options}
	if d.plan, err = newPlan(options.Seed, options.Real().In(zone)); err != nil {
		return nil, err
	}
	isNew := !options.At.Exists()
	if isNew {
		d.Clock.AdvanceTo(d.plan.from)
	} else {
		d.Clock.AdvanceTo(d.plan.morning)
	}
	d.network = simulated.NewNetwork(options.Seed, rates, d.Clock.Now).In(
		simulated.World{Networks: networks, Off: d.plan.handsetsOff})
	checkpoints := virtual.NewCheckpoints()
	settings := installation.Options{
		Now: d.Clock.Now, Trial: true, Lax: true, Workers: 1, Outages: true, URL: options.URL,
		Network: d.Network,
	}
	if isNew {
		settings.Checkpoints = checkpoints
	}
	in, err := installation.Open(ctx, options.At, settings)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if !isNew {
		return d, d.resume(ctx, in)
	}
	s := &seeder{plan: d.plan, in: in, clock: d.Clock, machine: virtual.NewMachine(in), network: d.network}
	if err := s.seed(ctx); err != nil {
		return nil, fmt.Errorf("make the month of the demo: %w", err)
	}
	return d, checkpoints.SaveTo(ctx, in.State)
}

// resume moves the clock to the end of what has happened in a demo that was served before.
func (d *Demo) resume(ctx context.Context, in *installation.Installation) error {
	for _, p := range d.plan.places() {
		last := time.Time{}
		for entry, err := range in.Events.ReadStreamBackwards(ctx, domain.StreamOf(credit.Category, p.account.String())) {
			if err != nil {
				return err
			}
			recorded, err := in.Codec.Decode(entry)
			if err != nil {
				return err
			}
			last = recorded.Meta.RecordedAt
			break
		}
		if last.IsZero() {
			return ErrNoDemo
		}
		d.Clock.AdvanceTo(last.Add(time.Minute))
	}
	return nil
}

// Network returns the network of the simulated providers, which the month and the server share.
func (d *Demo) Network(func() time.Time) *simulated.Network { return d.network }

// Attach connects the demo with the installation that serves it.
func (d *Demo) Attach(in *installation.Installation) installation.Demo {
	d.in, d.play = in, newPlay(in, d.Clock, d.plan.places(), d.plan.morning.Location())
	return d
}

func newPlay(in *installation.Installation, clock *Clock, places []*place, zone *time.Location) *play {
	return &play{in: in, clock: clock, places: places, zone: zone, traffic: newTraffic(in, places), state: "ready"}
}
