package logverify

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
)

type rang struct {
	N int `json:"n"`
}

func (rang) EventType() string { return "Rang" }

// log is a log whose entries a test changes.
type log struct {
	domain.LogReader
	entries []domain.Entry
}

func (l log) ReadAll(context.Context, domain.Position, domain.Filter) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		for _, entry := range l.entries {
			if !yield(entry, nil) {
				return
			}
		}
	}
}

// bells returns a log of 40 streams with three events each, in two appends.
func bells(t *testing.T) (*domain.Codec, []domain.Entry) {
	t.Helper()
	codec, err := domain.NewCodec(domaintest.NewVault(), domain.Types{domain.TypeOf[rang]()})
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	for n := range 120 {
		stream, revision := domain.StreamOf("bell", fmt.Sprint(n%40)), domain.Revision(n/40)
		if revision == 1 {
			continue // appended with revision 2
		}
		count := 1
		if revision == 2 {
			revision, count = 1, 2
		}
		events := make([]domain.Stored, count)
		for i := range events {
			if events[i], err = codec.Encode(uuid.New(), rang{n}, domain.Metadata{}); err != nil {
				t.Fatal(err)
			}
			events[i] = domain.Entry{
				Stored: events[i], Stream: stream, Revision: revision + domain.Revision(i), Rest: count - 1 - i,
			}.WithChecksum()
		}
		if _, err := store.Append(t.Context(), stream, revision-1, events); err != nil {
			t.Fatal(err)
		}
	}
	var entries []domain.Entry
	for entry, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry)
	}
	return codec, entries
}

// TestFindings changes a sound log in one way each. Few streams fit one pass, so that several are needed.
func TestFindings(t *testing.T) {
	codec, sound := bells(t)
	for name, c := range map[string]struct {
		change func([]domain.Entry) []domain.Entry
		says   string
	}{
		"nothing":         {func(e []domain.Entry) []domain.Entry { return e }, ""},
		"a flipped digit": {func(e []domain.Entry) []domain.Entry { e[50].Data = []byte(`{"n":9}`); return e }, "is damaged"},
		"a missing event": {func(e []domain.Entry) []domain.Entry { return slices.Delete(e, 7, 8) }, "has revision 1 after -1"},
		"an exchange": {func(e []domain.Entry) []domain.Entry {
			e[3], e[4] = e[4], e[3]
			return e
		}, "the log is out of order"},
		"a cut append": {func(e []domain.Entry) []domain.Entry { return e[:len(e)-1] }, "the last append to a stream"},
		"an unknown type": {func(e []domain.Entry) []domain.Entry {
			e[9].Type = "Sang"
			e[9].Stored = domain.Entry{Stored: domain.Stored{
				ID: e[9].ID, Type: "Sang", Data: e[9].Data, Meta: []byte(`{"schema":1}`),
			}, Stream: e[9].Stream, Revision: e[9].Revision, Rest: e[9].Rest}.WithChecksum()
			return e
		}, "does not know"},
	} {
		var found []string
		check := Log{
			Log: log{entries: c.change(slices.Clone(sound))}, Codec: codec, Step: func() {}, maxStreams: 6,
			Found: func(what string) { found = append(found, what) },
		}
		if err := check.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(found, "\n"); (c.says == "") != (all == "") || !strings.Contains(all, c.says) {
			t.Errorf("%s: found %q, want %q", name, all, c.says)
		}
		if check.Streams != 40 {
			t.Errorf("%s: %d streams, want 40", name, check.Streams)
		}
	}
}
