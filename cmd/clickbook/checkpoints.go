package main

import (
	"context"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// heldCheckpoints keeps checkpoints in memory: a simulation is run again rather than resumed, and a reactor that
// begins anew over its log finds everything done.
type heldCheckpoints struct {
	mu   sync.Mutex
	held map[string]domain.Position
}

func newHeldCheckpoints() *heldCheckpoints {
	return &heldCheckpoints{held: make(map[string]domain.Position)}
}

func (c *heldCheckpoints) LoadCheckpoint(_ context.Context, name string) (domain.Position, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[name], nil
}

func (c *heldCheckpoints) SaveCheckpoint(_ context.Context, name string, position domain.Position) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[name] = position
	return nil
}

// handOver writes what was held into a lasting place.
func (c *heldCheckpoints) handOver(ctx context.Context, to commands.Checkpoints) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, position := range c.held {
		if err := to.SaveCheckpoint(ctx, name, position); err != nil {
			return err
		}
	}
	return nil
}
