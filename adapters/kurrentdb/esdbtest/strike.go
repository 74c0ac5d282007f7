package esdbtest

import (
	"context"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/status"
)

// faults are those that wait for their calls.
type faults struct {
	mu      sync.Mutex
	waiting []*waiting
	struck  int
}

type waiting struct {
	Fault
	Which
}

// Inject makes a fault happen to calls that begin from now on. Where several faults wait for a call, the one that was
// injected first happens to it, and only that one.
func (s *Server) Inject(fault Fault, which Which) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if which.next != 0 {
		s.faults.waiting = append(s.faults.waiting, &waiting{fault, which})
	}
}

// Heal takes back all faults that have not happened yet.
func (s *Server) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.waiting = nil
}

// Struck is how many calls a fault has happened to, so that a test can know that its fault did.
func (s *Server) Struck() int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return s.faults.struck
}

// take is the fault that happens to a call, the empty one where none does.
func (f *faults) take(call Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, w := range f.waiting {
		if !w.match(call) {
			continue
		}
		if w.next > 0 {
			w.next--
		}
		if w.next == 0 {
			f.waiting = slices.Delete(f.waiting, i, i+1)
		}
		f.struck++
		return w.Fault
	}
	return Fault{}
}

// before is what happens instead of the work, or before it.
func (f *Fault) before(ctx context.Context, s *Server) error {
	if err := wait(ctx, f.delay); err != nil {
		return err
	}
	if f.refuse != nil {
		return f.refuse(ctx, s)
	}
	return nil
}

// after is what happens between the work and the reply.
func (f *Fault) after(ctx context.Context, s *Server) error {
	if err := wait(ctx, f.late); err != nil {
		return err
	}
	if f.disturb != nil {
		return f.disturb(ctx, s)
	}
	return nil
}

// doubt is the answer to a write whose outcome nobody is to know.
func (f *Fault) doubt(answer outcome) outcome {
	if f.unsure && answer.verdict == done {
		answer.verdict = unreplicated
	}
	return answer
}

// wait lasts that long, or until the call is over.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}

// cut closes the connection that the call came on.
func cut(ctx context.Context, s *Server) error {
	s.conns.close(ctx)
	return unavailable()
}
