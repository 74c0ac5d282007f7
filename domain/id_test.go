package domain_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

func TestParseID(t *testing.T) {
	id := domain.DeriveID[domain.ClientID]("ana")
	back, err := domain.ParseID[domain.ClientID](id.String())
	if err != nil || back != id {
		t.Errorf("ParseID(%q) = %v, %v", id, back, err)
	}
	for _, bad := range []string{
		"", "ana", id.String()[1:], "{" + id.String() + "}", "urn:uuid:" + id.String(),
		"6ba7b8109dad11d180b400c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
	} {
		if back, err := domain.ParseID[domain.ClientID](bad); refusalCode(err) != "id_malformed" || !back.IsZero() {
			t.Errorf("ParseID(%q) = %v, %v", bad, back, err)
		}
	}
}

func TestIDsAreStoredAsText(t *testing.T) {
	id := domain.DeriveID[domain.ClientID]("ana")
	data, err := json.Marshal(id)
	if err != nil || string(data) != `"`+id.String()+`"` {
		t.Fatalf("an id is stored as %s, %v", data, err)
	}
	var back domain.ClientID
	if err := json.Unmarshal(data, &back); err != nil || back != id {
		t.Errorf("an id reads back as %v, %v", back, err)
	}
}

func TestDeriveUUID(t *testing.T) {
	// Stored ids were derived this way, so the rule must never change. The id was computed with uuid5 of Python.
	want := "ec372069-29b8-55ff-b137-b4a0b58ff677"
	if got := domain.DeriveUUID("reminder", 2, "day-before").String(); got != want {
		t.Errorf("DeriveUUID = %s, want %s", got, want)
	}
}

// The fast path must give the same id as encoding/json for any parts.
func TestDeriveUUIDIsOfTheJSONArray(t *testing.T) {
	namespace := uuid.MustParse("b4722eca-4775-5690-8afd-6852275744cf")
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Custom(part), 0, 5).Draw(t, "parts")
		var array bytes.Buffer
		enc := json.NewEncoder(&array)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(parts); err != nil {
			t.Fatal(err)
		}
		want := uuid.NewSHA1(namespace, bytes.TrimSpace(array.Bytes()))
		if got := domain.DeriveUUID(parts...); got != want {
			t.Fatalf("DeriveUUID of %s = %s, want %s", array.Bytes(), got, want)
		}
	})
}

func part(t *rapid.T) any {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,6}`)).Draw(t, "text")
	number := rapid.Int64().Draw(t, "number")
	id := uuid.NewSHA1(uuid.Nil, []byte(text))
	return rapid.SampledFrom([]any{
		text, domain.Stream(text), number, int(number), id, domain.ClientID{UUID: id}, domain.MessageID{}, uint8(7), true,
	}).Draw(t, "part")
}

func TestDerivedIDsDifferWhenTheirPartsDo(t *testing.T) {
	texts := rapid.SliceOfN(rapid.StringN(0, 4, -1), 1, 4)
	rapid.Check(t, func(t *rapid.T) {
		a, b := texts.Draw(t, "a"), texts.Draw(t, "b")
		same := len(a) == len(b)
		for i := 0; same && i < len(a); i++ {
			same = a[i] == b[i]
		}
		if got := derive(a) == derive(b); got != same {
			t.Fatalf("%q and %q give the same id: %v", a, b, got)
		}
	})
}

func derive(texts []string) domain.ClientID {
	parts := make([]any, len(texts))
	for i, text := range texts {
		parts[i] = text
	}
	return domain.DeriveID[domain.ClientID](parts...)
}
