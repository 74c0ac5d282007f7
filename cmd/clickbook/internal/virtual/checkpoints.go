package virtual

import (
	"context"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// Checkpoints keeps the checkpoints of the reactors in memory. Virtual time starts over rather than resumes, and a
// reactor without a checkpoint finds everything done.
type Checkpoints struct {
	mu        sync.Mutex
	positions map[string]domain.Position
}

// NewCheckpoints returns none.
func NewCheckpoints() *Checkpoints {
	return &Checkpoints{positions: make(map[string]domain.Position)}
}

// LoadCheckpoint returns the position of a reactor, zero if it has none.
func (c *Checkpoints) LoadCheckpoint(_ context.Context, name string) (domain.Position, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.positions[name], nil
}

// SaveCheckpoint keeps the position of a reactor.
func (c *Checkpoints) SaveCheckpoint(_ context.Context, name string, position domain.Position) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.positions[name] = position
	return nil
}

// SaveTo copies all positions to a permanent place.
func (c *Checkpoints) SaveTo(ctx context.Context, to commands.Checkpoints) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, position := range c.positions {
		if err := to.SaveCheckpoint(ctx, name, position); err != nil {
			return err
		}
	}
	return nil
}
