package readmodel_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func TestCursorReadsBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cursor := readmodel.Cursor{
			At: time.UnixMicro(rapid.Int64Range(1, 1<<50).Draw(rt, "at")).UTC(),
			ID: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "id")),
		}
		text, _ := cursor.MarshalText()
		var got readmodel.Cursor
		if err := got.UnmarshalText(text); err != nil || got != cursor {
			rt.Fatalf("%s reads back as %v (error %v), want %v", text, got, err, cursor)
		}
	})
	for _, text := range []string{"", "x", strings.Repeat("z", 48), strings.Repeat("0", 47), "1-2-3", "01-2", "1-"} {
		var cursor readmodel.Cursor
		if _, refused := domain.AsRefusal(cursor.UnmarshalText([]byte(text))); !refused {
			t.Errorf("%q was read as %v, want a refusal", text, cursor)
		}
	}
}

// TestCursorTextIsStable pins the text form, which clients keep in URLs.
func TestCursorTextIsStable(t *testing.T) {
	cursor := readmodel.Cursor{At: time.UnixMicro(1).UTC(), ID: uuid.UUID{15: 2}}
	const want = "000000000000000100000000000000000000000000000002"
	if got, _ := cursor.MarshalText(); string(got) != want {
		t.Fatalf("the cursor is written %s, want %s", got, want)
	}
}

func TestNameCursorReadsBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cursor := readmodel.NameCursor{
			Retired: rapid.Bool().Draw(rt, "retired"), Name: rapid.String().Draw(rt, "name"),
			ID: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "id")),
		}
		text, _ := cursor.MarshalText()
		var got readmodel.NameCursor
		if err := got.UnmarshalText(text); err != nil || got != cursor {
			rt.Fatalf("%q reads back as %v (error %v), want %v", text, got, err, cursor)
		}
	})
	for _, text := range []string{"", "0", strings.Repeat("0", 32), "2" + strings.Repeat("0", 32), strings.Repeat("z", 33)} {
		var cursor readmodel.NameCursor
		if _, refused := domain.AsRefusal(cursor.UnmarshalText([]byte(text))); !refused {
			t.Errorf("%q was read as %v, want a refusal", text, cursor)
		}
	}
}
