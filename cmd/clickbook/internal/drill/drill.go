package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/virtual"
)

// Options are what a drill plays.
type Options struct {
	Scenario Scenario
	PerHour  int // texts an hour, over all accounts
	Seed     uint64
	Data     string // where the data directory is made; "" for one that is removed afterwards
}

const (
	// MaxPerHour bounds a drill, which books every visit.
	MaxPerHour = 20_000
	// tick is how far the clock moves at once. An account must be told within a minute.
	tick = 10 * time.Second
	// autoRefund lets the engine declare every refund window that it proposes.
	autoRefund = 1_000_000_000_000_000
)

// Run plays a drill, writes its story to out as it happens, and returns its figures.
func Run(ctx context.Context, options Options, out io.Writer) (figures Figures, err error) {
	dir := options.Data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "clickbook-drill-"); err != nil {
			return figures, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	d := &drill{options: options, out: out, clock: new(virtual.Clock)}
	d.clock.AdvanceTo(start.Add(-time.Hour))
	d.truth.of(options.Scenario)
	begin, end := start.Add(options.Scenario.begin), start.Add(options.Scenario.end)
	d.in, err = installation.Open(ctx, installation.Location{Data: dir}, installation.Options{
		Now: d.clock.Now, Trial: true, Lax: true, Workers: 1, Outages: true, AutoRefund: autoRefund,
		Network: func(now func() time.Time) *simulated.Network {
			network := simulated.NewNetwork(options.Seed, simulated.DefaultRates, now,
				options.Scenario.bans(begin, end)...)
			return network.In(simulated.World{Networks: networks, Sent: d.truth.sent})
		},
	})
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, d.in.Close()) }()
	return d.play(ctx)
}

// drill is a drill in progress.
type drill struct {
	options Options
	out     io.Writer
	clock   *virtual.Clock
	in      *installation.Installation
	truth   truth
	story   story
}

func (d *drill) play(ctx context.Context) (Figures, error) {
	machine := virtual.NewMachine(d.in)
	places, err := setUp(ctx, d.in, d.options)
	if err != nil {
		return Figures{}, err
	}
	random := rand.New(rand.NewPCG(d.options.Seed, 1))
	for _, v := range schedule(places, d.options, random) {
		if err := book(ctx, d.in, d.options, v); err != nil {
			return Figures{}, fmt.Errorf("book visit %d: %w", v.n, err)
		}
	}
	fmt.Fprintf(d.out, "%s: %s.\n%d texts an hour, seed %d, simulated providers, virtual time (UTC).\n\n",
		d.options.Scenario.Name, d.options.Scenario.Story, d.options.PerHour, d.options.Seed)
	for at := start; !at.After(start.Add(d.options.Scenario.runs)); at = at.Add(tick) {
		d.clock.AdvanceTo(at)
		if err := machine.Settle(ctx); err != nil {
			return Figures{}, fmt.Errorf("at %s: %w", at.Format(time.DateTime), err)
		}
		if err := d.tell(ctx, at); err != nil {
			return Figures{}, err
		}
	}
	return d.figures(ctx, places)
}
