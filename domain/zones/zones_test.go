package zones_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clickbook/clickbook/domain/zones"
)

// winter is a morning for which tables before 2026b differ.
const winter = "2026-12-01T09:00:00"

func instant(t *testing.T, table *zones.Table, name string) string {
	t.Helper()
	zone, ok := table.Load(name)
	if !ok {
		t.Fatalf("%s is not in the table", name)
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05", winter, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC().Format("15:04")
}

// The expected hours are from the announcements of IANA for 2026b and 2026c.
func TestEmbeddedTableKnowsTheLawsOf2026(t *testing.T) {
	table := zones.Embedded()
	if version := table.Version(); version != "2026f" && !zones.Newer(version, "2026f") {
		t.Errorf("the embedded table is %s, want 2026f or newer", version)
	}
	if !strings.HasPrefix(table.Source(), "Debian tzdata "+table.Version()) {
		t.Errorf("the source is %q", table.Source())
	}
	for name, want := range map[string]string{
		"America/Vancouver": "16:00", "America/Edmonton": "15:00", "Africa/Casablanca": "09:00",
		"Canada/Pacific": "16:00", "US/Pacific": "17:00", "Asia/Calcutta": "03:30", "Japan": "00:00", "UTC": "09:00",
	} {
		if got := instant(t, table, name); got != want {
			t.Errorf("%s in %s is %s UTC, want %s", winter, name, got, want)
		}
	}
	for _, name := range table.Names() {
		if zone, ok := table.Load(name); !ok || zone.String() != name {
			t.Errorf("%s does not load under its name", name)
		}
	}
	for _, name := range []string{"", "Local", "localtime", "posixrules", "right/UTC", "../UTC", "+VERSION", "europe/berlin"} {
		if _, ok := table.Load(name); ok {
			t.Errorf("%q is in the table", name)
		}
	}
}

// The file says that Vancouver has the rules of Toronto.
func TestReadTakesTheRestFromTheBase(t *testing.T) {
	toronto := zones.Embedded().Rules("America/Toronto")
	tree := fstest.MapFS{
		"America/Vancouver": {Data: toronto}, "right/UTC": {Data: toronto}, "localtime": {Data: toronto},
		"zone.tab": {Data: []byte("# a list\n")}, "tzdata.zi": {Data: []byte("# version 2027a\nR x\n")},
	}
	table, err := zones.Read(tree, "a test", zones.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	if table.Version() != "2027a" || table.Source() != "a test" || table.Missing() != len(zones.Embedded().Names())-1 {
		t.Errorf("the table is %s from %s, with %d others", table.Version(), table.Source(), table.Missing())
	}
	if table.Checksum() == zones.Embedded().Checksum() {
		t.Error("two tables have one checksum")
	}
	for name, want := range map[string]string{"America/Vancouver": "14:00", "Europe/Berlin": "08:00"} {
		if got := instant(t, table, name); got != want {
			t.Errorf("%s in %s is %s UTC, want %s", winter, name, got, want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	_, err := zones.Read(fstest.MapFS{"zone.tab": {Data: []byte("# a list\n")}}, "a test", zones.Embedded())
	if !errors.Is(err, zones.ErrNoZones) {
		t.Errorf("a tree without zones returned %v", err)
	}
	damaged := zones.Embedded().Rules("Europe/Berlin")[:90]
	_, err = zones.Read(fstest.MapFS{"Europe/Berlin": {Data: damaged}}, "a test", zones.Embedded())
	if err == nil || !strings.Contains(err.Error(), "Europe/Berlin is damaged") {
		t.Errorf("a damaged zone returned %v", err)
	}
}

func TestUsePutsTableInForce(t *testing.T) {
	table, err := zones.Read(fstest.MapFS{"Mars/Olympus": {Data: zones.Embedded().Rules("UTC")}}, "a test", nil)
	if err != nil {
		t.Fatal(err)
	}
	zones.Use(table)
	defer zones.Use(nil)
	if _, ok := zones.Current().Load("Mars/Olympus"); !ok || zones.Current().Version() != "unknown" {
		t.Error("the table is not in force")
	}
	zones.Use(nil)
	if zones.Current() != zones.Embedded() {
		t.Error("the embedded table is not in force again")
	}
}

func TestNewer(t *testing.T) {
	for _, c := range []struct {
		version, than string
		want          bool
	}{
		{"2026f", "2026b", true},
		{"2026b", "2026f", false},
		{"2026f", "2026f", false},
		{"2027a", "2026z", true},
		{"2026za", "2026z", true},
		{"2026z", "2026za", false},
		{"", "2026f", false},
		{"2026f", "unknown", false},
		{"unknown", "2026f", false},
		{"2026", "2025a", false},
	} {
		if got := zones.Newer(c.version, c.than); got != c.want {
			t.Errorf("Newer(%q, %q) is %v", c.version, c.than, got)
		}
	}
}
