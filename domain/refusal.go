package domain

import (
	"errors"
	"fmt"
)

// Reason is the kind of a refusal, by what the caller can do about it.
type Reason int

// The reasons, with their HTTP status.
const (
	Disallowed Reason = iota // the command is valid, but the state does not allow it (HTTP 409)
	Unknown                  // the thing does not exist, or belongs to another account (HTTP 404)
	Invalid                  // the value can never be accepted (HTTP 422)
)

// Refusal is the domain saying no. Code is stable and for programs. Sentence tells a person what to do.
type Refusal struct {
	Reason   Reason
	Code     string
	Sentence string
	Field    string // the value that is wrong, as the API names it; "" if it is not one value
}

// Refuse returns a refusal, usually for a package variable above the decisions that return it.
func Refuse(reason Reason, code, sentence string) *Refusal {
	return &Refusal{Reason: reason, Code: code, Sentence: sentence}
}

// Refusef is Refuse with a formatted sentence.
func Refusef(reason Reason, code, format string, args ...any) *Refusal {
	return Refuse(reason, code, fmt.Sprintf(format, args...))
}

// At returns the refusal with the value that is wrong.
func (r *Refusal) At(field string) *Refusal {
	named := *r
	named.Field = field
	return &named
}

func (r *Refusal) Error() string { return r.Sentence }

// Is reports whether two refusals have the same code. Their sentences may differ.
func (r *Refusal) Is(target error) bool {
	other, ok := target.(*Refusal)
	return ok && other.Code == r.Code
}

// AsRefusal returns the refusal that err is or wraps, if any.
func AsRefusal(err error) (*Refusal, bool) {
	var refusal *Refusal
	ok := errors.As(err, &refusal)
	return refusal, ok
}

// ErrConflict is returned by an append when the stream is not at the expected revision: somebody else changed it
// first. The command must be decided again.
var ErrConflict = errors.New("another change to the same thing came first; try again")
