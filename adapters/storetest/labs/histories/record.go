package histories

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/clickbook/clickbook/domain"
)

// clock numbers starts and returns, so that their order is known.
type clock struct{ last atomic.Int64 }

func (c *clock) tick() int64 { return c.last.Add(1) }

// never is the return time of a call whose result was lost.
const never = math.MaxInt64

// report counts what happened, so that a run can show that it tested something.
type report struct{ calls, done, conflicts, repeated, unsure, refused int }

func (r *report) add(other report) {
	r.calls += other.calls
	r.done += other.done
	r.conflicts += other.conflicts
	r.repeated += other.repeated
	r.unsure += other.unsure
	r.refused += other.refused
}

func (r report) String() string {
	return fmt.Sprintf("%d calls, %d requests done, %d of them retries, %d conflicts, %d refusals, %d results lost",
		r.calls, r.done, r.repeated, r.conflicts, r.refused, r.unsure)
}

// idle returns what never happened, "" if everything did.
func (r report) idle(s settings) string {
	switch {
	case r.done == 0:
		return "request that was done"
	case r.repeated == 0:
		return "retry that was done already"
	case r.conflicts == 0 && r.refused == 0:
		return "request that came too late"
	case s.lossy && r.unsure == 0:
		return "lost result"
	}
	return ""
}

// unsure reports whether an error leaves the outcome of a call open. All other errors are results, or not errors of
// the port.
func unsure(err error) bool {
	return errors.Is(err, domain.ErrUnavailable) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded)
}

// withPatience returns the context of one call. Now and then the caller cancels it during the call.
func withPatience(rng *rand.Rand) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	if rng.IntN(100) == 0 {
		go cancel()
	}
	return ctx, cancel
}

// together runs work for all clients at the same time and joins their errors.
func together[C any](all []C, work func(C) error) error {
	errs := make([]error, len(all))
	begin := make(chan struct{})
	var group sync.WaitGroup
	for i, one := range all {
		group.Go(func() {
			<-begin
			errs[i] = work(one)
		})
	}
	close(begin)
	group.Wait()
	return errors.Join(errs...)
}

// random is the random source of one client: the same for the same history, whatever the others do.
func random(seed uint64, client int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(client)+1))
}
