// Package bookingtest examines the booking protocol on a store: workers book, move, cancel, mark and sweep the
// same few appointments and resources, and a seeded schedule decides before every single call to the store who
// goes on, who crashes for ever, which answer gets lost and when time passes. After every append a plain model
// of its own checks what must hold at every instant. The same seed plays the same run, call by call.
//
// It refuses to sleep, to use more than one thread and to trust the code under test: the model folds the raw
// events itself.
package bookingtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/domaintest"
)

const (
	patience = 30 * time.Second
	// maxSteps is far beyond what any run needs: a run that reaches it would never end.
	maxSteps = 100_000
)

// Report counts what happened, so that a test can show that its runs were not idle, and sums up the whole
// interleaving in Trace.
type Report struct {
	Steps, Crashes, Lost, Conflicts         int
	Booked, Moved, Cancelled                int
	SlotTaken, Expired, Overtaken, Released int
	OverMonthEnd, ManyLegs                  int
	Trace                                   uint64
}

// Add sums up runs.
func (r *Report) Add(other Report) {
	r.Steps += other.Steps
	r.Crashes += other.Crashes
	r.Lost += other.Lost
	r.Conflicts += other.Conflicts
	r.Booked += other.Booked
	r.Moved += other.Moved
	r.Cancelled += other.Cancelled
	r.SlotTaken += other.SlotTaken
	r.Expired += other.Expired
	r.Overtaken += other.Overtaken
	r.Released += other.Released
	r.OverMonthEnd += other.OverMonthEnd
	r.ManyLegs += other.ManyLegs
	r.Trace ^= other.Trace
}

// Idle names what never happened in the runs summed up, "" when everything did.
func (r Report) Idle() string {
	counts := map[string]int{
		"crash": r.Crashes, "lost answer": r.Lost, "conflict": r.Conflicts, "booking": r.Booked, "move": r.Moved,
		"cancellation": r.Cancelled, "taken slot": r.SlotTaken, "expiry": r.Expired, "overtaken move": r.Overtaken,
		"release": r.Released, "visit over a month's end": r.OverMonthEnd, "visit of many legs": r.ManyLegs,
	}
	for what, n := range counts {
		if n == 0 {
			return what
		}
	}
	return ""
}

// run is one interleaving.
type run struct {
	world
	rng     *rand.Rand
	seed    uint64
	now     time.Time
	store   commands.Store
	codec   *domain.Codec
	flaw    Flaw
	model   *model
	pending *booking.Pending
	answers []answer
	report  Report
	wrong   error // the first broken invariant
	lossy   bool
}

// Play plays the interleaving of a seed on a store and answers the first broken invariant as an error. The store
// may hold other runs' events.
func Play(store commands.Store, seed uint64, flaw Flaw) (Report, error) {
	rng := rand.New(rand.NewPCG(seed, 0x5eed))
	r := &run{
		world: newWorld(rng, seed), rng: rng, seed: seed, store: store, flaw: flaw, now: dayOfRun,
		pending: booking.NewPending(), lossy: rng.IntN(3) == 0,
	}
	r.model = newModel(r.units)
	var err error
	if r.codec, err = domain.NewCodec(domaintest.NewVault(), appointment.Types, diary.Types); err != nil {
		return r.report, err
	}
	if err := r.interleave(); err != nil {
		return r.report, fmt.Errorf("seed %d, step %d: %w", seed, r.report.Steps, err)
	}
	if err := r.finish(); err != nil {
		return r.report, fmt.Errorf("seed %d, when all was over: %w", seed, err)
	}
	return r.report, nil
}

// interleave lets the workers go on one store call at a time until all are done or have crashed.
func (r *run) interleave() error {
	alive := make([]*worker, 2+r.rng.IntN(6))
	for i := range alive {
		alive[i] = r.hire(i, r.script(r.rng))
	}
	defer func() {
		for _, w := range alive {
			w.stop()
		}
	}()
	deadly := []int{0, 5, 20, 60}[r.rng.IntN(4)] // crashes in a thousand steps
	loyal := []int{0, 50, 90}[r.rng.IntN(3)]     // how often in a hundred the same worker goes on
	for current := 0; len(alive) > 0; {
		if r.report.Steps++; r.report.Steps > maxSteps {
			return fmt.Errorf("no end in sight: %d workers still at work", len(alive))
		}
		if current >= len(alive) || r.rng.IntN(100) >= loyal {
			current = r.rng.IntN(len(alive))
		}
		gone := false
		switch chance := r.rng.IntN(1000); {
		case chance < deadly:
			alive[current].stop()
			r.report.Crashes++
			gone = true
		case chance < deadly+15:
			r.now = r.now.Add(patience/2 + time.Duration(r.rng.IntN(int(patience))))
		default:
			gone = !alive[current].next()
		}
		if gone {
			alive = slices.Delete(alive, current, current+1)
		}
		if r.wrong != nil {
			return r.wrong
		}
	}
	return nil
}

// finish sweeps when everybody is gone and every limit has passed, and checks what must hold at rest.
func (r *run) finish() error {
	r.now = r.now.Add(time.Hour)
	sweeper := r.hire(-1, []op{{kind: sweep}})
	for r.lossy = false; sweeper.next() && r.wrong == nil; {
	}
	sweeper.stop()
	if r.wrong != nil {
		return r.wrong
	}
	if left := r.pending.Len(); left > 0 {
		return fmt.Errorf("%d appointments are unfinished after the sweep", left)
	}
	if err := r.model.atRest(); err != nil {
		return err
	}
	return r.model.kept(r.answers)
}

// booking is the protocol as one worker runs it, with an engine and a memory of its own, as in a process of its own.
func (r *run) booking(w *worker) *booking.Protocol {
	engine := commands.NewEngine(w, r.codec, func() time.Time { return r.now },
		commands.Wire(diary.Decider), commands.Wire(appointment.Decider))
	return &booking.Protocol{
		Engine: engine, Patience: patience,
		Units: func(_ context.Context, id domain.ResourceID) (int, error) { return r.units[id], nil },
	}
}
