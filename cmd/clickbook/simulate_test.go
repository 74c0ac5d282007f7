package main

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/simulation"
)

// TestSameSeedGivesSameReport simulates the made record several times.
func TestSameSeedGivesSameReport(t *testing.T) {
	skipIfShort(t)
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
	checkReport(t, record, text)
}

// checkReport compares a report with the record.
func checkReport(t *testing.T, record madeRecord, text string) {
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
	odd := "appointment " + record.odd + " at CENTRO was booked on 2016-05-06, after its own day 2016-05-05"
	if !strings.Contains(text, odd) {
		t.Errorf("the report lacks the odd row %s:\n%s", record.odd, text)
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

// simulateJSON runs a simulation and returns its report.
func simulateJSON(t testing.TB, args ...string) simulation.Report {
	t.Helper()
	var r simulation.Report
	if err := json.Unmarshal([]byte(must(t, append(args, "--json")...).out), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOutageLowersDeliveryAndSwitchRestoresIt compares a calm simulation, an outage with one provider, and an outage
// with a switch to another.
func TestOutageLowersDeliveryAndSwitchRestoresIt(t *testing.T) {
	skipIfShort(t)
	record := makeRecord(t)
	outage := []string{"--outage", "provider=alpha country=BR from=2016-05-05 to=2016-05-10"}
	normal := simulateJSON(t, record.simulating("--providers", "alpha")...)
	alone := simulateJSON(t, record.simulating(append(outage, "--providers", "alpha")...)...)
	helped := simulateJSON(t, record.simulating(append(outage, "--switch", "2016-05-06 BR beta")...)...)

	ordinary, damaged, mended := deliveredShare(normal), deliveredShare(alone), deliveredShare(helped)
	if ordinary < 0.9 || damaged > ordinary-0.25 || mended < damaged+0.15 {
		t.Errorf("delivered of sent: %.3f without an outage, %.3f in one with one provider, %.3f with a switch",
			ordinary, damaged, mended)
	}
	if len(alone.Deliveries) != 1 || len(helped.Deliveries) != 2 {
		t.Errorf("the deliveries are %v with one provider and %v with a switch", alone.Deliveries, helped.Deliveries)
	}
	for _, r := range []simulation.Report{normal, alone, helped} {
		if r.Credits.Sum != 0 || !r.Credits.Whole || r.Credits.Held != 0 {
			t.Errorf("the books do not balance: %+v", r.Credits)
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

// TestTruncatedRecordIsRefused checks that half a record is not simulated as a whole one.
func TestTruncatedRecordIsRefused(t *testing.T) {
	args := makeRecord(t).simulating()
	args[2] = makeRecord(t).truncated(t)
	got := call(t, "", args...)
	if got.code != exitFault || got.out != "" || !strings.Contains(got.err, "get the whole file again") {
		t.Errorf("a truncated record ended with %d, %q, %q", got.code, got.out, got.err)
	}
}

// TestShippedRecordIsSimulated runs the small record of the repository as docs/simulation.md says.
func TestShippedRecordIsSimulated(t *testing.T) {
	got := simulateJSON(t, "simulate", "--appointments", filepath.Join("..", "..", "docs", "made-up-month.csv"),
		"--from", "2016-04-28", "--to", "2016-06-01",
		"--outage", "provider=alpha country=BR from=2016-05-09 to=2016-05-23", "--switch", "2016-05-10 BR beta",
		"--refund-window", "2016-05-09 +14d America/Sao_Paulo country=BR")
	came := got.Appointments["fulfilled"] + got.Appointments["noshow"]
	if came != 300 || len(got.Record.Refused) > 0 || got.Credits.Sum != 0 || !got.Credits.Whole {
		t.Errorf("the report is %+v", got)
	}
}
