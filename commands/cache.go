package commands

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/clickbook/clickbook/domain"
)

// maxStates bounds the folded streams in memory, maxStateBytes what they take, and maxAbsent the names of streams
// without events. The least recently used ones are dropped first. Absent streams are apart because anybody with a key
// can name any number of them, and must not push out the states that others work with.
const (
	maxStates     = 24576
	maxStateBytes = 256 << 20
	maxAbsent     = 8192
)

// sized is a state that may be large: the books of an account with a million texts, a month of a busy resource.
type sized interface {
	Size() int // estimated bytes
}

// usualSize is taken for a state that is not sized, together with what the cache itself needs for one.
const usualSize = 2 << 10

// stateCache keeps folded states. A stale state does no harm: the append that follows is refused as a conflict, the
// state is forgotten and the command is decided again.
type stateCache struct {
	mu     sync.Mutex
	states *simplelru.LRU[domain.Stream, cachedState]
	bytes  int // that the states take
	most   int
	absent *simplelru.LRU[domain.Stream, cachedState] // diaries without holds are asked for again and again
}

type cachedState struct {
	state    any
	revision domain.Revision
	position domain.Position
	account  domain.AccountID
	kept     domain.Revision
	size     int // set by keep
}

func newStateCache(limit, bytes, absent int) *stateCache {
	c := &stateCache{most: bytes, absent: newLRU(absent, nil)}
	c.states = newLRU(limit, func(_ domain.Stream, dropped cachedState) { c.bytes -= dropped.size })
	return c
}

func newLRU(limit int, dropped func(domain.Stream, cachedState)) *simplelru.LRU[domain.Stream, cachedState] {
	lru, err := simplelru.NewLRU(limit, dropped)
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
		c.replace(stream, known, state)
	}
}

// replace adds a state in place of the known one, and drops others until all fit. The newest state stays, however large
// it is: the next command of its stream needs it.
func (c *stateCache) replace(stream domain.Stream, known, state cachedState) {
	state.size = usualSize
	if large, ok := state.state.(sized); ok {
		state.size += large.Size()
	}
	c.bytes += state.size - known.size
	c.states.Add(stream, state)
	for c.bytes > c.most && c.states.Len() > 1 {
		c.states.RemoveOldest()
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
