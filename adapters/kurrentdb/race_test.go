//go:build race

package kurrentdb_test

const raceDetector = true
