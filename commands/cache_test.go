package commands

import (
	"testing"

	"github.com/clickbook/clickbook/domain"
)

func TestStateCacheKeepsTheNewestState(t *testing.T) {
	c := newStateCache(2, 1<<20, 1)
	for _, revision := range []domain.Revision{3, 5, 4} {
		c.keep("client-1", cachedState{revision: revision})
	}
	if got, ok := c.find("client-1"); !ok || got.revision != 5 {
		t.Errorf("found revision %d (%v), want 5", got.revision, ok)
	}
}

func TestStateCacheDropsTheLeastRecentlyUsed(t *testing.T) {
	c := newStateCache(2, 1<<20, 1)
	c.keep("client-1", cachedState{})
	c.keep("client-2", cachedState{})
	c.find("client-1")
	c.keep("client-3", cachedState{})
	for stream, want := range map[domain.Stream]bool{"client-1": true, "client-2": false, "client-3": true} {
		if _, ok := c.find(stream); ok != want {
			t.Errorf("%s is in the cache: %v, want %v", stream, ok, want)
		}
	}
}

func TestStateCacheForgets(t *testing.T) {
	c := newStateCache(3, 1<<20, 1)
	for _, stream := range []domain.Stream{"client-1", "client-2", "client-3"} {
		c.keep(stream, cachedState{})
	}
	c.forget("client-1")
	if _, ok := c.find("client-1"); ok {
		t.Error("a forgotten state is still there")
	}
	if _, ok := c.find("client-2"); !ok {
		t.Error("forgetting one state dropped another")
	}
	c.clear()
	for _, stream := range []domain.Stream{"client-2", "client-3"} {
		if _, ok := c.find(stream); ok {
			t.Errorf("%s is still there after clear", stream)
		}
	}
}

func TestAbsentStreamsDoNotPushOutStates(t *testing.T) {
	c := newStateCache(2, 1<<20, 2)
	c.keep("client-1", cachedState{revision: 3})
	for _, absent := range []domain.Stream{"client-7", "client-8", "client-9"} {
		c.keep(absent, cachedState{revision: domain.NoStream})
	}
	for stream, want := range map[domain.Stream]bool{"client-1": true, "client-7": false, "client-8": true, "client-9": true} {
		if _, ok := c.find(stream); ok != want {
			t.Errorf("%s is in the cache: %v, want %v", stream, ok, want)
		}
	}
	c.keep("client-9", cachedState{revision: 0})
	if got, _ := c.find("client-9"); got.revision != 0 {
		t.Errorf("a stream that has begun is found at revision %d", got.revision)
	}
	if c.keep("client-9", cachedState{revision: domain.NoStream}); c.absent.Len() != 1 {
		t.Errorf("%d streams are absent, want client-8 alone", c.absent.Len())
	}
}

type large int

func (l large) Size() int { return int(l) }

func TestLargeStatesPushOutTheLeastRecentlyUsed(t *testing.T) {
	c := newStateCache(100, 10*usualSize, 1)
	keep := func(stream domain.Stream, size int) { c.keep(stream, cachedState{state: large(size * usualSize)}) }
	for _, stream := range []domain.Stream{"credits-1", "credits-2", "credits-3"} {
		keep(stream, 2)
	}
	keep("credits-1", 4) // 11 with the others
	for stream, want := range map[domain.Stream]bool{"credits-1": true, "credits-2": false, "credits-3": true} {
		if _, ok := c.find(stream); ok != want {
			t.Errorf("%s is in the cache: %v, want %v", stream, ok, want)
		}
	}
	if c.bytes != (1+4+1+2)*usualSize {
		t.Errorf("%d bytes are counted", c.bytes)
	}
	keep("credits-4", 100)
	if _, ok := c.find("credits-4"); !ok || c.states.Len() != 1 {
		t.Errorf("a state that is larger than the limit is not kept alone: %d states", c.states.Len())
	}
	if c.forget("credits-4"); c.bytes != 0 {
		t.Errorf("%d bytes are counted in an empty cache", c.bytes)
	}
	keep("credits-5", 1)
	if c.clear(); c.bytes != 0 {
		t.Errorf("%d bytes are counted after clear", c.bytes)
	}
}
