package sms

import (
	lru "github.com/hashicorp/golang-lru/v2"
)

// Handled remembers the latest calls that were handled, so that a repeated call is not handled again. It is bounded
// and in memory: what it forgets is harmless, because a message records each receipt once. It is safe for concurrent
// use.
type Handled struct{ seen *lru.Cache[string, struct{}] }

// NewHandled returns a Handled that remembers the given number of calls.
func NewHandled(calls int) *Handled {
	seen, err := lru.New[string, struct{}](max(calls, 1))
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &Handled{seen}
}

// Do runs handle unless a callback with the same Once was handled before. It remembers the callback if handle returned
// nil. It returns whether it ran handle.
func (h *Handled) Do(callback Callback, handle func() error) (ran bool, err error) {
	if callback.Once == "" {
		return true, handle()
	}
	if h.seen.Contains(callback.Once) {
		return false, nil
	}
	if err := handle(); err != nil {
		return true, err
	}
	h.seen.Add(callback.Once, struct{}{})
	return true, nil
}
