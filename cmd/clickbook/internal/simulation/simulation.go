// Package simulation runs the engine through a real record of appointments in virtual time and reports what happened.
// It replaces the clock, the providers' network and the server's loop, and nothing else.
package simulation

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
)

// runSimulation reads the record, lives through it and prints the report.
func Run(ctx context.Context, std cli.Streams, sim Options, asJSON bool) (err error) {
	rec, err := ReadRecord(sim.Path, sim.Zone, sim.From, sim.To)
	if err != nil {
		return err
	}
	if len(rec.visits) == 0 {
		return fmt.Errorf("%s has no appointment from %s to %s", sim.Path,
			sim.From.Format(time.DateOnly), sim.To.Format(time.DateOnly))
	}
	defer collectSeldom()()
	clinics := rec.Plan()
	at, done, err := sim.home()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	started := time.Now()
	d, err := NewDriver(ctx, sim, at, rec, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.In.Close()) }()
	if err := d.Set(ctx, clinics); err != nil {
		return err
	}
	if err := d.Live(ctx, rec); err != nil {
		return err
	}
	if err := d.checkpoints.HandOver(ctx, d.In.State); err != nil {
		return err
	}
	report, err := d.report(ctx, rec, clinics)
	if err != nil {
		return err
	}
	took := time.Since(started)
	fmt.Fprintf(std.Err, "lived through %d events in %.1f s: %.0f events a second\n",
		report.Events, took.Seconds(), float64(report.Events)/took.Seconds())
	return report.print(std.Out, asJSON)
}

// collectSeldom lets the heap grow to four times what is in use, but not over 192 MiB, unless GOGC says otherwise:
// most of a simulation's garbage is young. The result puts things back.
func collectSeldom() (restore func()) {
	percent, limit := debug.SetGCPercent(300), debug.SetMemoryLimit(-1)
	if percent != 100 || limit != math.MaxInt64 {
		debug.SetGCPercent(percent)
		return func() {}
	}
	debug.SetMemoryLimit(192 << 20)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// home is where the simulation lives: where it was asked to, or in a directory that is gone afterwards.
func (s Options) home() (at installation.Home, done func() error, err error) {
	at = s.At
	if at.Data == "" {
		at.Data, err = os.MkdirTemp("", "clickbook-simulation-")
		return at, func() error { return os.RemoveAll(at.Data) }, err
	}
	entries, err := os.ReadDir(at.Data)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return at, nil, fmt.Errorf("the data directory cannot be read: %w", err)
	}
	if len(entries) > 0 {
		return at, nil, fmt.Errorf("%s is not empty; a simulation begins a log of its own, give it another --data", at.Data)
	}
	return at, func() error { return nil }, nil
}

// newDriver opens an installation on a virtual clock that stands just before the first booking.
func NewDriver(ctx context.Context, sim Options, at installation.Home, rec *record, std cli.Streams) (*Driver, error) {
	d := &Driver{
		sim: sim, clock: &VirtualClock{}, clients: make(map[string]domain.ClientID), checkpoints: installation.NewHeldCheckpoints(),
	}
	d.clock.TurnTo(rec.visits[0].booked.Add(-24 * time.Hour))
	var err error
	d.In, err = installation.Open(ctx, at, installation.Options{
		Now: d.clock.Now, Lax: true, Workers: 1, Checkpoints: d.checkpoints,
		Network: func(now func() time.Time) *simulated.Network {
			return simulated.NewNetwork(sim.Seed, simulated.DefaultRates, now, sim.Bans...)
		},
	})
	if err != nil {
		return nil, err
	}
	bar := cli.Progress(std.Err, int64(3*len(rec.visits)), "living")
	d.step = func() { _ = bar.Add(1) }
	return d, nil
}
