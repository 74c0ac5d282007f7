package commands

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/clickbook/clickbook/domain"
)

// maxStates bounds the folded streams in memory, and maxAbsent the names of streams without events. The least recently
// used ones are dropped first. They are apart because anybody with a key can name any number of absent streams, and
// must not push out the states that others work with.
const (
	maxStates = 24576
	maxAbsent = 8192
)

// stateCache keeps folded states. A stale state does no harm: the append that follows is refused as a conflict, the
// state is forgotten and the command is decided again.
type stateCache struct {
	mu     sync.Mutex
	states *simplelru.LRU[domain.Stream, cachedState]
	absent *simplelru.LRU[domain.Stream, cachedState] // diaries without holds are asked for again and again
}

type cachedState struct {
	state    any
	revision domain.Revision
	position domain.Position
	account  domain.AccountID
	kept     domain.Revision
}

func newStateCache(limit, absent int) *stateCache {
	return &stateCache{states: newLRU(limit), absent: newLRU(absent)}
}

func newLRU(limit int) *simplelru.LRU[domain.Stream, cachedState] {
	lru, err := simplelru.NewLRU[domain.Stream, cachedState](limit, nil)
	if err != nil {
		panic(err) // only for a limit below 1
	}
	return lru
}

func (c *stateCache) find(stream domain.Stream) (cachedState, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found, ok := c.states.Get(stream); ok {
		return found, true
	}
	return c.absent.Get(stream)
}

// keep stores a state unless the cache has a newer one. The absence of a stream is a state too.
func (c *stateCache) keep(stream domain.Stream, state cachedState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.states.Get(stream)
	switch {
	case ok && known.revision > state.revision:
	case state.revision == domain.NoStream:
		c.absent.Add(stream, state)
	default:
		c.absent.Remove(stream)
		c.states.Add(stream, state)
	}
}

func (c *stateCache) forget(stream domain.Stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states.Remove(stream)
	c.absent.Remove(stream)
}

// clear drops everything. An erased person's data may be in any state.
func (c *stateCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states.Purge()
	c.absent.Purge()
}
