package dbfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/adapters/internal/fault"
)

// Kinds of faults of a file, in addition to those of package fault. Use errors.Is.
var (
	ErrLocked   = errors.New("in use by another process")
	ErrUnusable = errors.New("cannot be used")
)

// Fault turns an error of SQLite or of the file system into a *fault.Fault. It adds the path to other errors.
func (f *File) Fault(err error) error {
	var already *fault.Fault
	if err == nil || errors.As(err, &already) || errors.Is(err, context.Canceled) {
		return err
	}
	var onPath *fs.PathError
	switch code := sqlite.ErrCode(err); {
	case code.ToPrimary() == sqlite.ResultFull, code == sqlite.ResultIOErrSHMSize, errors.Is(err, syscall.ENOSPC):
		return fault.New(fault.ErrFull, err,
			"the disk that holds %s is full, so nothing was saved; free some space and try again", f.path)
	case code.ToPrimary() == sqlite.ResultNotADB:
		return fault.New(fault.ErrForeign, err,
			"%s is not a database, or its first page is destroyed; choose another directory, or if this is the right one %s",
			f.path, f.remedy)
	case code.ToPrimary() == sqlite.ResultCorrupt:
		return fault.New(fault.ErrDamaged, err, "%s is damaged; %s", f.path, f.remedy)
	case code.ToPrimary() == sqlite.ResultIOErr:
		return fault.New(ErrUnusable, err, "the disk that holds %s failed; check it and start again", f.path)
	case code.ToPrimary() == sqlite.ResultCantOpen, code.ToPrimary() == sqlite.ResultReadOnly,
		code.ToPrimary() == sqlite.ResultPerm, errors.As(err, &onPath):
		return fault.New(ErrUnusable, err,
			"%s cannot be opened for writing; check that it is a file and who may write there", f.path)
	}
	return fmt.Errorf("%s: %w", f.path, err)
}

// Damaged returns the fault for a file that SQLite can read but whose content breaks a rule of its owner. what says
// which.
func (f *File) Damaged(what string) *fault.Fault {
	return fault.New(fault.ErrDamaged, nil, "%s is damaged (%s); %s", f.path, what, f.remedy)
}
