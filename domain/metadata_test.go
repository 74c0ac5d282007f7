package domain

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func anyID(t *rapid.T, name string) uuid.UUID {
	if rapid.Bool().Draw(t, name+" absent") {
		return uuid.Nil
	}
	return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, name))
}

func anyInstant(t *rapid.T, name string) time.Time {
	return time.UnixMicro(rapid.Int64Range(0, 4_000_000_000_000_000).Draw(t, name)).UTC()
}

func TestMetadataReadsBackFromAnyForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Metadata{
			Account: AccountID{anyID(t, "account")}, Causation: anyID(t, "causation"),
			Correlation: anyID(t, "correlation"), OccurredAt: anyInstant(t, "occurred"),
			Actor:  Actor{ID: rapid.String().Draw(t, "actor"), Channel: rapid.StringMatching(`[a-z]*`).Draw(t, "channel")},
			Schema: rapid.IntRange(0, 12).Draw(t, "schema"),
		}
		m.RecordedAt = m.OccurredAt
		if rapid.Bool().Draw(t, "recorded later") {
			m.RecordedAt = anyInstant(t, "recorded")
		}
		data, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeMetadata(data)
		if err != nil || !reflect.DeepEqual(back, m) {
			t.Fatalf("%s reads back as %+v, %v; want %+v", data, back, err, m)
		}
		var loose any
		if err := json.Unmarshal(data, &loose); err != nil {
			t.Fatal(err)
		}
		respelled, err := json.MarshalIndent(loose, "", " ") // another order of fields, other white space
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decodeMetadata(respelled); err != nil || !reflect.DeepEqual(back, m) {
			t.Fatalf("%s reads back as %+v, %v; want %+v", respelled, back, err, m)
		}
	})
}

func TestOwnFormTakesTheFastPath(t *testing.T) {
	m := Metadata{
		Account: AccountID{uuid.New()}, Causation: uuid.New(), Actor: Actor{ID: "reminding", Channel: "policy"},
		OccurredAt: time.Date(2016, 5, 2, 12, 0, 0, 123456000, time.UTC),
	}
	m.RecordedAt = m.OccurredAt
	data, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	checked := Entry{Stored: Stored{Meta: data}}.WithChecksum().Meta
	for _, form := range [][]byte{data, checked} {
		got, _, ok := quickMetadata(form)
		if !ok || !reflect.DeepEqual(got, m) {
			t.Fatalf("the fast path read %+v, %v from %s", got, ok, form)
		}
	}
}

// TestUnknownMetadataNeedsAChecksum: without one, an unknown field may be a damaged name, even that of the checksum.
func TestUnknownMetadataNeedsAChecksum(t *testing.T) {
	newer := []byte(`{"occurred_at":"2016-05-02T12:00:00Z","of_a_newer_version":1}`)
	if m, err := decodeMetadata(newer); err == nil {
		t.Errorf("metadata with an unknown field reads as %+v", m)
	}
	checked := Entry{Stored: Stored{Meta: newer}}.WithChecksum().Meta
	if m, err := decodeMetadata(checked); err != nil || m.OccurredAt.Year() != 2016 {
		t.Errorf("metadata of a newer version with a checksum reads as %+v, %v", m, err)
	}
	for _, wrong := range []string{`{"occurred_at":"2016-05-02T12:00:00Z"}}`, `{"schema":1} {}`, `{}}`} {
		if m, err := decodeMetadata([]byte(wrong)); err == nil {
			t.Errorf("%s reads as %+v", wrong, m)
		}
	}
}
