package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/domain"
)

// runSimulation reads the record, lives through it and prints the report.
func runSimulation(ctx context.Context, std streams, sim simulation, asJSON bool) (err error) {
	rec, err := readRecord(sim.path, sim.zone, sim.from, sim.to)
	if err != nil {
		return err
	}
	if len(rec.visits) == 0 {
		return fmt.Errorf("%s has no appointment from %s to %s", sim.path,
			sim.from.Format(time.DateOnly), sim.to.Format(time.DateOnly))
	}
	defer collectSeldom()()
	clinics := rec.plan()
	at, done, err := sim.home()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	started := time.Now()
	d, err := newDriver(ctx, sim, at, rec, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.in.Close()) }()
	if err := d.set(ctx, clinics); err != nil {
		return err
	}
	if err := d.live(ctx, rec); err != nil {
		return err
	}
	if err := d.checkpoints.handOver(ctx, d.in.state); err != nil {
		return err
	}
	report, err := d.report(ctx, rec, clinics)
	if err != nil {
		return err
	}
	took := time.Since(started)
	fmt.Fprintf(std.err, "lived through %d events in %.1f s: %.0f events a second\n",
		report.Events, took.Seconds(), float64(report.Events)/took.Seconds())
	return report.print(std.out, asJSON)
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
func (s simulation) home() (at home, done func() error, err error) {
	at = s.at
	if at.data == "" {
		at.data, err = os.MkdirTemp("", "clickbook-simulation-")
		return at, func() error { return os.RemoveAll(at.data) }, err
	}
	entries, err := os.ReadDir(at.data)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return at, nil, fmt.Errorf("the data directory cannot be read: %w", err)
	}
	if len(entries) > 0 {
		return at, nil, fmt.Errorf("%s is not empty; a simulation begins a log of its own, give it another --data", at.data)
	}
	return at, func() error { return nil }, nil
}

// newDriver opens an installation on a virtual clock that stands just before the first booking.
func newDriver(ctx context.Context, sim simulation, at home, rec *record, std streams) (*driver, error) {
	d := &driver{
		sim: sim, clock: &virtualClock{}, clients: make(map[string]domain.ClientID), checkpoints: newHeldCheckpoints(),
	}
	d.clock.turnTo(rec.visits[0].booked.Add(-24 * time.Hour))
	var err error
	d.in, err = open(ctx, at, installOptions{
		now: d.clock.Now, lax: true, workers: 1, checkpoints: d.checkpoints,
		network: func(now func() time.Time) *simulated.Network {
			return simulated.NewNetwork(sim.seed, simulated.DefaultRates, now, sim.bans...)
		},
	})
	if err != nil {
		return nil, err
	}
	bar := progress(std.err, int64(3*len(rec.visits)), "living")
	d.step = func() { _ = bar.Add(1) }
	return d, nil
}
