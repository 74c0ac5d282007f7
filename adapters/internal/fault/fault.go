// Package fault is the error type of adapters for bugs and for trouble outside the program. A fault has a kind, for
// programs, and a sentence that says what to do, for people.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/clickbook/clickbook/domain"
)

// Kinds of faults that every database has. Use errors.Is. Packages with more kinds declare them themselves.
var (
	ErrForeign = errors.New("belongs to another program")
	ErrNewer   = errors.New("newer version")
	ErrFull    = fmt.Errorf("disk full: %w", syscall.ENOSPC) // for callers that know no adapters
	ErrDamaged = domain.ErrDamaged
)

// Fault is a bug, or trouble outside the program. Neither Sentence nor Err contains a password.
type Fault struct {
	Kind     error
	Sentence string
	Err      error // the detail for the logger; nil if the sentence says all
}

// New returns a Fault with a formatted sentence. err may be nil.
func New(kind, err error, format string, args ...any) *Fault {
	return &Fault{Kind: kind, Sentence: fmt.Sprintf(format, args...), Err: err}
}

func (f *Fault) Error() string {
	if f.Err == nil {
		return f.Sentence
	}
	// Some drivers return several lines. A fault is one line.
	return fmt.Sprintf("%s (%s)", f.Sentence, strings.Join(strings.Fields(f.Err.Error()), " "))
}

// Unwrap lets errors.Is find the kind and errors.As the cause.
func (f *Fault) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Kind}
	}
	return []error{f.Kind, f.Err}
}
