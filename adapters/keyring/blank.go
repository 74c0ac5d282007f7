package keyring

import (
	"errors"
	"os"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
)

// IsBlank reports whether the file at path is empty or has no tables or no proof: it was never a keyring, or was
// emptied. It changes nothing. A file that cannot be read is not blank; Open says what is wrong with it.
func IsBlank(path string) (bool, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return false, err
	case info.Size() == 0:
		_, err := os.Stat(path + "-wal") // a crash right after the creation leaves everything in the WAL
		if errors.Is(err, os.ErrNotExist) {
			return true, nil
		}
	}
	conn, err := dbfile.OpenConn(path, sqlite.OpenReadOnly)
	if err != nil {
		return false, nil
	}
	blank := false
	err = sqlitex.ExecuteTransient(conn, "SELECT count(*) FROM sqlite_schema", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			blank = stmt.ColumnInt(0) == 0
			return nil
		},
	})
	if err == nil && !blank {
		blank = true
		err = sqlitex.ExecuteTransient(conn, "SELECT 1 FROM installation", &sqlitex.ExecOptions{
			ResultFunc: func(*sqlite.Stmt) error {
				blank = false
				return nil
			},
		})
	}
	if err != nil {
		blank = false
	}
	return blank, conn.Close()
}
