package installation

import (
	"context"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// heldCheckpoints keeps checkpoints in memory: a simulation is run again rather than resumed, and a reactor that
// begins anew over its log finds everything done.
type HeldCheckpoints struct {
	mu   sync.Mutex
	held map[string]domain.Position
}

func NewHeldCheckpoints() *HeldCheckpoints {
	return &HeldCheckpoints{held: make(map[string]domain.Position)}
}

func (c *HeldCheckpoints) LoadCheckpoint(_ context.Context, name string) (domain.Position, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[name], nil
}

func (c *HeldCheckpoints) SaveCheckpoint(_ context.Context, name string, position domain.Position) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[name] = position
	return nil
}

// handOver writes what was held into a lasting place.
func (c *HeldCheckpoints) HandOver(ctx context.Context, to commands.Checkpoints) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, position := range c.held {
		if err := to.SaveCheckpoint(ctx, name, position); err != nil {
			return err
		}
	}
	return nil
}
