// Package domain is planted: each line after a //want:rule breaks that rule, and no other line breaks any.
package domain

import (
	"errors"
	"fmt"
	//want:depguard
	"math/rand/v2"
	//want:depguard
	"os"
	"time"

	"github.com/google/uuid"
)

// ErrPlanted is wrapped by what Compare gets.
var ErrPlanted = errors.New("planted")

// Clock asks for what must be an argument.
func Clock() (time.Time, uuid.UUID, int) {
	//want:forbidigo
	now := time.Now()
	//want:forbidigo
	id := uuid.New()
	return now, id, rand.IntN(6)
}

// Print writes where nobody asked it to, and asks whoever started it.
func Print() {
	//want:forbidigo
	fmt.Println("planted")
	//want:forbidigo
	fmt.Fprintln(os.Stderr, os.Getenv("PLANTED"))
}

// Forget loses an error.
func Forget() {
	//want:errcheck
	os.Remove("planted")
}

// Compare misses a wrapped error.
func Compare(err error) bool {
	//want:errorlint
	return err == ErrPlanted
}

// Overwrite gives a value that nobody reads.
func Overwrite(n int) int {
	//want:ineffassign
	double := n * 2
	double = n * 3
	return double
}

// Format promises an argument that does not come.
func Format() string {
	//want:govet
	return fmt.Sprintf("%d planted")
}

// Never compares a thing with itself.
func Never(n int) bool {
	//want:staticcheck
	return n < n
}

// Spell is planted for what stands in it.
func Spell() {
	//want:misspell
	// To recieve a remark.
}

//want:unused
func nobodyCalls() {}

//want:revive

func Undocumented() {}

// Excuse names no rule and no reason.
func Excuse() {
	//want:nolintlint
	_ = 1 //nolint
}

// Long goes over the edge.
func Long() string {
	//want:lll
	return "a line that is longer than one hundred and twenty columns pushes the next file off the screen of whoever reads them"
}
