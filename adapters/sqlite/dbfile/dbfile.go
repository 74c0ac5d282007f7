// Package dbfile opens a SQLite file for one process: it locks the file, creates or checks it, makes it durable in
// WAL mode, and turns errors of the disk into sentences. It refuses files of other programs and of newer versions,
// and knows nothing of the tables of its users.
package dbfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/adapters/internal/fault"
)

// Kind describes what a file is for. Its ID and version are in the header of the file (SQLite's application_id and
// user_version), so that a wrong file is recognised before it is changed.
type Kind struct {
	Name     string   // as errors call it, such as "event log"
	ID       int32    // application_id
	Version  int      // user_version, from 1
	Schema   string   // SQL that creates the tables of a new file
	Upgrades []string // Upgrades[i] is the SQL that upgrades version i+1 to version i+2
	PageSize int      // bytes, 0 for SQLite's default
	Remedy   string   // what to do if it is damaged; "" if only a backup can replace it
}

// File is an open, locked database file.
type File struct {
	path   string
	lock   *flock.Flock
	remedy string
}

// Open locks the file. It creates a new or empty file, and otherwise checks its kind and upgrades its version. It
// creates the directory if it does not exist. Errors are *fault.Fault.
func Open(path string, kind Kind) (*File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fault.New(ErrUnusable, err, "cannot create the data directory %s", filepath.Dir(path))
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	switch locked, err := lock.TryLock(); {
	case err != nil:
		return nil, fault.New(ErrUnusable, err, "cannot lock %s: check who may write there", path)
	case !locked:
		return nil, fault.New(ErrLocked, nil,
			"the data directory %s is in use by another process; stop that one, or choose another directory",
			filepath.Dir(path))
	}
	f := &File{path: path, lock: lock, remedy: kind.Remedy}
	if f.remedy == "" {
		f.remedy = "stop, keep a copy of it, and restore the last backup"
	}
	if err := f.prepare(kind); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return f, nil
}

// Path returns the path of the file.
func (f *File) Path() string { return f.path }

// Close releases the lock. Close every connection first.
func (f *File) Close() error { return f.lock.Unlock() }

// Conn opens a connection and runs pragmas such as "cache_size=-4000".
func (f *File) Conn(pragmas ...string) (*sqlite.Conn, error) {
	conn, err := OpenConn(f.path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, f.Fault(err)
	}
	for _, pragma := range pragmas {
		if err := sqlitex.ExecuteTransient(conn, "PRAGMA "+pragma, nil); err != nil {
			return nil, errors.Join(f.Fault(err), conn.Close())
		}
	}
	return conn, nil
}

// Sync makes the content and the name of the file durable. No connection may be open: closing any handle of the file
// releases all locks that SQLite holds on it in this process (POSIX advisory locks).
func (f *File) Sync() error {
	for _, name := range []string{f.path, filepath.Dir(f.path)} {
		file, err := os.Open(name)
		if err != nil {
			return f.Fault(err)
		}
		if err := errors.Join(file.Sync(), file.Close()); err != nil {
			return f.Fault(err)
		}
	}
	return nil
}

func (f *File) prepare(kind Kind) error {
	// Created here and not by SQLite, so that only its owner may read it. The -wal and -shm files get the same mode.
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return f.Fault(err)
	}
	if err := file.Close(); err != nil {
		return f.Fault(err)
	}
	conn, err := f.Conn()
	if err != nil {
		return err
	}
	if err := f.makeOrCheck(conn, kind); err != nil {
		return errors.Join(err, conn.Close())
	}
	if err := conn.Close(); err != nil {
		return f.Fault(err)
	}
	return f.Sync()
}

func (f *File) makeOrCheck(conn *sqlite.Conn, kind Kind) error {
	id, err := number(conn, "PRAGMA application_id")
	if err != nil {
		return f.Fault(err)
	}
	version, err := number(conn, "PRAGMA user_version")
	if err != nil {
		return f.Fault(err)
	}
	tables, err := number(conn, "SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return f.Fault(err)
	}
	switch {
	case id == 0 && version == 0 && tables == 0:
		return f.make(conn, kind)
	case id != int64(kind.ID):
		return fault.New(fault.ErrForeign, nil,
			"%s is a database of another program, not a ClickBook %s; choose another directory", f.path, kind.Name)
	case version > int64(kind.Version):
		return fault.New(fault.ErrNewer, nil,
			"the %s %s has format %d and this version of ClickBook reads up to %d; run a newer version",
			kind.Name, f.path, version, kind.Version)
	}
	for ; version < int64(kind.Version); version++ {
		if err := f.upgrade(conn, kind.Upgrades[version-1], version+1); err != nil {
			return err
		}
	}
	return nil
}

// upgrade runs in one transaction: a kill leaves the old version or the new one.
func (f *File) upgrade(conn *sqlite.Conn, sql string, version int64) error {
	return f.Fault(sqlitex.ExecuteScript(conn, fmt.Sprintf("%s;\nPRAGMA user_version=%d;", sql, version), nil))
}

func (f *File) make(conn *sqlite.Conn, kind Kind) error {
	size := kind.PageSize
	if size == 0 {
		size = 4096
	}
	err := sqlitex.ExecuteTransient(conn, fmt.Sprintf("PRAGMA page_size=%d", size), nil)
	if err == nil {
		err = sqlitex.ExecuteTransient(conn, "PRAGMA journal_mode=WAL", nil)
	}
	if err == nil {
		err = sqlitex.ExecuteScript(conn, fmt.Sprintf("%s;\nPRAGMA application_id=%d;\nPRAGMA user_version=%d;",
			kind.Schema, kind.ID, kind.Version), nil)
	}
	if err != nil {
		return f.Fault(err)
	}
	return nil
}

func number(conn *sqlite.Conn, query string) (n int64, err error) {
	err = sqlitex.ExecuteTransient(conn, query, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		n = stmt.ColumnInt64(0)
		return nil
	}})
	return n, err
}
