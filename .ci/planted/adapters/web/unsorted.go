package web

import (
	//want:gci
	"github.com/clickbook/clickbook/commands"
	"github.com/google/uuid"
)

// Unsorted does not set apart what is ours.
func Unsorted() bool { return commands.Origin() == uuid.Nil }
