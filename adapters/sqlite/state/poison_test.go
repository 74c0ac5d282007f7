package state_test

import (
	"reflect"
	"testing"

	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/domain"
)

func TestPutAsideTwiceKeepsOneRecord(t *testing.T) {
	file, err := state.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	entry := domain.Entry{Stream: "message-1", Position: domain.NewPosition(7, 0)}
	entry.Type = "SmsSent"
	for _, reason := range []string{"first", "second"} {
		if err := file.PutAside(t.Context(), "books", entry, reason); err != nil {
			t.Fatal(err)
		}
	}
	got, err := file.Poisoned(t.Context(), 10)
	want := []state.Poison{{"books", domain.NewPosition(7, 0), "message-1", "SmsSent", "second"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("poison is %+v, %v; want %+v", got, err, want)
	}
}
