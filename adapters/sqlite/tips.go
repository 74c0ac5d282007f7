package sqlite

import (
	"cmp"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/clickbook/clickbook/domain"
)

// recentStreams is how many streams tips remembers unless Options say otherwise, about 200 bytes each.
const recentStreams = 32 << 10

// tip is the end of a stream.
type tip struct {
	id   int64
	head int64
}

// tips remembers the ends of the streams that were appended to most recently, with the events of the current
// transaction. Only the writer changes it. The file has one writer, so a remembered head is never behind the file.
type tips struct {
	mu    sync.Mutex
	known *simplelru.LRU[domain.Stream, tip]
}

func newTips(streams int) *tips {
	known, err := simplelru.NewLRU[domain.Stream, tip](cmp.Or(streams, recentStreams), nil)
	if err != nil {
		panic(err) // only for a limit below 1
	}
	return &tips{known: known}
}

func (t *tips) find(stream domain.Stream) (tip, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known.Get(stream)
}

func (t *tips) keep(stream domain.Stream, at tip) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known.Add(stream, at)
}

func (t *tips) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known.Purge()
}

// ends reports whether a stream certainly has no event at a revision or after it.
func (t *tips) ends(stream domain.Stream, before domain.Revision) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.known.Peek(stream)
	return ok && at.head < int64(before)
}
