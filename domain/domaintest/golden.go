package domaintest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

var update = flag.Bool("golden", false, "write the golden events anew")

// golden compares the stored form of an event with testdata/events/<type>.json. A difference means that events
// already stored would be read differently: add an upcaster, or say `make golden` for a new event.
func golden[E domain.Event](t *testing.T, types domain.Types, event E) {
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
	path := filepath.Join("testdata", "events", event.EventType()+".json")
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
		t.Fatalf("%s has no golden event; say `make golden` and review what it writes: %v", event.EventType(), err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Fatalf("the stored form of %s changed\n got: %s\nwant: %s", event.EventType(), got.Bytes(), want)
	}
}
