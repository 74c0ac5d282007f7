package dbfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"zombiezen.com/go/sqlite"
)

// What can be wrong with a file. Ask with errors.Is.
var (
	ErrLocked   = errors.New("in use by another process")
	ErrForeign  = errors.New("of another program")
	ErrNewer    = errors.New("of a newer version")
	ErrFull     = fmt.Errorf("disk full: %w", syscall.ENOSPC) // for whoever knows nothing of this package
	ErrDamaged  = errors.New("damaged")
	ErrUnusable = errors.New("cannot be used")
)

// Fault is what the world did to a file, in one sentence that says what to do. Err is the detail for the log.
type Fault struct {
	Kind     error // one of the above
	Sentence string
	Err      error
}

func (f *Fault) Error() string {
	if f.Err == nil {
		return f.Sentence
	}
	return fmt.Sprintf("%s (%v)", f.Sentence, f.Err)
}

// Unwrap lets errors.Is find the kind and errors.As the cause.
func (f *Fault) Unwrap() []error { return []error{f.Kind, f.Err} }

// Fault puts an error of SQLite or of the file system into words. Errors that are neither come back as they are.
func (f *File) Fault(err error) error {
	var already *Fault
	if err == nil || errors.As(err, &already) || errors.Is(err, context.Canceled) {
		return err
	}
	var onPath *fs.PathError
	switch code := sqlite.ErrCode(err); {
	case code.ToPrimary() == sqlite.ResultFull, code == sqlite.ResultIOErrSHMSize, errors.Is(err, syscall.ENOSPC):
		return &Fault{ErrFull, fmt.Sprintf(
			"the disk that holds %s is full, so nothing was saved; free some space and try again", f.path), err}
	case code.ToPrimary() == sqlite.ResultNotADB:
		return &Fault{ErrForeign, fmt.Sprintf(
			"%s is no database, or its first page is destroyed; choose another directory, or if this is the right one %s",
			f.path, f.remedy), err}
	case code.ToPrimary() == sqlite.ResultCorrupt:
		return &Fault{ErrDamaged, fmt.Sprintf("%s is damaged; %s", f.path, f.remedy), err}
	case code.ToPrimary() == sqlite.ResultIOErr:
		return &Fault{ErrUnusable, fmt.Sprintf(
			"the disk that holds %s failed; check it and start again", f.path), err}
	case code.ToPrimary() == sqlite.ResultCantOpen, code.ToPrimary() == sqlite.ResultReadOnly,
		code.ToPrimary() == sqlite.ResultPerm, errors.As(err, &onPath):
		return &Fault{ErrUnusable, fmt.Sprintf(
			"%s cannot be opened for writing; check that it is a file and who may write there", f.path), err}
	}
	return fmt.Errorf("%s: %w", f.path, err)
}

// Damaged is the fault of a file that is whole for SQLite but not for its owner: what says what is wrong with it.
func (f *File) Damaged(what string) *Fault {
	return &Fault{Kind: ErrDamaged, Sentence: fmt.Sprintf("%s is damaged (%s); %s", f.path, what, f.remedy)}
}
