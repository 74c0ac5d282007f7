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

// clock numbers beginnings and answers, so that of any two it is known which came first.
type clock struct{ last atomic.Int64 }

func (c *clock) tick() int64 { return c.last.Add(1) }

// never is when a call returns whose answer was lost.
const never = math.MaxInt64

// report counts what happened, so that a run can show that it was not idle.
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
	return fmt.Sprintf("%d calls, %d wishes done, %d of them again, %d conflicts, %d refusals, %d answers lost",
		r.calls, r.done, r.repeated, r.conflicts, r.refused, r.unsure)
}

// idle names what never happened, "" when everything did.
func (r report) idle(s settings) string {
	switch {
	case r.done == 0:
		return "wish that was done"
	case r.repeated == 0:
		return "wish that was done already"
	case r.conflicts == 0 && r.refused == 0:
		return "wish that came too late"
	case s.lossy && r.unsure == 0:
		return "lost answer"
	}
	return ""
}

// unsure reports whether an error leaves open what became of a call. All others are either answers or no errors of
// the port.
func unsure(err error) bool {
	return errors.Is(err, domain.ErrUnavailable) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded)
}

// inTime makes the context of one call; now and then its caller changes his mind while the call is on its way.
func inTime(rng *rand.Rand) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	if rng.IntN(100) == 0 {
		go cancel()
	}
	return ctx, cancel
}

// together lets every client work at the same time and answers all their complaints.
func together[C any](all []C, work func(C) error) error {
	complaints := make([]error, len(all))
	begin := make(chan struct{})
	var group sync.WaitGroup
	for i, one := range all {
		group.Go(func() {
			<-begin
			complaints[i] = work(one)
		})
	}
	close(begin)
	group.Wait()
	return errors.Join(complaints...)
}

// random is a client's own chance: the same for the same history, whatever the others do.
func random(seed uint64, client int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(client)+1))
}
