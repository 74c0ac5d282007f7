package projector

import (
	"context"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// gate lets those pass who wait for a position that has been reached. Nobody polls: each step closes a channel.
type gate struct {
	mu      *sync.Mutex
	at      domain.Position
	moved   chan struct{}
	stopped error
}

func newGate() gate { return gate{mu: new(sync.Mutex), moved: make(chan struct{})} }

func (g *gate) position() domain.Position {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.at
}

func (g *gate) open(at domain.Position) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at == g.at {
		return
	}
	g.at, g.stopped = at, nil
	g.wake()
}

// start takes a stop back.
func (g *gate) start() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped = nil
}

// stop tells those who wait that it would be for ever.
func (g *gate) stop(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.stopped = fmt.Errorf("the read models have stopped: %w", err)
		g.wake()
	}
}

func (g *gate) wake() {
	close(g.moved)
	g.moved = make(chan struct{})
}

func (g *gate) wait(ctx context.Context, position domain.Position) error {
	for {
		g.mu.Lock()
		at, moved, stopped := g.at, g.moved, g.stopped
		g.mu.Unlock()
		switch {
		case !at.Before(position):
			return nil
		case stopped != nil:
			return stopped
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("the read models have not reached your change yet: %w", ctx.Err())
		}
	}
}
