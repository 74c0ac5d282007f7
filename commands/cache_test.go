package commands

import (
	"testing"

	"github.com/clickbook/clickbook/domain"
)

func TestStateCacheKeepsTheNewestState(t *testing.T) {
	c := newStateCache(2)
	for _, revision := range []domain.Revision{3, 5, 4} {
		c.keep("client-1", cachedState{revision: revision})
	}
	if got, ok := c.find("client-1"); !ok || got.revision != 5 {
		t.Errorf("found revision %d (%v), want 5", got.revision, ok)
	}
}

func TestStateCacheDropsTheLeastRecentlyUsed(t *testing.T) {
	c := newStateCache(2)
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
	c := newStateCache(3)
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
