package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/domain"
)

// simulateFlags are the command line as it was written.
type simulateFlags struct {
	at                           home
	appointments, from, to, zone string
	seed                         uint64
	providers                    []string
	outages, switches, windows   []string
	json                         bool
}

func newSimulate(std streams) *cobra.Command {
	var flags simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate --appointments FILE --from DATE --to DATE",
		Short: "Live through a real record of appointments in virtual time",
		Long: `Books every appointment of a public record at the moment it was really booked and lets the engine live
through the time between --from and --to: reminders, simulated carriers, receipts, credits, agendas, no-shows.
The report on standard output is the same, byte for byte, for the same seed; speed and progress go to standard
error. What the record lacks (times of day, names, numbers) is made up from the seed.`,
		Example: `  clickbook simulate --appointments vitoria-2016.csv.gz --from 2016-04-28 --to 2016-06-01
  clickbook simulate --appointments vitoria-2016.csv.gz --from 2016-04-28 --to 2016-06-01 \
    --outage "provider=alpha country=BR from=2016-05-09 to=2016-05-23" --switch "2016-05-10 BR beta" \
    --refund-window "2016-05-09 +14d America/Sao_Paulo country=BR" --data month && clickbook serve --data month`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			sim, err := flags.parse()
			if err != nil {
				return usageError{err}
			}
			return runSimulation(cmd.Context(), std, sim, flags.json)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.appointments, "appointments", "", "the record, a CSV `FILE`, gzipped or not")
	f.StringVar(&flags.from, "from", "", "first local `DATE` lived through")
	f.StringVar(&flags.to, "to", "", "local `DATE` at whose midnight it ends")
	f.StringVar(&flags.zone, "zone", "America/Sao_Paulo", "IANA `ZONE` of the record")
	f.StringVar(&flags.at.data, "data", "", "keep the data directory `DIR`, to serve it afterwards; it must be empty")
	flags.at.urlFlags(cmd)
	f.Uint64Var(&flags.seed, "seed", 1, "everything made up follows from this number")
	f.StringSliceVar(&flags.providers, "providers", []string{"alpha", "beta"}, "simulated providers, first choice first")
	f.StringArrayVar(&flags.outages, "outage", nil,
		"ban a carrier: `\"provider=alpha country=BR from=2016-05-09 to=2016-05-23\"`")
	f.StringArrayVar(&flags.switches, "switch", nil, "switch a route by hand: `\"2016-05-10 BR beta\"`")
	f.StringArrayVar(&flags.windows, "refund-window", nil,
		"declare a refund window at the end: `\"2016-05-09 +14d America/Sao_Paulo country=BR\"`")
	f.BoolVar(&flags.json, "json", false, "print the report as JSON")
	return cmd
}

func (f simulateFlags) parse() (sim simulation, err error) {
	if f.appointments == "" || f.from == "" || f.to == "" {
		return sim, errors.New("say with --appointments, --from and --to which record to live through; " +
			"see clickbook simulate --help")
	}
	if f.at.data == "" && f.at.store != "" {
		return sim, errKeysGone
	}
	sim = simulation{path: f.appointments, seed: f.seed, at: f.at, providers: f.providers}
	if sim.zone, err = domain.ParseZone(f.zone); err != nil {
		return sim, fmt.Errorf("--zone: %w", err)
	}
	if sim.from, err = parseDay("from", f.from, sim.zone); err != nil {
		return sim, err
	}
	if sim.to, err = parseDay("to", f.to, sim.zone); err != nil {
		return sim, err
	}
	if !sim.from.Before(sim.to) {
		return sim, fmt.Errorf("--to %s is not after --from %s", f.to, f.from)
	}
	for _, name := range f.providers {
		if !domain.IsShortName(name) {
			return sim, fmt.Errorf("--providers: %q is no short name; write it like alpha", name)
		}
	}
	var problems []error
	for _, text := range f.outages {
		ban, err := parseOutage(text, sim.zone)
		sim.bans, problems = append(sim.bans, ban), append(problems, err)
	}
	for _, text := range f.switches {
		s, err := parseSwitch(text, sim.zone)
		sim.switches, problems = append(sim.switches, s), append(problems, err)
	}
	for _, text := range f.windows {
		w, err := parseRefundWindow(text)
		sim.windows, problems = append(sim.windows, w), append(problems, err)
	}
	return sim, errors.Join(problems...)
}

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

// progress is a bar on a terminal and nothing elsewhere.
func progress(to any, total int64, what string) *progressbar.ProgressBar {
	file, ok := to.(*os.File)
	if info, err := statOf(file, ok); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return progressbar.DefaultSilent(total, what)
	}
	return progressbar.NewOptions64(total, progressbar.OptionSetDescription(what),
		progressbar.OptionSetWriter(file), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
}

func statOf(file *os.File, ok bool) (os.FileInfo, error) {
	if !ok {
		return nil, os.ErrInvalid
	}
	return file.Stat()
}
