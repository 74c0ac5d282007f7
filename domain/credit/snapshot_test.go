package credit_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/clickbook/clickbook/domain/credit"
)

func TestSnapshotReadsBack(t *testing.T) {
	var states []credit.State
	for _, e := range append(append(append([]example{}, holding...), accepting...), append(giving, taking...)...) {
		state := credit.Decider.Fold(append(append([]credit.Event{}, e.Given...), e.Then...)...)
		states = append(states, state, credit.Evolve(state, credit.PeriodClosed{at("p1", 9), "2026-03", "UTC"}))
	}
	for _, state := range states {
		text, err := json.Marshal(state)
		if err != nil {
			t.Fatal(err)
		}
		var back credit.State
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, state) {
			t.Fatalf("a snapshot is another state\n got: %+v\nwant: %+v\n  by: %s", back, state, text)
		}
		if again, err := json.Marshal(back); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("the same state has two snapshots: %s and %s (%v)", text, again, err)
		}
		if bytes.Contains(text, []byte("support")) {
			t.Fatalf("a snapshot holds what a person wrote: %s", text)
		}
	}
}
