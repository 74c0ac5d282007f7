package commands

import (
	"context"

	"github.com/clickbook/clickbook/domain"
)

// Checkpoints remember how far each reactor has come. Losing them costs time, never a second effect.
type Checkpoints interface {
	LoadCheckpoint(ctx context.Context, name string) (domain.Position, error)
	SaveCheckpoint(ctx context.Context, name string, position domain.Position) error
}

// Transport hands an entry of the log to the handler it was made with, retries what fails, and puts aside what keeps
// failing. It returns nil once the event is handled or safely put aside, and an error when neither is so.
type Transport interface {
	Deliver(ctx context.Context, entry domain.Entry) error
}
