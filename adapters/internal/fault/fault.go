// Package fault is how adapters say what the world did to what they keep: of which kind it is, for programs, and one
// sentence that says what to do, for people.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// Kinds that every database has. Ask with errors.Is; packages that have more declare them beside their own.
var (
	ErrForeign = errors.New("of another program")
	ErrNewer   = errors.New("of a newer version")
	ErrFull    = fmt.Errorf("disk full: %w", syscall.ENOSPC) // for whoever knows nothing of adapters
	ErrDamaged = errors.New("damaged")
)

// Fault is an error of the world's. Neither Sentence nor Err tells a password.
type Fault struct {
	Kind     error
	Sentence string
	Err      error // the detail for the log; nil when the sentence says all
}

// New makes one. err may be nil; what follows makes the sentence.
func New(kind, err error, format string, args ...any) *Fault {
	return &Fault{Kind: kind, Sentence: fmt.Sprintf(format, args...), Err: err}
}

func (f *Fault) Error() string {
	if f.Err == nil {
		return f.Sentence
	}
	// Some drivers say a thing over several lines; a fault is one.
	return fmt.Sprintf("%s (%s)", f.Sentence, strings.Join(strings.Fields(f.Err.Error()), " "))
}

// Unwrap lets errors.Is find the kind and errors.As the cause.
func (f *Fault) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Kind}
	}
	return []error{f.Kind, f.Err}
}
