package logcopy

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// The marks of a log (domain.Marks).
const (
	OwnerMark = "installation" // the installation whose keys seal its private text
	NameMark  = "log"          // distinguishes the log from its copies, whose positions differ
	TrialMark = "trial"        // "yes" if the installation only tries ClickBook out, with simulated providers
	CopyMark  = "copy"         // the name of the log that is being copied to it, until the copy is complete
)

// LogName returns the name of a log. It names a log that has no name.
func LogName(ctx context.Context, log domain.Marks) (string, error) {
	name, err := log.Mark(ctx, NameMark)
	if err != nil || name != "" {
		return name, err
	}
	name = uuid.NewString()
	if err := log.SetMark(ctx, NameMark, "", name); !errors.Is(err, domain.ErrConflict) {
		return name, err
	}
	return log.Mark(ctx, NameMark) // another process named it first
}
