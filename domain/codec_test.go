package domain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// noteWritten has three schema versions: minutes became seconds, then the text moved into a body.
type noteWritten struct {
	Account domain.AccountID `json:"account"`
	Seconds int              `json:"seconds"`
	Body    body             `json:"body"`
}

type body struct {
	Text domain.Private `json:"text"`
}

func (noteWritten) EventType() string         { return "NoteWritten" }
func (e noteWritten) Subject() domain.Subject { return domain.StreamOf("account", e.Account.String()) }

// noteKept has the same private text under another name.
type noteKept noteWritten

func (noteKept) EventType() string         { return "NoteKept" }
func (e noteKept) Subject() domain.Subject { return noteWritten(e).Subject() }

type bellRung struct {
	Times int `json:"times"`
}

func (bellRung) EventType() string { return "BellRung" }

func minutesToSeconds(data []byte) ([]byte, error) {
	return change(data, func(fields map[string]any) {
		fields["seconds"] = fields["minutes"].(float64) * 60
		delete(fields, "minutes")
	})
}

func textIntoBody(data []byte) ([]byte, error) {
	return change(data, func(fields map[string]any) {
		fields["body"] = map[string]any{"text": fields["text"]}
		delete(fields, "text")
	})
}

func change(data []byte, apply func(map[string]any)) ([]byte, error) {
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	apply(fields)
	return json.Marshal(fields)
}

var (
	types = domain.Types{
		domain.TypeOf[noteWritten](minutesToSeconds, textIntoBody), domain.TypeOf[noteKept](), domain.TypeOf[bellRung](),
	}
	owner = domain.AccountID{UUID: uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")}
	hello = noteWritten{Account: owner, Seconds: 5400, Body: body{Text: domain.Secret("hello")}}
)

func newCodec(t interface{ Fatal(...any) }, vault domain.Vault) *domain.Codec {
	codec, err := domain.NewCodec(vault, types)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

func encode(t interface{ Fatal(...any) }, codec *domain.Codec, event domain.Event, meta domain.Metadata) domain.Entry {
	stored, err := codec.Encode(domain.DeriveUUID("event"), event, meta)
	if err != nil {
		t.Fatal(err)
	}
	return domain.Entry{Stored: stored, Position: domain.NewPosition(7, 0), Stream: "note-1", Revision: 3}
}

func TestCodecReadsBack(t *testing.T) {
	codec := newCodec(t, domaintest.NewVault())
	rapid.Check(t, func(t *rapid.T) {
		event := noteWritten{
			Account: owner, Seconds: rapid.Int().Draw(t, "seconds"),
			Body: body{domain.Secret(rapid.String().Draw(t, "text"))},
		}
		at := time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "at")).UTC()
		meta := domain.Metadata{
			Account: owner, Actor: domain.Actor{ID: rapid.String().Draw(t, "actor"), Channel: "api"},
			Causation: domain.DeriveUUID("cause"), Correlation: domain.DeriveUUID("first"), OccurredAt: at, RecordedAt: at,
		}
		entry := encode(t, codec, event, meta)
		if text := event.Body.Text.Reveal(); len(text) > 3 && bytes.Contains(entry.Data, []byte(text)) {
			t.Fatalf("%q is not sealed in %s", text, entry.Data)
		}
		got, err := codec.Decode(entry)
		meta.Schema = 3
		want := domain.Recorded{
			Position: entry.Position, Stream: "note-1", Revision: 3, ID: entry.ID, Event: event, Meta: meta,
		}
		if err != nil || got != want {
			t.Fatalf("read back\n%+v, %v\nwant\n%+v", got, err, want)
		}
	})
}

// Events of every version that was ever stored must stay readable, so there is a golden file per version.
func TestCodecReadsEveryOldVersion(t *testing.T) {
	codec := newCodec(t, domaintest.NewVault())
	for version, meta := range []string{`{}`, `{"schema":1}`, `{"schema":2}`, `{"schema":3}`} {
		data, err := os.ReadFile(fmt.Sprintf("testdata/note.v%d.json", max(version, 1)))
		if err != nil {
			t.Fatal(err)
		}
		entry := domain.Entry{Stored: domain.Stored{Type: "NoteWritten", Data: data, Meta: []byte(meta)}}
		if got, err := codec.Decode(entry); err != nil || got.Event != domain.Event(hello) {
			t.Errorf("version %d reads as %+v, %v", version, got.Event, err)
		}
	}
	entry := encode(t, codec, hello, domain.Metadata{})
	golden, err := os.ReadFile("testdata/note.v3.json")
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, golden); err != nil || compact.String() != string(entry.Data) {
		t.Errorf("the current version is stored as %s", entry.Data)
	}
}

