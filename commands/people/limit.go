package people

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	askBurst     = 5                // emails at once for one address
	askInterval  = 10 * time.Minute // until one more is allowed
	maxAddresses = 10_000           // that are remembered
)

// limit is a token bucket for each email address, so that nobody's mailbox can be filled.
type limit struct {
	mu   sync.Mutex
	full *simplelru.LRU[string, time.Time] // when the bucket of an address is full again
}

func newLimit() *limit {
	full, err := simplelru.NewLRU[string, time.Time](maxAddresses, nil)
	if err != nil {
		panic(err) // the size is positive
	}
	return &limit{full: full}
}

func (l *limit) allow(email string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	full, _ := l.full.Get(email)
	if full.Before(now) {
		full = now
	}
	if full = full.Add(askInterval); full.Sub(now) > askBurst*askInterval {
		return false
	}
	l.full.Add(email, full)
	return true
}
