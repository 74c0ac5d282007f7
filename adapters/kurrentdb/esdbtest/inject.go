package esdbtest

import (
	"context"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/status"
)

// failures holds the failures that have not happened yet.
type failures struct {
	mu       sync.Mutex
	pending  []*pendingFailure
	injected int
}

type pendingFailure struct {
	Failure
	Selector
}

// Inject makes a failure happen to later calls that the selector selects. If several failures match a call, only the
// one that was injected first happens.
func (s *Server) Inject(failure Failure, which Selector) {
	s.failures.mu.Lock()
	defer s.failures.mu.Unlock()
	if which.next != 0 {
		s.failures.pending = append(s.failures.pending, &pendingFailure{failure, which})
	}
}

// ClearFailures removes all failures that have not happened yet.
func (s *Server) ClearFailures() {
	s.failures.mu.Lock()
	defer s.failures.mu.Unlock()
	s.failures.pending = nil
}

// Injected returns how many calls a failure has happened to. A test uses it to check that its failure did happen.
func (s *Server) Injected() int {
	s.failures.mu.Lock()
	defer s.failures.mu.Unlock()
	return s.failures.injected
}

// next returns the failure of a call, or an empty one.
func (f *failures) next(call Call) Failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, w := range f.pending {
		if !w.match(call) {
			continue
		}
		if w.next > 0 {
			w.next--
		}
		if w.next == 0 {
			f.pending = slices.Delete(f.pending, i, i+1)
		}
		f.injected++
		return w.Failure
	}
	return Failure{}
}

// before runs what happens before the work, or replaces it if it returns an error.
func (f *Failure) before(ctx context.Context, s *Server) error {
	if err := wait(ctx, f.delay); err != nil {
		return err
	}
	if f.insteadOfWork != nil {
		return f.insteadOfWork(ctx, s)
	}
	return nil
}

// after runs what happens between the work and the reply.
func (f *Failure) after(ctx context.Context, s *Server) error {
	if err := wait(ctx, f.replyDelay); err != nil {
		return err
	}
	if f.insteadOfReply != nil {
		return f.insteadOfReply(ctx, s)
	}
	return nil
}

// hideOutcome changes the result of a write whose outcome the client must not learn.
func (f *Failure) hideOutcome(result appendResult) appendResult {
	if f.unknownOutcome && result.kind == written {
		result.kind = unreplicated
	}
	return result
}

// wait waits for d or until the call ends.
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

// closeConnection closes the connection of a call.
func closeConnection(ctx context.Context, s *Server) error {
	s.conns.close(ctx)
	return unavailable()
}
