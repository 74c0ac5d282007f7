package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

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
				return asUsage(err)
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
	urlFlags(&flags.at, cmd)
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
