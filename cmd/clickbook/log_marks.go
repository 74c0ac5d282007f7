package main

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// What a log remembers of itself as a whole (domain.Marks).
const (
	ownerMark = "installation" // the installation under whose keys its private text is sealed
	nameMark  = "log"          // tells this log from its copies: positions of one mean nothing in another
	copyMark  = "copy"         // the name of the log that is being copied into it; none when the copy is whole
)

// logName is the name of a log. One that has none yet gets it.
func logName(ctx context.Context, log domain.Marks) (string, error) {
	name, err := log.Mark(ctx, nameMark)
	if err != nil || name != "" {
		return name, err
	}
	name = uuid.NewString()
	if err := log.SetMark(ctx, nameMark, "", name); !errors.Is(err, domain.ErrConflict) {
		return name, err
	}
	return log.Mark(ctx, nameMark) // somebody else gave it one meanwhile
}