func TestCodecRefusesToSkip(t *testing.T) {
	codec := newCodec(t, domaintest.NewVault())
	good := encode(t, codec, hello, domain.Metadata{})
	kept := encode(t, codec, noteKept(hello), domain.Metadata{})
	for _, c := range []struct {
		name  string
		spoil func(*domain.Entry)
		want  string
	}{
		{
			"an unknown type", func(e *domain.Entry) { e.Type = "NoteBurnt" },
			"NoteBurnt at revision 3 of note-1 is of a type this version does not know; run a version that does",
		},
		{"a newer version", func(e *domain.Entry) { e.Meta = []byte(`{"schema":4}`) }, "schema 4 is newer than 3"},
		{"broken data", func(e *domain.Entry) { e.Data = []byte(`{"seconds":`) }, "NoteWritten at revision 3 of note-1"},
		{"broken metadata", func(e *domain.Entry) { e.Meta = []byte(`{`) }, "metadata of NoteWritten in note-1"},
		{"data no upcaster reads", func(e *domain.Entry) {
			e.Data, e.Meta = []byte(`[]`), []byte(`{"schema":1}`)
		}, "upcast from schema 1"},
		{"damaged seal", func(e *domain.Entry) {
			e.Data = bytes.Replace(e.Data, []byte("s1:"), []byte("s1:!"), 1)
		}, "sealed text is damaged"},
		{"text sealed for another event", func(e *domain.Entry) { e.Data = kept.Data }, "another place"},
	} {
		entry := good
		c.spoil(&entry)
		got, err := codec.Decode(entry)
		if err == nil || !strings.Contains(err.Error(), c.want) || got.Event != nil {
			t.Errorf("%s: %v, %v; want an error containing %q", c.name, got.Event, err, c.want)
		}
	}
	_, err := codec.Encode(uuid.Nil, unheard{}, domain.Metadata{})
	if err == nil || !strings.Contains(err.Error(), "Unheard") {
		t.Errorf("an unknown event was encoded: %v", err)
	}
}

type unheard struct{}

func (unheard) EventType() string { return "Unheard" }

func TestCodecReadsErasedText(t *testing.T) {
	vault := domaintest.NewVault()
	codec := newCodec(t, vault)
	entry := encode(t, codec, hello, domain.Metadata{})
	vault.Erase(hello.Subject())
	got, err := codec.Decode(entry)
	if err != nil {
		t.Fatal(err)
	}
	note := got.Event.(noteWritten)
	if !note.Body.Text.IsErased() || note.Body.Text.Reveal() != "" || note.Seconds != 5400 {
		t.Errorf("after the key was destroyed the event reads %+v", note)
	}
}

type failingVault struct{ domain.Vault }

var errVault = errors.New("the vault is closed")

func (failingVault) Seal(domain.Subject, string, []byte) ([]byte, error) { return nil, errVault }
func (failingVault) Open(domain.Subject, string, []byte) ([]byte, error) { return nil, errVault }

func TestCodecReturnsErrorsOfTheVault(t *testing.T) {
	entry := encode(t, newCodec(t, domaintest.NewVault()), hello, domain.Metadata{})
	codec := newCodec(t, failingVault{})
	if _, err := codec.Encode(uuid.Nil, hello, domain.Metadata{}); !errors.Is(err, errVault) {
		t.Errorf("Encode returned error %v", err)
	}
	if got, err := codec.Decode(entry); !errors.Is(err, errVault) {
		t.Errorf("Decode returned %+v, %v", got.Event, err)
	}
}

func TestEncodeDoesNotChangeTheEvent(t *testing.T) {
	event := hello
	encode(t, newCodec(t, domaintest.NewVault()), event, domain.Metadata{})
	if event != hello {
		t.Errorf("Encode changed the event to %+v", event)
	}
}
