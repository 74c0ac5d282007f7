package logcopy

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// What a log remembers of itself as a whole (domain.Marks).
const (
	OwnerMark = "installation" // the installation under whose keys its private text is sealed
	NameMark  = "log"          // tells this log from its copies: positions of one mean nothing in another
	CopyMark  = "copy"         // the name of the log that is being copied into it; none when the copy is whole
)

// logName is the name of a log. One that has none yet gets it.
func LogName(ctx context.Context, log domain.Marks) (string, error) {
	name, err := log.Mark(ctx, NameMark)
	if err != nil || name != "" {
		return name, err
	}
	name = uuid.NewString()
	if err := log.SetMark(ctx, NameMark, "", name); !errors.Is(err, domain.ErrConflict) {
		return name, err
	}
	return log.Mark(ctx, NameMark) // somebody else gave it one meanwhile
}
