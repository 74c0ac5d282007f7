//go:build !race

// Package race reports whether the tests run under the race detector. The EventStoreDB client itself has races,
// for example between Close and the calls that are blocked in it, so the tests that provoke them are skipped there.
package race

// Detector reports whether the race detector is on.
const Detector = false
