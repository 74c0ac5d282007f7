package cli_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
)

func TestParseDayIsLocalMidnight(t *testing.T) {
	zone := time.FixedZone("", -3*3600)
	got, err := cli.ParseDay("from", "2016-05-09", zone)
	if want := time.Date(2016, 5, 9, 3, 0, 0, 0, time.UTC); err != nil || !got.Equal(want) {
		t.Errorf("the day is %v, %v; want %v", got, err, want)
	}
	_, err = cli.ParseDay("from", "9 May", zone)
	if want := `invalid --from "9 May": write a date such as 2016-05-09`; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestAsUsageKeepsTheError(t *testing.T) {
	if err := cli.AsUsage(nil); err != nil {
		t.Errorf("no error became %v", err)
	}
	var usage cli.UsageError
	if err := cli.AsUsage(errors.New("wrong")); !errors.As(err, &usage) || err.Error() != "wrong" {
		t.Errorf("the error became %v", err)
	}
}

func TestExactlyOneNamesTheArgument(t *testing.T) {
	check := cli.ExactlyOne("one file")
	if err := check(nil, []string{"a.csv"}); err != nil {
		t.Errorf("one argument gives %v", err)
	}
	if err := check(nil, []string{"a.csv", "b.csv"}); err == nil || err.Error() != "expected one file, not 2" {
		t.Errorf("two arguments give %v", err)
	}
}

func TestProgressIsSilentWithoutATerminal(t *testing.T) {
	var out bytes.Buffer
	bar := cli.Progress(&out, 10, "copying")
	if err := errors.Join(bar.Add(5), bar.Finish()); err != nil || out.Len() > 0 {
		t.Errorf("the bar printed %q, %v", out.String(), err)
	}
}

func TestPlural(t *testing.T) {
	for n, want := range []string{"0 units", "1 unit", "2 units"} {
		if got := cli.Plural(n, "unit"); got != want {
			t.Errorf("%d gives %q", n, got)
		}
	}
}
