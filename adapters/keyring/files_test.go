package keyring_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/domain"
)

type nameGiven struct {
	Client domain.Subject `json:"client"`
	Name   domain.Private `json:"name"`
	Phone  domain.Private `json:"phone"`
}

func (nameGiven) EventType() string         { return "NameGiven" }
func (e nameGiven) Subject() domain.Subject { return e.Client }

// TestFilesContainNoPersonalText writes personal events through the codec to a real log and searches the raw files
// for the texts and for the keys.
func TestFilesContainNoPersonalText(t *testing.T) {
	dir := t.TempDir()
	ring := open(t, dir)
	codec, err := domain.NewCodec(ring, domain.Types{domain.TypeOf[nameGiven]()})
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "events.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	given := nameGiven{"client-1", domain.Secret("Grace Brewster Hopper"), domain.Secret("+5527999990000")}
	stored, err := codec.Encode(uuid.New(), given, domain.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, []domain.Stored{stored}); err != nil {
		t.Fatal(err)
	}
	read := func() (events []domain.Event) {
		for entry, err := range store.ReadStream(t.Context(), "client-1", 0) {
			if err != nil {
				t.Fatal(err)
			}
			recorded, err := codec.Decode(entry)
			if err != nil {
				t.Fatal(err)
			}
			events = append(events, recorded.Event)
		}
		return events
	}
	if got := read(); len(got) != 1 || got[0] != domain.Event(given) {
		t.Errorf("read back %v, want %v", got, given)
	}
	contain := func(text string) bool { return bytes.Contains(rawFiles(t, dir), []byte(text)) }
	if !contain("NameGiven") {
		t.Fatal("the search does not even find the event type")
	}
	for _, text := range []string{"Grace", "Hopper", "999990000"} {
		if contain(text) {
			t.Errorf("the files contain %q", text)
		}
	}
	installation, err := os.ReadFile(filepath.Join(dir, "installation.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "installation.key")); err != nil {
		t.Fatal(err)
	}
	if contain(string(installation)) {
		t.Error("another file contains the installation key")
	}
	if err := ring.Erase(t.Context(), "client-1"); err != nil {
		t.Fatal(err)
	}
	got := read()[0].(nameGiven)
	if !got.Name.IsErased() || !got.Phone.IsErased() || got.Client != "client-1" {
		t.Errorf("after erasing: %+v", got)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}
