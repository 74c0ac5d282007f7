// Package viewstest is the contract of every read-model database: each read model is asked what it knows, made anew,
// killed half-way and rolled back, on each adapter, so that nothing above the port needs to know which one it has. It
// refuses to test speed, but brings what benchmarks of an adapter need.
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

// Suite is what an adapter gives.
type Suite struct {
	// New names a place that nobody uses: a directory, a URL. What is left of it goes at the test's end.
	New func(t testing.TB) string
	// Open opens or makes the read models of a place.
	Open func(place string) (Database, error)
	// Tables are the names of all tables of a place, but for those of the adapter itself.
	Tables func(t testing.TB, place string) []string
	// Remains is what can still be read of the rows of a place, beside what statements show.
	Remains func(t testing.TB, place string) []byte
}

// Run holds an adapter to the contract. Its own test must be the caller, because a process to be killed is the same
// test in another life.
func Run(t *testing.T, s Suite) {
	if lifeOfAChild(t, s) {
		return
	}
	for _, test := range []struct {
		name string
		run  func(*testing.T, Suite)
	}{
		{"accounts know their settings", accountsKnowTheirSettings},
		{"services show the newest policy", servicesShowTheNewestPolicy},
		{"resources have hours and blocks", resourcesHaveHoursAndBlocks},
		{"the installation knows providers, windows and keys", theInstallationKnowsProvidersWindowsAndKeys},
		{"clients are found by any word of their name", clientsAreFoundByAnyWordOfTheirName},
		{"the calendar shows what became of each appointment", calendarShowsWhatBecameOfEachAppointment},
		{"the calendar narrows", calendarNarrows},
		{"the agenda is a local day", theAgendaIsALocalDay},
		{"due is what is planned", dueIsWhatIsPlanned},
		{"the next due is the soonest", nextDueIsTheSoonest},
		{"messages tell how far each came", messagesTellHowFarEachCame},
		{"messages narrow", messagesNarrow},
		{"a message's story is its stream", aMessagesStoryIsItsStream},
		{"a message's status is that of the stream", messageStatusIsThatOfTheStream},
		{"deliveries count by the day of the attempt", deliveriesCountByTheDayOfTheAttempt},
		{"the ledger is the books", theLedgerIsTheBooks},
		{"a free message says why", aFreeMessageSaysWhy},
		{"a wrong pocket fails the proof", aWrongPocketFailsTheProof},
		{"marks are read back", marksAreReadBack},
		{"tables carry their version", tablesCarryTheirVersion},
		{"text sorts by its bytes", textSortsByItsBytes},
		{"every value is given back as it was", everyValueIsGivenBack},

		{"a writer reads its own write", aWriterReadsItsOwnWrite},
		{"a few projections go ahead and the others follow", aFewProjectionsGoAheadAndTheOthersFollow},
		{"the rows do not depend on the batches", theRowsDoNotDependOnTheBatches},
		{"a batch is all or nothing with its checkpoint", aBatchIsAllOrNothingWithItsCheckpoint},
		{"a statement that fails is an error of its transaction", aFailedStatementIsAnError},
		{"a kill between batches is picked up", aKillBetweenBatchesIsPickedUp},
		{"killed processes lose nothing", killedProcessesLoseNothing},
		{"of two who keep them one is told", ofTwoWhoKeepThemOneIsTold},
		{"one process at a time", oneProcessAtATime},
		{"an erased client is gone", anErasedClientIsGone},
		{"an unfinished purge is made good", anUnfinishedPurgeIsMadeGood},

		{"made anew the rows are the same", madeAnewTheRowsAreTheSame},
		{"a wrong row is found by rebuilding", aWrongRowIsFoundByRebuilding},
		{"while rebuilding the old rows are asked", whileRebuildingTheOldRowsAreAsked},
		{"a rebuild that fails changes nothing", aFailedRebuildChangesNothing},
		{"a killed rebuild leaves the old rows or the new", aKilledRebuildLeavesTheOldOrTheNew},
		{"a long log is built beside", aLongLogIsBuiltBeside},
		{"rolled back the old rows catch up", rolledBackTheOldRowsCatchUp},
		{"an erasure ends what is kept", anErasureEndsWhatIsKept},
		{"a new version takes over, and the old one can come back", aNewVersionTakesOver},
		{"an older version that is kept hears of no erasure", anOldVersionHearsOfNoErasure},
		{"read models ahead of a restored log begin anew", readModelsAheadOfARestoredLogBeginAnew},
		{"read models of another log begin anew", readModelsOfAnotherLogBeginAnew},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s) })
	}
}
