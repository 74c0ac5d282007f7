package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
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
	d := &drill{options: options, out: out, clock: new(clock)}
	d.clock.set(start.Add(-time.Hour))
	d.truth.of(options.Scenario)
	begin, end := start.Add(options.Scenario.begin), start.Add(options.Scenario.end)
	d.in, err = installation.Open(ctx, installation.Location{Data: dir}, installation.Options{
		Now: d.clock.now, Trial: true, Lax: true, Workers: 1, Outages: true, AutoRefund: autoRefund,
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

// clock goes forward only when the drill moves it.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

func (c *clock) set(t time.Time) { c.micros.Store(t.UnixMicro()) }

// drill is a drill in progress.
type drill struct {
	options Options
	out     io.Writer
	clock   *clock
	in      *installation.Installation
	books   *commands.Reactor
	sender  *commands.Reactor
	truth   truth
	story   story
}

func (d *drill) play(ctx context.Context) (Figures, error) {
	d.books, d.sender = d.in.Reactors()
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
		d.clock.set(at)
		if err := d.step(ctx); err != nil {
			return Figures{}, fmt.Errorf("at %s: %w", at.Format(time.DateTime), err)
		}
		if err := d.tell(ctx, at); err != nil {
			return Figures{}, err
		}
	}
	return d.figures(ctx, places)
}

// step does what a server does at one moment: it takes receipts, queues and sends what is due, detects outages, and
// tells the accounts.
func (d *drill) step(ctx context.Context) error {
	for _, receipt := range d.in.Network.Due(d.clock.now()) {
		if err := d.in.Receive(ctx, receipt); err != nil {
			return err
		}
	}
	for {
		did, err := d.in.Tick(ctx, func(ctx context.Context) (int, error) { return d.react(ctx) })
		if err != nil || did == 0 {
			return err
		}
	}
}

func (d *drill) react(ctx context.Context) (total int, err error) {
	for {
		books, err := d.books.Step(ctx)
		if err != nil {
			return total, err
		}
		sent, err := d.sender.Step(ctx)
		if total += books + sent; err != nil || books+sent == 0 {
			return total, err
		}
	}
}
