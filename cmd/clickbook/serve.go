package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/adapters/zoneinfo"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/csvimport"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/demo"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/zones"
)

// serveConfig configures a server. Flags override the environment.
type serveConfig struct {
	at     installation.Location // CLICKBOOK_DATA, CLICKBOOK_STORE, CLICKBOOK_VIEWS
	listen string                // CLICKBOOK_LISTEN
	url    string                // CLICKBOOK_URL
	mail   mailConfig
	demo   bool
	life   bool
	trial  bool
	// operator is an email address; CLICKBOOK_OPERATOR
	operator string
	canaries string // CLICKBOOK_CANARIES: numbers with commas
	level    string // CLICKBOOK_LOG: debug, info, warn, error
	refund   string // CLICKBOOK_AUTO_REFUND: credits
	second   string // CLICKBOOK_SECOND_PERSON: credits
	oidc     oidcConfig
}

func newServe(std cli.Streams, getenv func(string) string) *cobra.Command {
	config := serveConfig{
		listen: cmp.Or(getenv("CLICKBOOK_LISTEN"), "127.0.0.1:8080"), url: getenv("CLICKBOOK_URL"),
		level: cmp.Or(getenv("CLICKBOOK_LOG"), "warn"), refund: cmp.Or(getenv("CLICKBOOK_AUTO_REFUND"), "0"),
		second: cmp.Or(getenv("CLICKBOOK_SECOND_PERSON"), "0"),
	}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a data directory: the API, reminders, providers, agendas",
		Long: `Opens or creates the data directory and serves its API, with a reference at /docs. The first start prints an
admin key once; there are no other credentials. No text leaves this machine before clickbook provider register has
added a provider; it says what is configured, what is simulated and what is missing. With --trial, a new directory
becomes a trial for good: its providers are simulated, and real ones cannot be added.`,
		Example: "  clickbook serve --demo\n  clickbook serve --data ./try --trial\n" +
			"  clickbook serve --data /var/lib/clickbook --listen 127.0.0.1:8080",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), std, config, cmd.Flags().Changed("data"))
		},
	}
	f := cmd.Flags()
	locationFlags(&config.at, cmd, getenv)
	f.StringVar(&config.listen, "listen", config.listen, "`ADDRESS` to listen on, port 0 for any (or CLICKBOOK_LISTEN)")
	f.StringVar(&config.url, "url", config.url, "`URL` that links in messages begin with (or CLICKBOOK_URL)")
	f.StringVar(&config.canaries, "canaries", getenv("CLICKBOOK_CANARIES"),
		"`NUMBERS` of your own handsets, with commas, that get a text by every provider each 15 minutes")
	f.StringVar(&config.operator, "operator", getenv("CLICKBOOK_OPERATOR"),
		"email `ADDRESS` of those who are told of outages and lost alerts (or CLICKBOOK_OPERATOR)")
	f.BoolVar(&config.demo, "demo", false, "serve three example accounts in a temporary directory, or in a new --data")
	f.BoolVar(&config.life, "demo-life", true, "with --demo, let simulated clients book and come while it serves")
	f.BoolVar(&config.trial, "trial", false, "make a new data directory a trial, with simulated providers")
	config.mail.flags(cmd, getenv)
	f.StringVar(&config.second, "second-person", config.second,
		"`CREDITS` above which a refund window needs a second admin, 0 for none (or CLICKBOOK_SECOND_PERSON)")
	config.oidc.flags(cmd, getenv)
	f.StringVar(&config.level, "log", config.level, "minimum log `LEVEL`: debug, info, warn, error (or CLICKBOOK_LOG)")
	f.StringVar(&config.refund, "auto-refund", config.refund,
		"`CREDITS` up to which the refund window of an outage needs no approval, 0 for none (or CLICKBOOK_AUTO_REFUND)")
	return cmd
}

// errDemoMails keeps the demo from writing to the made-up addresses of its clients.
var errDemoMails = errors.New("--demo sends no email: leave out --smtp (or CLICKBOOK_SMTP), or serve without --demo")

