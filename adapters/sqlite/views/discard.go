package views

import (
	"errors"
	"io/fs"
	"os"

	"github.com/clickbook/clickbook/adapters/internal/fault"
)

// IsBroken reports whether a database could not be opened because it is damaged or not a database. A database of
// another program or of a newer version is not broken.
func IsBroken(err error) bool {
	var said *fault.Fault
	return errors.Is(err, fault.ErrDamaged) ||
		errors.As(err, &said) && errors.Is(said, fault.ErrForeign) && said.Err != nil
}

// Discard deletes the read-model database at path, so that it is rebuilt from the log. It keeps no copy, because
// names in it would survive the erasure of their clients.
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
