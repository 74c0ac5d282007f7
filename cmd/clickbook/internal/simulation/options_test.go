package simulation

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
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
