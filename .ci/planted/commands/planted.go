// Package commands runs in virtual time too: it may make ids, but not ask for the time.
package commands

import (
	"time"

	"github.com/google/uuid"
)

// Origin may be made here.
func Origin() uuid.UUID { return uuid.New() }

// Wait would hold up the simulation.
func Wait() {
	//want:forbidigo
	time.Sleep(time.Second)
}