// serve runs until ctx ends. It reports all problems with the configuration at once, before it writes anything.
func serve(ctx context.Context, std cli.Streams, config serveConfig, dataGiven bool) (err error) {
	temporary := config.demo && !dataGiven
	log, err := newLog(std.Err, config.level)
	mailServer, mailProblem := config.mail.server()
	automatic, invalid := parseCredits("--auto-refund", config.refund)
	alone, invalidAlone := parseCredits("--second-person", config.second)
	handsets, wrong := parseCanaries(config.canaries)
	organisation, oidcProblem := config.oidc.provider()
	err = errors.Join(err, oidcProblem, invalidAlone, invalid, wrong, checkAddress(config.listen), checkURL(config.url),
		checkOperator(config.operator),
		mailProblem)
	if config.demo && mailServer != nil {
		err = errors.Join(err, errDemoMails)
	}
	if temporary && config.at.Store != "" {
		err = errors.Join(err, installation.ErrStoreWithoutData)
	}
	if err != nil {
		return cli.AsUsage(err)
	}
	listener, err := listen(ctx, config.listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // the server has closed it, unless it did not start
	if temporary {
		if config.at.Data, err = os.MkdirTemp("", "clickbook-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(config.at.Data)) }()
	}
	for _, warning := range zoneinfo.Warnings(zones.Current(), zoneinfo.MachineVersion()) {
		log.Warn("check the time zone table", "reason", warning)
	}
	public, err := publicURL(config.url, listener.Addr())
	if err != nil {
		return err
	}
	warnOfURL(log, public)
	options := installation.Options{
		Now: time.Now, MailServer: mailServer, URL: public, Trial: config.trial, Log: log,
		Workers: 16, Operator: config.operator, Canaries: handsets, Outages: true, AutoRefund: automatic,
		Build:   httpapi.Build{Version: version(), Revision: revision()},
		Imports: func(in *installation.Installation) installation.Imports { return csvimport.NewBackground(in, log) },
		Network: simulatedNetwork, Organisation: organisation, SecondPerson: alone,
	}
	if config.demo {
		if err := prepareDemo(ctx, std, config, &options); err != nil {
			return err
		}
	}
	in, err := installation.Open(ctx, config.at, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return in.Serve(ctx, std.Out, listener)
}

// prepareDemo makes the months of a demo, and changes the options to serve it on its own clock.
func prepareDemo(ctx context.Context, std cli.Streams, config serveConfig, options *installation.Options) error {
	fmt.Fprintln(std.Err, "making a month for the demo…")
	ready, err := demo.Prepare(ctx, demo.Options{
		At: config.at, URL: options.URL, Real: time.Now, Seed: demo.Seed, Life: config.life, Log: options.Log,
	})
	if err != nil {
		return err
	}
	options.Trial, options.Now = true, ready.Clock.Now
	options.Network, options.Demo = ready.Network, ready.Attach
	return nil
}

// simulatedNetwork is what the simulated providers of a trial share.
func simulatedNetwork(now func() time.Time) *simulated.Network {
	return simulated.NewNetwork(uint64(now().UnixNano()), simulated.DefaultRates, now)
}

func newLog(to io.Writer, level string) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("invalid --log %q: write debug, info, warn or error", level)
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: least})), nil
}

// parseCredits parses the amount of credits of a flag, such as 500 or 12.5, to micro-credits.
func parseCredits(flag, text string) (micro int64, err error) {
	amount, ok := new(big.Rat).SetString(text)
	if ok {
		amount.Mul(amount, big.NewRat(1_000_000, 1))
	}
	if !ok || amount.Sign() < 0 || !amount.IsInt() || !amount.Num().IsInt64() {
		return 0, fmt.Errorf("invalid %s %q: write credits, such as 500 or 12.5", flag, text)
	}
	return amount.Num().Int64(), nil
}

// maxCanaries bounds the handsets, each of which gets a text by every provider four times an hour.
const maxCanaries = 10

// parseCanaries parses numbers with commas between them.
func parseCanaries(given string) (handsets []domain.Phone, err error) {
	if given == "" {
		return nil, nil
	}
	for one := range strings.SplitSeq(given, ",") {
		number, invalid := domain.ParsePhone(strings.TrimSpace(one), "")
		if invalid != nil {
			err = errors.Join(err, fmt.Errorf("invalid --canaries: %w", invalid))
		}
		handsets = append(handsets, number)
	}
	if len(handsets) > maxCanaries {
		err = errors.Join(err, fmt.Errorf("invalid --canaries: give at most %d numbers, not %d", maxCanaries, len(handsets)))
	}
	return handsets, err
}

func checkAddress(address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fmt.Errorf("invalid --listen %q: write an address with a port, such as 127.0.0.1:8080", address)
	}
	return nil
}

func checkOperator(email string) error {
	if email == "" {
		return nil
	}
	if _, err := domain.ParseEmail(email); err != nil {
		return fmt.Errorf("invalid --operator %q: write an email address", email)
	}
	return nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another --listen, such as 127.0.0.1:0", address, err)
	}
	return listener, nil
}
