package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/simulation"
)

// TestSimulationIsTheSameForTheSameSeed lives through the made record several times.
func TestSimulationIsTheSameForTheSameSeed(t *testing.T) {
	unlessShort(t)
	record := makeRecord(t)
	text := must(t, record.simulating()...).out
	if again := must(t, record.simulating("--data", t.TempDir())...).out; again != text {
		t.Errorf("the same seed gave another report:\n%s\ninstead of\n%s", again, text)
	}
	if other := must(t, record.simulating("--seed", "2")...).out; other == text {
		t.Error("another seed gave the same report")
	}
	written := must(t, record.simulating(append(badDays, "--json")...)...).out
	if again := must(t, record.simulating(append(badDays, "--json")...)...).out; again != written {
		t.Errorf("the same seed gave another report:\n%s\ninstead of\n%s", again, written)
	}
	holdToRecord(t, record, text)
}

// holdToRecord compares the words of a report with what the record holds.
func holdToRecord(t *testing.T, record madeRecord, text string) {
	t.Helper()
	for _, want := range [][]string{
		{"record.csv.gz,", "2016-05-02", "to", "2016-05-12:", "300", "visits"},
		{"fulfilled", strconv.Itoa(record.visits - record.absent)},
		{"noshow", strconv.Itoa(record.absent)},
		{"sum", "of", "all", "pockets", "0:", "every", "pocket", "is", "what", "its", "lines", "make", "it"},
	} {
		if !hasLine(text, want) {
			t.Errorf("the report lacks the line %q:\n%s", strings.Join(want, " "), text)
		}
	}
	if !strings.Contains(text, "appointment "+record.odd+" at CENTRO was booked on 2016-05-06, after its own day 2016-05-05") {
		t.Errorf("the report does not tell of the odd row %s:\n%s", record.odd, text)
	}
}

func hasLine(text string, words []string) bool {
	for line := range strings.Lines(text) {
		if strings.Join(strings.Fields(line), " ") == strings.Join(words, " ") {
			return true
		}
	}
	return false
}

// lived is a report as a program reads it.
func lived(t testing.TB, args ...string) simulation.Report {
	t.Helper()
	var r simulation.Report
	if err := json.Unmarshal([]byte(must(t, append(args, "--json")...).out), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAnOutageShowsAndASwitchHelps: with one carrier the ban is plain to see, with two the switch stops it.
func TestAnOutageShowsAndASwitchHelps(t *testing.T) {
	unlessShort(t)
	record := makeRecord(t)
	outage := []string{"--outage", "provider=alpha country=BR from=2016-05-05 to=2016-05-10"}
	calm := lived(t, record.simulating("--providers", "alpha")...)
	alone := lived(t, record.simulating(append(outage, "--providers", "alpha")...)...)
	helped := lived(t, record.simulating(append(outage, "--switch", "2016-05-06 BR beta")...)...)

	ordinary, damaged, mended := deliveredShare(calm), deliveredShare(alone), deliveredShare(helped)
	if ordinary < 0.9 || damaged > ordinary-0.25 || mended < damaged+0.15 {
		t.Errorf("delivered of sent: %.3f without an outage, %.3f in one with one carrier, %.3f with a switch",
			ordinary, damaged, mended)
	}
	if len(alone.Deliveries) != 1 || len(helped.Deliveries) != 2 {
		t.Errorf("texts went through %v alone and %v with a switch", alone.Deliveries, helped.Deliveries)
	}
	for _, r := range []simulation.Report{calm, alone, helped} {
		if r.Credits.Sum != 0 || !r.Credits.Whole || r.Credits.Held != 0 {
			t.Errorf("the books are not whole: %+v", r.Credits)
		}
	}
}

func deliveredShare(r simulation.Report) float64 {
	sent, delivered := 0, 0
	for _, line := range r.Deliveries {
		sent, delivered = sent+line.Sent, delivered+line.Delivered
	}
	return float64(delivered) / float64(sent)
}

// TestATruncatedRecordIsRefused: half a month must not pass for a whole one.
func TestATruncatedRecordIsRefused(t *testing.T) {
	args := makeRecord(t).simulating()
	args[2] = makeRecord(t).truncated(t)
	got := call(t, "", args...)
	if got.code != exitFault || got.out != "" || !strings.Contains(got.err, "get the whole file again") {
		t.Errorf("a truncated record ended with %d, %q, %q", got.code, got.out, got.err)
	}
}
