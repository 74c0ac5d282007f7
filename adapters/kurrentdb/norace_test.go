//go:build !race

package kurrentdb_test

// raceDetector tells that the tests run under it. The client has races of its own: its Close with who is blocked in it,
// and its reading of headers, when the connection or the context ends while it sends, with gRPC's writing of them. Both
// are told apart from ours by not running, under the detector, the few tests that aim at them.
const raceDetector = false
