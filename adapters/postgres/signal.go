package postgres

import "sync"

// signal wakes everyone who waits for the log to grow.
type signal struct {
	mu sync.Mutex
	ch chan struct{}
}

// next is closed by the next raise. Take it before looking whether there is something to do, so that nothing can
// come unseen between the look and the wait.
func (s *signal) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

func (s *signal) raise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}
