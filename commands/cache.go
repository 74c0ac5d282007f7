package commands

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/clickbook/clickbook/domain"
)

// maxStates bounds the folded streams in memory. The least recently used ones are dropped first.
const maxStates = 24576

// stateCache keeps folded states. A stale state does no harm: the append that follows is refused as a conflict, the
// state is forgotten and the command is decided again.
type stateCache struct {
	mu     sync.Mutex
	states *simplelru.LRU[domain.Stream, cachedState]
}

type cachedState struct {
	state    any
	revision domain.Revision
	position domain.Position
	account  domain.AccountID
	kept     domain.Revision
}

func newStateCache(limit int) *stateCache {
	states, err := simplelru.NewLRU[domain.Stream, cachedState](limit, nil)
	if err != nil {
		panic(err) // only for a limit below 1
	}
	return &stateCache{states: states}
}

func (c *stateCache) find(stream domain.Stream) (cachedState, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states.Get(stream)
}

// keep stores a state unless the cache has a newer one. The absence of a stream is a state too.
func (c *stateCache) keep(stream domain.Stream, state cachedState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.states.Get(stream); !ok || known.revision <= state.revision {
		c.states.Add(stream, state)
	}
}

func (c *stateCache) forget(stream domain.Stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states.Remove(stream)
}

// clear drops everything. An erased person's data may be in any state.
func (c *stateCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states.Purge()
}
