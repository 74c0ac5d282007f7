package views_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/adapters/viewstest"
)

var suite = viewstest.Suite{
	New:  func(t testing.TB) string { return t.TempDir() },
	Open: func(dir string) (viewstest.Database, error) { return views.Open(filepath.Join(dir, "views.db")) },
	Tables: func(t testing.TB, dir string) (names []string) {
		conn, err := sqlite.OpenConn(filepath.Join(dir, "views.db"), sqlite.OpenReadOnly)
		if err != nil {
			t.Fatal(err)
		}
		err = sqlitex.Execute(conn, "SELECT name FROM sqlite_schema WHERE type = 'table'", &sqlitex.ExecOptions{
			ResultFunc: func(stmt *sqlite.Stmt) error {
				names = append(names, stmt.ColumnText(0))
				return nil
			},
		})
		if err = errors.Join(err, conn.Close()); err != nil {
			t.Fatal(err)
		}
		return names
	},
	Remains: func(t testing.TB, dir string) (data []byte) {
		for _, name := range files(t, dir) {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			data = append(data, content...)
		}
		return data
	},
}

func files(t testing.TB, dir string) []string {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestContract(t *testing.T) { viewstest.Run(t, suite) }

func BenchmarkReadModels(b *testing.B) { viewstest.Bench(b, suite) }

// TestScratchesLeaveNoFiles looks at the directory while scratch databases are used.
func TestScratchesLeaveNoFiles(t *testing.T) {
	dir := t.TempDir()
	db, err := views.Open(filepath.Join(dir, "views.db"))
	if err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	scratch, err := views.NewScratchIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	if left := files(t, dir); !slices.Equal(left, before) || !strings.Contains(strings.Join(left, " "), "views.db") {
		t.Errorf("the directory has %q, before it had %q", left, before)
	}
	if err := errors.Join(scratch.Purge(context.Background()), scratch.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
}
