package commands

import (
	"context"

	"github.com/clickbook/clickbook/domain"
)

// Checkpoints store how far each reactor has come. If they are lost, the reactor reads the log again; no effect is
// repeated.
type Checkpoints interface {
	LoadCheckpoint(ctx context.Context, name string) (domain.Position, error)
	SaveCheckpoint(ctx context.Context, name string, position domain.Position) error
}

// Transport delivers an entry of the log to the function it was made with. It retries after an error, and puts an
// entry aside that keeps failing. Deliver returns nil once the entry is handled or put aside.
type Transport interface {
	Deliver(ctx context.Context, entry domain.Entry) error
}
