// Package viewstest is the contract of every read-model database. It runs on each adapter, so that projections and
// their callers need not know which one they have: the projector follows the log, rebuilds, rolls back and survives
// kills, erased people leave the files, values keep their bytes, and every query returns what it returns on SQLite.
// What a query returns is tested with its projection. The package does not test speed, but has the benchmarks that
// adapters share.
package viewstest

import (
	"testing"

	"github.com/clickbook/clickbook/projections/readmodel"
)

// Database is what a suite opens.
type Database interface {
	readmodel.Database
	Close() error
}

// Suite is what an adapter provides.
type Suite struct {
	// New returns a place that nobody uses: a directory or a URL. The test deletes it when it ends.
	New func(t testing.TB) string
	// Open opens the read models of a place, or creates them.
	Open func(place string) (Database, error)
	// Tables returns the names of all tables of a place, except the adapter's own.
	Tables func(t testing.TB, place string) []string
	// Remains returns everything in the files of a place that can still be read of its rows, current or deleted.
	Remains func(t testing.TB, place string) []byte
}

// Run checks an adapter against the contract. Call it from a separate test: to kill a process, it runs that test in
// another one.
func Run(t *testing.T, s Suite) {
	if runChild(t, s) {
		return
	}
	for _, test := range []struct {
		name string
		run  func(*testing.T, Suite)
	}{
		{"text sorts by its bytes", textSortsByItsBytes},
		{"values read back", valuesReadBack},
		{"a failed statement is an error of its transaction", failedStatementIsError},
		{"rows and queries equal those of SQLite", rowsAndQueriesEqualThoseOfSQLite},

		{"a writer reads its own write", writerReadsItsOwnWrite},
		{"some projections catch up first and the others later", someCatchUpFirst},
		{"rows do not depend on batches", rowsDoNotDependOnBatches},
		{"a batch and its checkpoint are one transaction", batchAndCheckpointAreOneTransaction},
		{"a cancelled batch is applied later", cancelledBatchIsAppliedLater},
		{"killed processes lose nothing", killedProcessesLoseNothing},
		{"a second projector finds the checkpoints moved", secondProjectorFindsCheckpointsMoved},
		{"one process at a time", oneProcessAtATime},
		{"an erased client is gone from the files", erasedClientIsGone},
		{"an unfinished purge is repeated", unfinishedPurgeIsRepeated},

		{"a rebuild gives the same rows", rebuildGivesTheSameRows},
		{"a rebuild finds a wrong row", rebuildFindsWrongRow},
		{"queries read the old rows during a rebuild", queriesReadOldRowsDuringRebuild},
		{"a failed rebuild changes nothing", failedRebuildChangesNothing},
		{"a killed rebuild leaves the old rows or the new", killedRebuildLeavesOldOrNew},
		{"a long log is built in scratch databases", longLogIsBuiltInScratch},
		{"rows that were rolled back catch up", rolledBackRowsCatchUp},
		{"an erasure drops replaced rows", erasureDropsReplacedRows},
		{"a new version takes over, and the old one can return", newVersionTakesOver},
		{"an erasure drops an older version", erasureDropsOlderVersion},
		{"read models ahead of a restored log start again", readModelsAheadOfLogStartAgain},
		{"read models of another log start again", readModelsOfAnotherLogStartAgain},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s) })
	}
}
