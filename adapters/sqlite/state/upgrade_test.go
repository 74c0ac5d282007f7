package state_test

import (
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
)

// TestVersion2IsUpgraded opens a file from before people signed in. Its checkpoints stay.
func TestVersion2IsUpgraded(t *testing.T) {
	dir := t.TempDir()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	file := open(t, dir)
	ok(file.SaveCheckpoint(t.Context(), "books", domain.NewPosition(7, 0)))
	ok(file.Close())
	conn, err := sqlite.OpenConn(filepath.Join(dir, "state.db"), sqlite.OpenReadWrite)
	ok(err)
	ok(sqlitex.ExecuteScript(conn, `DROP TABLE sessions; DROP TABLE secrets; DROP TABLE deliveries; PRAGMA user_version=2;`, nil))
	ok(conn.Close())
	file = open(t, dir)
	defer file.Close()
	ok(file.AddSession(t.Context(), sessionOf(1, ana, noon)))
	if _, found, err := file.FindSession(t.Context(), people.Hash{1}); err != nil || !found {
		t.Errorf("a session is not kept after the upgrade: %v", err)
	}
	if at, err := file.LoadCheckpoint(t.Context(), "books"); err != nil || at != domain.NewPosition(7, 0) {
		t.Errorf("the checkpoint is %v, %v", at, err)
	}
}
