//go:build !race

package kurrentdb_test

// raceDetector reports whether the tests run under the race detector. The client has data races: between its Close
// and the calls blocked in it, and between its reading of headers and gRPC's writing of them when the connection or
// the context ends during a send. The few tests that provoke them do not run under the detector.
const raceDetector = false
