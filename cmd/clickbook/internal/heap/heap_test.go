package heap

import (
	"runtime"
	"testing"
)

var kept []byte

// waste throws 32 MiB away and returns how often the collector ran.
func waste() uint32 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 32 << 10 {
		kept = make([]byte, 1<<10)
	}
	runtime.ReadMemStats(&after)
	return after.NumGC - before.NumGC
}

func TestCollectsSeldomWhileThereIsRoom(t *testing.T) {
	if isSet() {
		t.Skip("GOGC or GOMEMLIMIT is set, which goes first")
	}
	giveBack := KeepRoom(64 << 20)
	if runs := waste(); runs > 0 {
		t.Errorf("the collector ran %d times for 32 MiB of garbage, with room for 64", runs)
	}
	giveBack()
	if runs := waste(); runs == 0 {
		t.Error("the collector did not run for 32 MiB of garbage after the room was given back")
	}
	restore := Relax(1 << 30)
	if !isSet() {
		t.Error("Relax sets no limit")
	}
	if restore(); isSet() {
		t.Error("the limit is still set after restore")
	}
}

func TestLeavesTheCollectorAloneIfItIsSet(t *testing.T) {
	t.Setenv("GOGC", "50")
	defer KeepRoom(64 << 20)()
	if runs := waste(); runs == 0 {
		t.Error("there is room although GOGC is set")
	}
	Relax(1 << 30)()
	t.Setenv("GOGC", "")
	if isSet() {
		t.Error("Relax and its end left a limit behind")
	}
}
