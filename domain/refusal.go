package domain

import (
	"errors"
	"fmt"
)

// Reason sorts refusals by what the asker can do about them.
type Reason int

// The reasons, by the answer they become over HTTP.
const (
	Disallowed Reason = iota // the wish is clear but the state says no (HTTP 409)
	Unknown                  // there is no such thing, or it is not yours (HTTP 404)
	Invalid                  // the value can never be right (HTTP 422)
)

// Refusal is the domain saying no. Code is stable and for programs; Sentence tells a person what to do.
type Refusal struct {
	Reason   Reason
	Code     string
	Sentence string
}

// Refuse makes a refusal, usually a package variable above the decisions that answer it.
func Refuse(reason Reason, code, sentence string) *Refusal {
	return &Refusal{Reason: reason, Code: code, Sentence: sentence}
}

// Refusef is Refuse with a formatted sentence.
func Refusef(reason Reason, code, format string, args ...any) *Refusal {
	return Refuse(reason, code, fmt.Sprintf(format, args...))
}

func (r *Refusal) Error() string { return r.Sentence }

// Is makes two refusals the same when their codes are, whatever the sentence says in detail.
func (r *Refusal) Is(target error) bool {
	other, ok := target.(*Refusal)
	return ok && other.Code == r.Code
}

// AsRefusal finds the refusal in err, if there is one.
func AsRefusal(err error) (*Refusal, bool) {
	var refusal *Refusal
	ok := errors.As(err, &refusal)
	return refusal, ok
}

// ErrConflict says that somebody was first: the stream is not at the expected revision. Decide anew.
var ErrConflict = errors.New("another change to the same thing was first; try again")
