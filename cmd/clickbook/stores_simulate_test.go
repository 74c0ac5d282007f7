package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/simulation"
)

// results are what a simulation gives on every store.
type results struct {
	report string            // as it is printed
	facts  string            // as ledger export writes them
	models map[string]string // hashes of the read models by name
}

func simulateOn(t *testing.T, at installation.Location, args []string) (got results) {
	t.Helper()
	got.report = must(t, append(args, locationArgs(at)...)...).out
	var report simulation.Report
	if err := json.Unmarshal([]byte(got.report), &report); err != nil {
		t.Fatal(err)
	}
	got.facts = must(t, append([]string{"ledger", "export", "--account", report.Account}, locationArgs(at)...)...).out
	h := openManual(t, at, monthEnd)
	defer h.close()
	got.models = h.hashes()
	return got
}

// simulateOnEveryStore checks that the report, the ledger and the read models are the same on every store, byte for
// byte.
func simulateOnEveryStore(t *testing.T, args []string) {
	all := make(map[string]results)
	onEveryStore(t, func(t *testing.T, fresh func(testing.TB) installation.Location) {
		_, name, _ := strings.Cut(t.Name(), "/")
		all[name] = simulateOn(t, fresh(t), args)
	})
	for name, got := range all {
		first := all["sqlite"]
		if got.report != first.report {
			t.Errorf("on %s the report is\n%s\nand on sqlite\n%s", name, got.report, first.report)
		}
		if got.facts != first.facts || got.facts == "" {
			t.Errorf("on %s the facts have %d bytes, on sqlite %d, and differ", name, len(got.facts),
				len(first.facts))
		}
		for _, model := range slices.Sorted(maps.Keys(first.models)) {
			if got.models[model] != first.models[model] {
				t.Errorf("on %s the read model %s differs from sqlite", name, model)
			}
		}
	}
}

func TestSameDaysOnEveryStore(t *testing.T) {
	skipIfShort(t)
	simulateOnEveryStore(t, makeRecord(t).simulating(append(badDays, "--json")...))
}

// TestRealMonthOnEveryStore simulates days of the real record, or the whole month if CLICKBOOK_MONTH is set.
func TestRealMonthOnEveryStore(t *testing.T) {
	skipIfShort(t)
	if _, err := os.Stat(theRecord); err != nil {
		t.Skipf("the real record is missing (%v): only made-up records are simulated", err)
	}
	args := []string{"simulate", "--json", "--appointments", theRecord, "--from", "2016-04-28", "--to", "2016-04-30"}
	if os.Getenv("CLICKBOOK_MONTH") != "" {
		args = []string{
			"simulate", "--json", "--appointments", theRecord, "--from", "2016-04-28", "--to", "2016-06-01",
			"--outage", "provider=alpha country=BR from=2016-05-09 to=2016-05-23", "--switch", "2016-05-10 BR beta",
			"--refund-window", "2016-05-09 +14d America/Sao_Paulo country=BR",
		}
	}
	simulateOnEveryStore(t, args)
}

// portable matches the part of an exported row that does not depend on the installation. The id derives from its
// keys, and the last columns are the time of the import and the notes.
var portable = regexp.MustCompile(`(?m)^[^,\n]*(.*),[^,\n]*,[^,\n]*$`)

// TestSheetOnEveryStore imports, exports and rebuilds the read models on each store.
func TestSheetOnEveryStore(t *testing.T) {
	var sheet strings.Builder
	sheet.WriteString("client,phone,service,resource,start,duration\n")
	for n := range 60 {
		fmt.Fprintf(&sheet, "Ana %d,+5527999%06d,Massage,Room %d,2026-03-%02d %02d:00,50\n", n%20, n%20, n%3, 1+n/6, 9+n%6)
	}
	file := filepath.Join(t.TempDir(), "sheet.csv")
	if err := os.WriteFile(file, []byte(sheet.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	exports := make(map[string]string)
	onEveryStore(t, func(t *testing.T, fresh func(testing.TB) installation.Location) {
		at := locationArgs(fresh(t))
		report := must(t, append([]string{
			"import", "csv", "--new-account", "Studio", "--account-zone", "America/Sao_Paulo", "--account-country", "BR", file,
		}, at...)...).out
		found := regexp.MustCompile(`account +(\S+)`).FindStringSubmatch(report)
		if found == nil {
			t.Fatalf("no account was opened: %s", report)
		}
		_, name, _ := strings.Cut(t.Name(), "/")
		exported := must(t, append([]string{"export", "appointments", "--account", found[1]}, at...)...).out
		exports[name] = portable.ReplaceAllString(exported, "$1")
		for line := range strings.Lines(must(t, append([]string{"rebuild"}, at...)...).out) {
			if strings.Contains(line, "\t") && !strings.Contains(line, "the same rows as before") {
				t.Errorf("the rebuild prints %s", line)
			}
		}
	})
	for name, text := range exports {
		if text != exports["sqlite"] || strings.Count(text, "\n") != 61 {
			t.Errorf("the export from %s is\n%s\nand from sqlite\n%s", name, text, exports["sqlite"])
		}
	}
}
