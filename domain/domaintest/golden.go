package domaintest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

var update = flag.Bool("golden", false, "write the golden events again")

// GoldenEvents returns one event of every given type, in order, decoded from the golden file that the type's
// aggregate keeps in testdata/events. Projections and handlers are tested with them: each must handle every type it
// lists.
func GoldenEvents(t testing.TB, types ...domain.Types) []domain.Event {
	t.Helper()
	codec, err := domain.NewCodec(NewVault(), types...)
	if err != nil {
		t.Fatal(err)
	}
	root := moduleRoot(t)
	var events []domain.Event
	for _, aggregate := range types {
		for _, eventType := range aggregate {
			folder := path.Base(eventType.Go.PkgPath())
			data, err := os.ReadFile(filepath.Join(root, "domain", folder, goldenPath(eventType.Name)))
			if err != nil {
				t.Fatalf("%s has no golden event: %v", eventType.Name, err)
			}
			recorded, err := codec.Decode(domain.Entry{
				Stored: domain.Stored{Type: eventType.Name, Data: data, Meta: currentSchema(t, eventType)},
			})
			if err != nil {
				t.Fatal(err)
			}
			events = append(events, recorded.Event)
		}
	}
	return events
}

// currentSchema returns metadata that gives the data the newest schema of its type, which golden files are kept in.
func currentSchema(t testing.TB, eventType domain.Type) []byte {
	t.Helper()
	meta, err := json.Marshal(domain.Metadata{Schema: eventType.Schema})
	if err != nil {
		t.Fatal(err)
	}
	return meta
}

// moduleRoot returns the folder of go.mod, looking upwards from the folder of the test.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod in this folder or above it: run the tests from a checkout")
		}
		dir = parent
	}
}

func goldenPath(eventType string) string {
	return filepath.Join("testdata", "events", eventType+".json")
}

// checkRetired holds a type that no decision yields to its golden file, which must read and be written back the same.
func checkRetired(t *testing.T, eventType domain.Type) {
	t.Helper()
	types := domain.Types{eventType}
	for _, event := range GoldenEvents(t, types) {
		checkGolden(t, types, event)
	}
}

// checkGolden compares the stored form of an event with its golden file. A difference means that events already
// stored would read differently: add an upcaster. For a new event, run `make golden`.
func checkGolden[E domain.Event](t *testing.T, types domain.Types, event E) {
	t.Helper()
	checkForm(t, types, event, goldenPath(event.EventType()))
}

// GoldenForm pins another stored form of a type in its own golden file: one with optional fields that the first golden
// file does not have. What names the form: the file of "title" is TemplateSet.title.json.
func GoldenForm(t *testing.T, types domain.Types, event domain.Event, what string) {
	t.Helper()
	checkForm(t, types, event, goldenPath(event.EventType()+"."+what))
}

func checkForm(t *testing.T, types domain.Types, event domain.Event, path string) {
	t.Helper()
	codec, err := domain.NewCodec(NewVault(), types)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := codec.Encode(uuid.Nil, event, domain.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, stored.Data, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%s has no golden event: run `make golden` and review what it writes: %v", event.EventType(), err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Fatalf("the stored form of %s changed\n got: %s\nwant: %s", event.EventType(), got.Bytes(), want)
	}
}
