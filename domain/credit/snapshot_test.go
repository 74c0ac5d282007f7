package credit_test

import (
	"bytes"
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
		text, err := state.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var back credit.State
		if err := back.UnmarshalBinary(text); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, state) {
			t.Fatalf("a snapshot is another state\n got: %+v\nwant: %+v\n  by: %s", back, state, text)
		}
		if again, err := back.MarshalBinary(); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("the same state has two snapshots: %s and %s (%v)", text, again, err)
		}
		if bytes.Contains(text, []byte("support")) {
			t.Fatalf("a snapshot holds what a person wrote: %s", text)
		}
	}
}

func TestCutOffSnapshotIsAnError(t *testing.T) {
	state := credit.Decider.Fold(append(append([]credit.Event{}, taking[0].Given...), taking[0].Then...)...)
	data, err := state.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for length := range data {
		var back credit.State
		if err := back.UnmarshalBinary(data[:length]); err == nil {
			t.Fatalf("the first %d of %d bytes are read as a snapshot", length, len(data))
		}
	}
	var back credit.State
	if err := back.UnmarshalBinary(append(data, 0)); err == nil {
		t.Fatal("a snapshot with a byte more is read")
	}
}
