package installation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/clickbook/clickbook/adapters/keyring"
	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/domain"
)

// HasLogFile reports whether the log is a file, which Backup copies.
func (l Location) HasLogFile() bool { return databaseOf(l.LogURL()) == sqliteDatabase }

// Backup copies the keys, state.db and a log in a file to a new or empty directory, and checks the copy. A server may
// use the installation meanwhile. If it fails, it removes what it has written.
func Backup(ctx context.Context, at Location, to string, found func(what string), step func()) (Verified, error) {
	if err := checkLogURL(at.LogURL()); err != nil {
		return Verified{}, err
	}
	created, err := makeEmpty(to)
	if err != nil {
		return Verified{}, err
	}
	verified, err := backUp(ctx, at, to, found, step)
	if err != nil || verified.Wrong > 0 {
		err = errors.Join(err, removeCopy(to, created))
	}
	return verified, err
}

func backUp(ctx context.Context, at Location, to string, found func(string), step func()) (Verified, error) {
	if err := copyFiles(ctx, at, to); err != nil {
		return Verified{}, err
	}
	verified, err := verifyCopy(ctx, at, to, found, step)
	if err != nil {
		return verified, err
	}
	for _, name := range []string{"events.db", "keys.db", "state.db"} { // the check has locked them
		if err := os.Remove(filepath.Join(to, name+".lock")); err != nil && !errors.Is(err, os.ErrNotExist) {
			return verified, err
		}
	}
	return verified, syncDir(to)
}

// copyFiles copies state.db, then pins the log, and then the keys: no checkpoint is ahead of the log, and every event
// has its key. The keys are copied before the log, which takes long, because a pinned file keeps its old pages.
func copyFiles(ctx context.Context, at Location, to string) (err error) {
	if at.Holds("state.db") {
		if err := copyDatabase(ctx, filepath.Join(at.Data, "state.db"), filepath.Join(to, "state.db")); err != nil {
			return err
		}
	}
	var log *dbfile.Snapshot
	if at.HasLogFile() {
		path, err := sqlitePath(at.LogURL(), "events.db")
		if err != nil {
			return err
		}
		if log, err = dbfile.Pin(path); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, log.Close()) }()
	}
	if err := copyDatabase(ctx, filepath.Join(at.Data, "keys.db"), filepath.Join(to, "keys.db")); err != nil {
		return err
	}
	if err := copySecret(filepath.Join(at.Data, "installation.key"), filepath.Join(to, "installation.key")); err != nil {
		return err
	}
	if log == nil {
		return nil
	}
	return log.CopyTo(ctx, filepath.Join(to, "events.db"))
}

func copyDatabase(ctx context.Context, from, to string) error {
	pinned, err := dbfile.Pin(from)
	if err != nil {
		return err
	}
	return errors.Join(pinned.CopyTo(ctx, to), pinned.Close())
}

func copySecret(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// verifyCopy checks everything that was copied. Without the log that is the keys.
func verifyCopy(ctx context.Context, at Location, to string, found func(string), step func()) (v Verified, err error) {
	if at.HasLogFile() {
		return Verify(ctx, Location{Data: to}, found, step)
	}
	keys, err := keyring.Open(ctx, filepath.Join(to, "keys.db"))
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	v.Keys, v.Erased, err = keys.Verify(ctx, func(what string) {
		v.Wrong++
		found(what)
	}, func(domain.Subject) error { return nil })
	return v, err
}

// makeEmpty makes a directory that only its owner may read, and reports whether it did not exist.
func makeEmpty(dir string) (created bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return true, os.MkdirAll(dir, 0o700)
	case err != nil:
		return false, err
	case len(entries) > 0:
		return false, fmt.Errorf("%s is not empty: choose a new directory for each backup", dir)
	}
	return false, os.Chmod(dir, 0o700)
}

// removeCopy removes what a failed backup wrote: everything, because the directory was empty.
func removeCopy(dir string, created bool) error {
	if created {
		return os.RemoveAll(dir)
	}
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
	}
	return err
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
