package dbfile

import (
	"context"
	"errors"
	"fmt"
	"os"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// copyPages is how many pages CopyTo copies between two looks at its context.
const copyPages = 4096

// Snapshot is the content of a database file at one instant. It takes no lock of Open, so another process may have the
// file open and go on writing. Until it is closed, the WAL of the file cannot shrink.
type Snapshot struct {
	path string
	conn *sqlite.Conn
}

// Pin returns the snapshot of a file now. It holds everything that was committed before the call.
func Pin(path string) (*Snapshot, error) {
	conn, err := OpenConn(path, sqlite.OpenReadOnly)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	// BEGIN alone reads nothing. The first read decides which commits the transaction sees.
	err = sqlitex.ExecuteScript(conn, "PRAGMA query_only=ON", nil)
	if err == nil {
		err = sqlitex.ExecuteTransient(conn, "BEGIN", nil)
	}
	if err == nil {
		_, err = number(conn, "SELECT count(*) FROM sqlite_schema")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot read %s: %w", path, err), conn.Close())
	}
	return &Snapshot{path: path, conn: conn}, nil
}

// Close ends the snapshot.
func (s *Snapshot) Close() error { return s.conn.Close() }

// CopyTo copies the snapshot to a new file, which only its owner may read.
func (s *Snapshot) CopyTo(ctx context.Context, path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return err
	}
	to, err := OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	if err := errors.Join(s.copyPages(ctx, to), to.Close()); err != nil {
		return fmt.Errorf("cannot copy %s to %s: %w", s.path, path, err)
	}
	return nil
}

// copyPages copies the pages as they are. VACUUM INTO would lose the WAL mode, which Open sets for new files only.
func (s *Snapshot) copyPages(ctx context.Context, to *sqlite.Conn) error {
	backup, err := sqlite.NewBackup(to, "main", s.conn, "main")
	if err != nil {
		return err
	}
	for more := true; more && err == nil; {
		if err = ctx.Err(); err == nil {
			more, err = backup.Step(copyPages)
		}
	}
	return errors.Join(err, backup.Close())
}
