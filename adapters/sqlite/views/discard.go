package views

import (
	"errors"
	"io/fs"
	"os"

	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
)

// IsBroken reports whether a database could not be opened because it is damaged or no database at all. One of
// another program or of a newer version is not broken.
func IsBroken(err error) bool {
	var fault *dbfile.Fault
	return errors.Is(err, dbfile.ErrDamaged) ||
		errors.As(err, &fault) && errors.Is(fault, dbfile.ErrForeign) && fault.Err != nil
}

// Discard deletes the read-model database at path, for the log to make it anew. It is not kept aside: names in it would
// outlive the erasure of their clients.
func Discard(path string) error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Remove(path + suffix)
		if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
