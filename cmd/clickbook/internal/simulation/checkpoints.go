package simulation

import (
	"context"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// memoryCheckpoints keeps the checkpoints of the reactors in memory. A simulation starts over rather than resumes,
// and a reactor without a checkpoint finds everything done.
type memoryCheckpoints struct {
	mu        sync.Mutex
	positions map[string]domain.Position
}

func newMemoryCheckpoints() *memoryCheckpoints {
	return &memoryCheckpoints{positions: make(map[string]domain.Position)}
}

// LoadCheckpoint returns the position of a reactor, zero if it has none.
func (c *memoryCheckpoints) LoadCheckpoint(_ context.Context, name string) (domain.Position, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.positions[name], nil
}

// SaveCheckpoint keeps the position of a reactor.
func (c *memoryCheckpoints) SaveCheckpoint(_ context.Context, name string, position domain.Position) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.positions[name] = position
	return nil
}

// saveTo copies all positions to a permanent place.
func (c *memoryCheckpoints) saveTo(ctx context.Context, to commands.Checkpoints) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, position := range c.positions {
		if err := to.SaveCheckpoint(ctx, name, position); err != nil {
			return err
		}
	}
	return nil
}
