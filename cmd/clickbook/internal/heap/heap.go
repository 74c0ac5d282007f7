// Package heap says how much garbage may pile up before it is collected. What GOGC or GOMEMLIMIT say goes first.
package heap

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// KeepRoom makes the collector wait until the heap has grown by size bytes at least, until the result is called. By
// default it waits until the heap has doubled, and that of a server is so small that it would run fifty times a second.
//
// The room is a block that nothing writes to: it counts as in use, but takes no memory from the system, unless it lies
// where something was before.
func KeepRoom(size int) (giveBack func()) {
	if isSet() {
		return func() {}
	}
	room := make([]byte, size)
	return func() { runtime.KeepAlive(room) }
}

// Relax lets the heap grow to four times what is in use, up to limit bytes, and is for work whose garbage is
// short-lived. The result restores the settings.
func Relax(limit int64) (restore func()) {
	if isSet() {
		return func() {}
	}
	percent, before := debug.SetGCPercent(300), debug.SetMemoryLimit(limit)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(before)
	}
}

// isSet reports whether somebody chose how the collector works.
func isSet() bool {
	return os.Getenv("GOGC") != "" || debug.SetMemoryLimit(-1) != math.MaxInt64
}
