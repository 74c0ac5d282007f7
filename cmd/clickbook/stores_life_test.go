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

// lifeOn is what a simulation leaves behind that must not depend on the store.
type lifeOn struct {
	report string            // as it is printed
	facts  string            // behind the books, as ledger export writes them
	models map[string]string // hashes of the read models
}

func liveOn(t *testing.T, at installation.Home, args []string) (life lifeOn) {
	t.Helper()
	life.report = must(t, append(args, homeArgs(at)...)...).out
	var told simulation.Report
	if err := json.Unmarshal([]byte(life.report), &told); err != nil {
		t.Fatal(err)
	}
	life.facts = must(t, append([]string{"ledger", "export", "--account", told.Account}, homeArgs(at)...)...).out
	h := byHand(t, at, monthEnd)
	defer h.close()
	life.models = h.hashes()
	return life
}

// sameLife lives through the same days on every engine: books, report and read models are the same byte for byte.
func sameLife(t *testing.T, args []string) {
	lives := make(map[string]lifeOn)
	onEveryStore(t, func(t *testing.T, fresh func(testing.TB) installation.Home) {
		_, name, _ := strings.Cut(t.Name(), "/")
		lives[name] = liveOn(t, fresh(t), args)
	})
	for name, life := range lives {
		first := lives["sqlite"]
		if life.report != first.report {
			t.Errorf("on %s the report is\n%s\nand on sqlite\n%s", name, life.report, first.report)
		}
		if life.facts != first.facts || life.facts == "" {
			t.Errorf("on %s the books follow from %d bytes of facts, on sqlite from %d others", name, len(life.facts),
				len(first.facts))
		}
		for _, model := range slices.Sorted(maps.Keys(first.models)) {
			if life.models[model] != first.models[model] {
				t.Errorf("on %s the read model %s is another than on sqlite", name, model)
			}
		}
	}
}

func TestTheSameDaysOnEveryStore(t *testing.T) {
	unlessShort(t)
	sameLife(t, makeRecord(t).simulating(append(badDays, "--json")...))
}

// TestTheRealMonthOnEveryStore lives through days of the real record; CLICKBOOK_MONTH=1 through the whole month.
func TestTheRealMonthOnEveryStore(t *testing.T) {
	unlessShort(t)
	if _, err := os.Stat(theRecord); err != nil {
		t.Skipf("the real record is not here (%v): only made-up records were lived through", err)
	}
	args := []string{"simulate", "--json", "--appointments", theRecord, "--from", "2016-04-28", "--to", "2016-04-30"}
	if os.Getenv("CLICKBOOK_MONTH") != "" {
		args = []string{
			"simulate", "--json", "--appointments", theRecord, "--from", "2016-04-28", "--to", "2016-06-01",
			"--outage", "provider=alpha country=BR from=2016-05-09 to=2016-05-23", "--switch", "2016-05-10 BR beta",
			"--refund-window", "2016-05-09 +14d America/Sao_Paulo country=BR",
		}
	}
	sameLife(t, args)
}

// ofNoHome is what an exported row says but for its id, which derives from the keys of its home, and the moment of
// booking.
var ofNoHome = regexp.MustCompile(`(?m)^[^,\n]*(.*),[^,\n]*$`)

// TestASheetOnEveryStore imports, exports and makes the read models anew on each engine.
func TestASheetOnEveryStore(t *testing.T) {
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
	onEveryStore(t, func(t *testing.T, fresh func(testing.TB) installation.Home) {
		at := homeArgs(fresh(t))
		told := must(t, append([]string{
			"import", "csv", "--new-account", "Studio", "--account-zone", "America/Sao_Paulo", "--account-country", "BR", file,
		}, at...)...).out
		found := regexp.MustCompile(`account +(\S+)`).FindStringSubmatch(told)
		if found == nil {
			t.Fatalf("no account was opened: %s", told)
		}
		_, name, _ := strings.Cut(t.Name(), "/")
		exported := must(t, append([]string{"export", "appointments", "--account", found[1]}, at...)...).out
		exports[name] = ofNoHome.ReplaceAllString(exported, "$1")
		for line := range strings.Lines(must(t, append([]string{"rebuild"}, at...)...).out) {
			if strings.Contains(line, "\t") && !strings.Contains(line, "the same rows as before") {
				t.Errorf("made anew: %s", line)
			}
		}
	})
	for name, text := range exports {
		if text != exports["sqlite"] || strings.Count(text, "\n") != 61 {
			t.Errorf("the export from %s is\n%s\nand from sqlite\n%s", name, text, exports["sqlite"])
		}
	}
}
