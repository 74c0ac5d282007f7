package simulation

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/window"
)

func TestParseOptions(t *testing.T) {
	sp := zone(t)
	day := func(n int) time.Time { return time.Date(2016, 5, n, 0, 0, 0, 0, sp) }
	ban, err := ParseOutage("provider=alpha country=BR from=2016-05-09 to=2016-05-23", sp)
	if want := (simulated.Ban{Provider: "alpha", Country: "BR", From: day(9), To: day(23)}); err != nil || ban != want {
		t.Errorf("the outage is %+v, %v; want %+v", ban, err, want)
	}
	change, err := ParseSwitch("2016-05-10 BR beta", sp)
	if want := (routeSwitch{day(10), "BR", "beta"}); err != nil || change != want {
		t.Errorf("the switch is %+v, %v; want %+v", change, err, want)
	}
	refund, err := ParseRefundWindow("2016-05-09 +14d America/Sao_Paulo country=BR,PT provider=alpha")
	want := refundWindow{
		bounds: window.Bounds{Kind: window.LocalDates, StartDate: "2016-05-09", Days: 14, Zone: "America/Sao_Paulo"},
		scope:  window.Scope{Countries: []string{"BR", "PT"}, Providers: []string{"alpha"}},
	}
	if err != nil || !reflect.DeepEqual(refund, want) {
		t.Errorf("the window is %+v, %v; want %+v", refund, err, want)
	}
}

func TestOptionsWithoutEffectAreRefused(t *testing.T) {
	sp := zone(t)
	day := func(n int) time.Time { return time.Date(2016, 5, n, 0, 0, 0, 0, sp) }
	sim := Options{Zone: sp, From: day(1), To: day(20), Providers: []string{"alpha", "beta"}}
	ban := func(provider string, from, to int) simulated.Ban {
		return simulated.Ban{Provider: provider, Country: "BR", From: day(from), To: day(to)}
	}
	for _, c := range []struct {
		change func(*Options)
		words  string // "" if the option has an effect
	}{
		{func(o *Options) { o.Bans = []simulated.Ban{ban("alpha", 9, 23)} }, ""},
		{func(o *Options) { o.Switches = []routeSwitch{{day(10), "BR", "beta"}} }, ""},
		{func(o *Options) { o.Bans = []simulated.Ban{ban("gamma", 9, 23)} }, `--outage: no provider is called "gamma"`},
		{func(o *Options) { o.Bans = []simulated.Ban{ban("alpha", 20, 23)} }, "--outage on 2016-05-20 is outside"},
		{func(o *Options) { o.Switches = []routeSwitch{{day(10), "BR", "gamma"}} }, "--switch: no provider"},
		{func(o *Options) { o.Switches = []routeSwitch{{day(20), "BR", "beta"}} }, "--switch on 2016-05-20 is outside"},
		{
			func(o *Options) {
				o.Windows = []refundWindow{{scope: window.Scope{Providers: []string{"alpha", "gamma"}}}}
			}, `--refund-window: no provider is called "gamma"; --providers has alpha, beta`,
		},
	} {
		changed := sim
		c.change(&changed)
		if err := changed.Check(); (err == nil) != (c.words == "") || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("the error is %v, want one with %q", err, c.words)
		}
	}
}

func TestOutageAndSwitchDivideTheSimulation(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2016, 5, n, 0, 0, 0, 0, time.UTC) }
	sim := Options{From: day(1), To: day(31), Switches: []routeSwitch{
		{day(20), "PT", "beta"}, {day(12), "BR", "beta"}, {day(30), "BR", "alpha"},
	}}
	ban := simulated.Ban{Provider: "alpha", Country: "BR", From: day(9), To: day(23)}
	want := []stretch{
		{"before", domain.Interval{Start: day(1), End: day(9)}},
		{"during", domain.Interval{Start: day(9), End: day(12)}},
		{"during, BR on beta", domain.Interval{Start: day(12), End: day(23)}},
		{"after", domain.Interval{Start: day(23), End: day(31)}},
	}
	if got := sim.stretches(ban); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	ban.From, ban.To = day(1), day(31)
	sim.Switches = nil
	if got := sim.stretches(ban); len(got) != 1 || got[0].name != "during" {
		t.Errorf("an outage of the whole month is %v", got)
	}
}

func TestInvalidOptionsSayWhatToWrite(t *testing.T) {
	sp := zone(t)
	outage := func(text string) error { _, err := ParseOutage(text, sp); return err }
	change := func(text string) error { _, err := ParseSwitch(text, sp); return err }
	refund := func(text string) error { _, err := ParseRefundWindow(text); return err }
	for _, c := range []struct {
		parse       func(string) error
		text, words string
	}{
		{outage, "alpha", `invalid field "alpha": write name=value`},
		{outage, "provider=alpha colour=blue", `unknown field "colour": the fields are provider, country, from, to`},
		{outage, "provider=alpha from=2016-05-09", "provider, from and to are required"},
		{outage, "provider=alpha from=2016-05-09 to=soon", `invalid --outage to "soon"`},
		{outage, "provider=alpha country=UK from=2016-05-09 to=2016-05-10", "--outage: "},
		{outage, "provider=alpha from=2016-05-09 to=2016-05-09", "it ends before it begins"},
		{change, "2016-05-10 BR", `such as "2016-05-10 BR beta"`},
		{change, "soon BR beta", `invalid --switch "soon"`},
		{change, "2016-05-10 UK beta", "--switch: "},
		{refund, "2016-05-09", "needs a first day, a length and a zone"},
		{refund, "2016-05-09 14d UTC", `invalid length "14d"`},
		{refund, "2016-05-09 +14d Mars/Olympus", "--refund-window: "},
		{refund, "2016-05-09 +14d UTC country=UK", "--refund-window: "},
		{refund, "2016-05-09 +14d UTC colour=blue", `unknown field "colour"`},
	} {
		if err := c.parse(c.text); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%q: the error is %v, want one with %q", c.text, err, c.words)
		}
	}
}
