package simulation

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/window"
)

// Options say what to simulate.
type Options struct {
	Path      string
	Zone      *time.Location
	From, To  time.Time // local midnights; the simulation covers [From, To)
	Seed      uint64
	At        installation.Location // without a data directory, a temporary one
	Providers []string
	Bans      []simulated.Ban
	Switches  []routeSwitch
	Windows   []refundWindow

	remember int // streams that the engine and the log remember, the usual number if 0
}

// Check returns an error if an outage, a switch or a refund window names a provider that the simulation does not have,
// or if an outage or a switch lies outside it. Such an option would do nothing.
func (o Options) Check() error {
	var problems []error
	known := func(option, provider string) {
		if !slices.Contains(o.Providers, provider) {
			problems = append(problems, fmt.Errorf("%s: no provider is called %q; --providers has %s",
				option, provider, strings.Join(o.Providers, ", ")))
		}
	}
	outside := func(option string, from, to time.Time) {
		if !from.Before(o.To) || !to.After(o.From) {
			problems = append(problems, fmt.Errorf("%s on %s is outside the simulation, which runs from %s to %s", option,
				from.Format(time.DateOnly), o.From.Format(time.DateOnly), o.To.Format(time.DateOnly)))
		}
	}
	for _, ban := range o.Bans {
		known("--outage", ban.Provider)
		outside("--outage", ban.From, ban.To)
	}
	for _, s := range o.Switches {
		known("--switch", s.provider)
		outside("--switch", s.at, s.at.Add(time.Nanosecond))
	}
	for _, w := range o.Windows {
		for _, provider := range w.scope.Providers {
			known("--refund-window", provider)
		}
	}
	return errors.Join(problems...)
}

// routeSwitch is a change of a route by an operator.
type routeSwitch struct {
	at       time.Time
	country  string
	provider string
}

// refundWindow is a refund window that is declared at the end of the simulation.
type refundWindow struct {
	bounds window.Bounds
	scope  window.Scope
}

// ParseOutage parses "provider=alpha country=BR from=2016-05-09 to=2016-05-23".
func ParseOutage(text string, zone *time.Location) (simulated.Ban, error) {
	const form = `write "provider=alpha country=BR from=2016-05-09 to=2016-05-23"`
	fields, err := parseFields(text, "provider", "country", "from", "to")
	if err != nil {
		return simulated.Ban{}, fmt.Errorf("--outage: %w; %s", err, form)
	}
	if fields["provider"] == "" || fields["from"] == "" || fields["to"] == "" {
		return simulated.Ban{}, fmt.Errorf("invalid --outage %q: provider, from and to are required; %s", text, form)
	}
	ban := simulated.Ban{Provider: fields["provider"]}
	if fields["country"] != "" {
		country, err := domain.ParseDestination(fields["country"])
		if err != nil {
			return ban, fmt.Errorf("--outage: %w", err)
		}
		ban.Country = string(country)
	}
	if ban.From, err = cli.ParseDay("outage from", fields["from"], zone); err != nil {
		return ban, err
	}
	if ban.To, err = cli.ParseDay("outage to", fields["to"], zone); err != nil {
		return ban, err
	}
	if !ban.From.Before(ban.To) {
		return ban, fmt.Errorf("invalid --outage %q: it ends before it begins", text)
	}
	return ban, nil
}

// ParseSwitch parses "2016-05-10 BR beta".
func ParseSwitch(text string, zone *time.Location) (routeSwitch, error) {
	words := strings.Fields(text)
	if len(words) != 3 {
		return routeSwitch{}, fmt.Errorf(
			`invalid --switch %q: write a date, a country and a provider, such as "2016-05-10 BR beta"`, text)
	}
	at, err := cli.ParseDay("switch", words[0], zone)
	if err != nil {
		return routeSwitch{}, err
	}
	country, err := domain.ParseDestination(words[1])
	if err != nil {
		return routeSwitch{}, fmt.Errorf("--switch: %w", err)
	}
	return routeSwitch{at: at, country: string(country), provider: words[2]}, nil
}

// ParseRefundWindow parses "2016-05-09 +14d America/Sao_Paulo country=BR provider=alpha".
func ParseRefundWindow(text string) (refundWindow, error) {
	const form = `write "2016-05-09 +14d America/Sao_Paulo country=BR"`
	words := strings.Fields(text)
	if len(words) < 3 {
		return refundWindow{}, fmt.Errorf("--refund-window %q needs a first day, a length and a zone; %s", text, form)
	}
	length, isDays := strings.CutSuffix(strings.TrimPrefix(words[1], "+"), "d")
	days, err := strconv.Atoi(length)
	if err != nil || !isDays || !strings.HasPrefix(words[1], "+") {
		return refundWindow{}, fmt.Errorf("--refund-window: invalid length %q; %s", words[1], form)
	}
	bounds := window.Bounds{Kind: window.LocalDates, StartDate: words[0], Days: days, Zone: words[2]}
	if _, err := bounds.Interval(""); err != nil {
		return refundWindow{}, fmt.Errorf("--refund-window: %w", err)
	}
	fields, err := parseFields(strings.Join(words[3:], " "), "country", "provider", "account")
	if err != nil {
		return refundWindow{}, fmt.Errorf("--refund-window: %w; %s", err, form)
	}
	scope := window.Scope{
		Countries: listOf(fields["country"]), Providers: listOf(fields["provider"]), Accounts: listOf(fields["account"]),
	}
	for _, country := range scope.Countries {
		if _, err := domain.ParseDestination(country); err != nil {
			return refundWindow{}, fmt.Errorf("--refund-window: %w", err)
		}
	}
	return refundWindow{bounds: bounds, scope: scope}, nil
}

// parseFields parses words of the form name=value.
func parseFields(text string, known ...string) (map[string]string, error) {
	fields := make(map[string]string)
	for _, word := range strings.Fields(text) {
		name, value, ok := strings.Cut(word, "=")
		if !ok || value == "" {
			return nil, fmt.Errorf("invalid field %q: write name=value", word)
		}
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown field %q: the fields are %s", name, strings.Join(known, ", "))
		}
		fields[name] = value
	}
	return fields, nil
}

func listOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
