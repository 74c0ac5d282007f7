// Package simulation runs the engine through a real record of appointments in virtual time and reports what happened.
// It replaces the clock, the network of the providers and the loop of the server, and nothing else. The same seed
// gives the same report, byte for byte.
package simulation

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/heap"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/virtual"
	"github.com/clickbook/clickbook/domain"
)

// Run simulates a record and prints the report.
func Run(ctx context.Context, std cli.Streams, options Options, asJSON bool) (err error) {
	rec, err := readRecord(options.Path, options.Zone, options.From, options.To)
	if err != nil {
		return err
	}
	if len(rec.visits) == 0 {
		return fmt.Errorf("%s has no appointments from %s to %s", options.Path,
			options.From.Format(time.DateOnly), options.To.Format(time.DateOnly))
	}
	defer heap.Relax(304 << 20)()
	clinics := rec.schedule()
	at, done, err := options.location()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	started := time.Now()
	d, err := newDriver(ctx, options, at, rec, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.in.Close()) }()
	if err := d.setUp(ctx, clinics); err != nil {
		return err
	}
	if err := d.simulate(ctx, rec); err != nil {
		return err
	}
	if err := d.checkpoints.SaveTo(ctx, d.in.State); err != nil {
		return err
	}
	report, err := d.report(ctx, rec, clinics)
	if err != nil {
		return err
	}
	took := time.Since(started)
	fmt.Fprintf(std.Err, "simulated %d events in %.1f s: %.0f events a second\n",
		report.Events, took.Seconds(), float64(report.Events)/took.Seconds())
	return report.print(std.Out, asJSON)
}

// location returns where to keep the data, by default in a temporary directory. done deletes that directory.
func (o Options) location() (at installation.Location, done func() error, err error) {
	at = o.At
	if at.Data == "" {
		at.Data, err = os.MkdirTemp("", "clickbook-simulation-")
		return at, func() error { return os.RemoveAll(at.Data) }, err
	}
	entries, err := os.ReadDir(at.Data)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return at, nil, fmt.Errorf("the data directory cannot be read: %w", err)
	}
	if len(entries) > 0 {
		return at, nil, fmt.Errorf("%s is not empty: a simulation starts a new log, so give it another --data", at.Data)
	}
	return at, func() error { return nil }, nil
}

// newDriver opens an installation on a virtual clock, one day before the first booking.
func newDriver(
	ctx context.Context, options Options, at installation.Location, rec *record, std cli.Streams,
) (*driver, error) {
	d := &driver{
		options: options, clock: new(virtual.Clock), clients: make(map[string]domain.ClientID),
		checkpoints: virtual.NewCheckpoints(),
	}
	d.clock.AdvanceTo(rec.visits[0].booked.Add(-24 * time.Hour))
	var err error
	d.in, err = installation.Open(ctx, at, installation.Options{
		Now: d.clock.Now, Trial: true, Lax: true, Alone: true, Workers: 1, Checkpoints: d.checkpoints,
		Remember: options.remember,
		Network: func(now func() time.Time) *simulated.Network {
			return simulated.NewNetwork(options.Seed, simulated.DefaultRates, now, options.Bans...)
		},
	})
	if err != nil {
		return nil, err
	}
	// Links are signed with the key of the installation, and a simulation gives the same bytes on every one.
	d.in.Reminders.Links, d.in.Dispatcher.Links, d.in.Notices.Links = nil, nil, nil
	bar := cli.Progress(std.Err, int64(3*len(rec.visits)), "simulating")
	d.step = func() { _ = bar.Add(1) }
	return d, nil
}
