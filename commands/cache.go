package commands

import (
	"container/list"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// maxStates bounds how many folded streams are kept in memory, the longest unused given up first.
const maxStates = 24576

// stateCache keeps folded states. A stale one does no harm: the append that follows is refused as a conflict,
// the state is forgotten and the command decided anew.
type stateCache struct {
	mu    sync.Mutex
	limit int
	order *list.List // most recently used first
	items map[domain.Stream]*list.Element
}

type cachedState struct {
	state    any
	revision domain.Revision
	position domain.Position
	account  domain.AccountID
	kept     domain.Revision
}

type cacheItem struct {
	stream domain.Stream
	cachedState
}

func newStateCache(limit int) *stateCache {
	return &stateCache{limit: limit, order: list.New(), items: make(map[domain.Stream]*list.Element)}
}

func (c *stateCache) find(stream domain.Stream) (cachedState, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.items[stream]
	if !ok {
		return cachedState{}, false
	}
	c.order.MoveToFront(element)
	return element.Value.(cacheItem).cachedState, true
}

// keep remembers a state unless a newer one is known already. That a stream does not exist is a state like others.
func (c *stateCache) keep(stream domain.Stream, state cachedState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.items[stream]; ok {
		if element.Value.(cacheItem).revision <= state.revision {
			element.Value = cacheItem{stream, state}
		}
		c.order.MoveToFront(element)
		return
	}
	c.items[stream] = c.order.PushFront(cacheItem{stream, state})
	if c.order.Len() > c.limit {
		oldest := c.order.Back()
		c.order.Remove(oldest)
		delete(c.items, oldest.Value.(cacheItem).stream)
	}
}

func (c *stateCache) forget(stream domain.Stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.items[stream]; ok {
		c.order.Remove(element)
		delete(c.items, stream)
	}
}

// clear gives up everything, as when a person is erased whose data may stand in any state.
func (c *stateCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order.Init()
	clear(c.items)
}
