package domaintest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

// The events that testdata/planted lists in its Types. The package itself cannot be imported from there.
type (
	Listed   struct{}
	Renamed  struct{}
	Computed struct{}
)

func (Listed) EventType() string   { return "Listed" }
func (Renamed) EventType() string  { return "OldName" }
func (Computed) EventType() string { return "Computed" }

func TestListedEventsLawFires(t *testing.T) {
	types := domain.Types{domain.TypeOf[Listed](), domain.TypeOf[Renamed](), domain.TypeOf[Computed]()}
	got, err := checkListed("testdata/planted", types)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`Computed is stored as "": EventType must return the literal "Computed"`,
		`Missing is an event but missing from Types: add domain.TypeOf[Missing]()`,
		`Nameless has an evolve method but no EventType: add it and list it in Types`,
		`Renamed is stored as "OldName": EventType must return the literal "Renamed"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the law found\n%q\nwant\n%q", got, want)
	}
}

func TestListedEventsLawNeedsReadableSource(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "events.go"), []byte("package broken\n\nfunc ("), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := checkListed(dir, nil); err == nil {
		t.Error("source that does not parse passed")
	}
}

func TestExamplesLawFires(t *testing.T) {
	listed := domain.TypeOf[Listed]()
	for _, c := range []struct {
		eventType domain.Type
		yielded   bool
		want      string
	}{
		{listed, true, ""},
		{listed, false, "no example yields Listed"},
		{listed.Retired(), false, ""},
		{listed.Retired(), true, "an example yields Listed, which is retired"},
	} {
		if got := exampleFault(c.eventType, c.yielded); got != c.want {
			t.Errorf("retired %v, yielded %v: got %q, want %q", c.eventType.IsRetired(), c.yielded, got, c.want)
		}
	}
}
