package projector

import (
	"context"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// gate lets readers wait for a position. Each step closes a channel, so nobody polls.
type gate struct {
	mu      *sync.Mutex
	at      domain.Position // that all projections have reached
	moved   chan struct{}   // closed when at or stopped changes
	stopped error           // why no step follows; nil while the projector runs
}

func newGate() gate { return gate{mu: new(sync.Mutex), moved: make(chan struct{})} }

func (g *gate) position() domain.Position {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.at
}

// open sets the position and ends a stop.
func (g *gate) open(at domain.Position) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at == g.at {
		return
	}
	g.at, g.stopped = at, nil
	g.wake()
}

// start ends a stop.
func (g *gate) start() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped = nil
}

// stop makes wait return the error that ended the projector. A nil error stops nothing.
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

// wait returns nil once the position is reached, or an error when the projector stops or ctx ends before.
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
			return fmt.Errorf("the read models have not applied your change yet: %w", ctx.Err())
		}
	}
}
