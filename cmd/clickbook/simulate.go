package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/simulation"
	"github.com/clickbook/clickbook/domain"
)

// simulateFlags are the flags of a simulation.
type simulateFlags struct {
	at                           installation.Location
	appointments, from, to, zone string
	seed                         uint64
	providers                    []string
	outages, switches, windows   []string
	json                         bool
}

func newSimulate(std cli.Streams) *cobra.Command {
	var flags simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate --appointments FILE --from DATE --to DATE",
		Short: "Simulate a real record of appointments in virtual time",
		Long: `Books every appointment of a public record at the moment it was really booked, and runs the engine from --from
to --to: reminders, simulated providers, receipts, credits, agendas, no-shows. What the record lacks (times of day,
names, numbers) is made up from the seed. The same seed gives the same report on standard output, byte for byte.
Speed and progress go to standard error.`,
		Example: `  clickbook simulate --appointments vitoria-2016.csv.gz --from 2016-04-28 --to 2016-06-01
  clickbook simulate --appointments vitoria-2016.csv.gz --from 2016-04-28 --to 2016-06-01 \
    --outage "provider=alpha country=BR from=2016-05-09 to=2016-05-23" --switch "2016-05-10 BR beta" \
    --refund-window "2016-05-09 +14d America/Sao_Paulo country=BR" --data month && clickbook serve --data month`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			sim, err := flags.parse()
			if err != nil {
				return cli.AsUsage(err)
			}
			return simulation.Run(cmd.Context(), std, sim, flags.json)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.appointments, "appointments", "", "CSV `FILE` with the record, gzipped or not")
	f.StringVar(&flags.from, "from", "", "first local `DATE` to simulate")
	f.StringVar(&flags.to, "to", "", "local `DATE` after the last one")
	f.StringVar(&flags.zone, "zone", "America/Sao_Paulo", "IANA `ZONE` of the record")
	f.StringVar(&flags.at.Data, "data", "", "keep the data in `DIR`, which must be empty, to serve it afterwards")
	urlFlags(&flags.at, cmd)
	f.Uint64Var(&flags.seed, "seed", 1, "made-up data follows from this number")
	f.StringSliceVar(&flags.providers, "providers", []string{"alpha", "beta"},
		"simulated providers, in the order of the route")
	f.StringArrayVar(&flags.outages, "outage", nil,
		"ban a provider: `\"provider=alpha country=BR from=2016-05-09 to=2016-05-23\"`")
	f.StringArrayVar(&flags.switches, "switch", nil, "switch a route: `\"2016-05-10 BR beta\"`")
	f.StringArrayVar(&flags.windows, "refund-window", nil,
		"declare a refund window at the end: `\"2016-05-09 +14d America/Sao_Paulo country=BR\"`")
	f.BoolVar(&flags.json, "json", false, "print the report as JSON")
	return cmd
}

func (f simulateFlags) parse() (sim simulation.Options, err error) {
	if f.appointments == "" || f.from == "" || f.to == "" {
		return sim, errors.New("--appointments, --from and --to are required; see clickbook simulate --help")
	}
	if f.at.Data == "" && f.at.Store != "" {
		return sim, installation.ErrStoreWithoutData
	}
	sim = simulation.Options{Path: f.appointments, Seed: f.seed, At: f.at, Providers: f.providers}
	if sim.Zone, err = domain.ParseZone(f.zone); err != nil {
		return sim, fmt.Errorf("--zone: %w", err)
	}
	if sim.From, err = cli.ParseDay("from", f.from, sim.Zone); err != nil {
		return sim, err
	}
	if sim.To, err = cli.ParseDay("to", f.to, sim.Zone); err != nil {
		return sim, err
	}
	if !sim.From.Before(sim.To) {
		return sim, fmt.Errorf("--to %s is not after --from %s", f.to, f.from)
	}
	for _, name := range f.providers {
		if !domain.IsShortName(name) {
			return sim, fmt.Errorf("--providers: invalid name %q: write a short name such as alpha", name)
		}
	}
	var problems []error
	for _, text := range f.outages {
		ban, err := simulation.ParseOutage(text, sim.Zone)
		sim.Bans, problems = append(sim.Bans, ban), append(problems, err)
	}
	for _, text := range f.switches {
		s, err := simulation.ParseSwitch(text, sim.Zone)
		sim.Switches, problems = append(sim.Switches, s), append(problems, err)
	}
	for _, text := range f.windows {
		w, err := simulation.ParseRefundWindow(text)
		sim.Windows, problems = append(sim.Windows, w), append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return sim, err
	}
	return sim, sim.Check()
}
