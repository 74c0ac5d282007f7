// Package bookingtest checks the booking protocol on a store. Workers book, move, cancel, mark and sweep the same few
// appointments and resources. Before every call to the store a seeded schedule decides which worker runs next, which
// one crashes, which result is lost and when time passes. After every append an independent model checks the
// invariants. The same seed gives the same run, call by call.
//
// The package never sleeps, uses one thread, and does not rely on the code under test: the model folds the raw events
// itself.
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
	"github.com/clickbook/clickbook/domain/resource"
)

const (
	timeout = 30 * time.Second
	// maxSteps is far more than any run needs: a run that reaches it would never end.
	maxSteps = 100_000
)

// Report counts what happened. A test can show with it that its runs covered everything. Trace is a hash of the whole
// interleaving.
type Report struct {
	Steps, Crashes, Lost, Conflicts         int
	Booked, Moved, Cancelled                int
	SlotTaken, Expired, Overtaken, Released int
	OverMonthEnd, ManyLegs                  int
	Held, HoldsEnded, HoldsBooked           int
	Trace                                   uint64
}

// Add adds the counts of another run.
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
	r.Held += other.Held
	r.HoldsEnded += other.HoldsEnded
	r.HoldsBooked += other.HoldsBooked
	r.Trace ^= other.Trace
}

// Missing names something that never happened in the runs, "" if everything did.
func (r Report) Missing() string {
	counts := map[string]int{
		"crash": r.Crashes, "lost result": r.Lost, "conflict": r.Conflicts, "booking": r.Booked, "move": r.Moved,
		"cancellation": r.Cancelled, "taken slot": r.SlotTaken, "expiry": r.Expired, "overtaken move": r.Overtaken,
		"release": r.Released, "visit across the end of a month": r.OverMonthEnd, "visit of several legs": r.ManyLegs,
		"hold of a visitor": r.Held, "hold that ended": r.HoldsEnded, "hold that was booked": r.HoldsBooked,
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
	results []result
	report  Report
	broken  error // the first broken invariant
	lossy   bool  // calls to the store may get lost
}

// Play plays the interleaving of a seed on a store. The first broken invariant is an error. The store may hold the
// events of other runs.
func Play(store commands.Store, seed uint64, flaw Flaw) (Report, error) {
	rng := rand.New(rand.NewPCG(seed, 0x5eed))
	r := &run{
		world: newWorld(rng, seed), rng: rng, seed: seed, store: store, flaw: flaw, now: dayOfRun,
		pending: booking.NewPending(), lossy: rng.IntN(3) == 0,
	}
	r.model = newModel(r.units)
	var err error
	if r.codec, err = domain.NewCodec(domaintest.NewVault(), appointment.Types, diary.Types, resource.Types); err != nil {
		return r.report, err
	}
	if err := addResources(store, r.codec, r.account, r.units); err != nil {
		return r.report, err
	}
	if err := r.interleave(); err != nil {
		return r.report, fmt.Errorf("seed %d, step %d: %w", seed, r.report.Steps, err)
	}
	if err := r.finish(); err != nil {
		return r.report, fmt.Errorf("seed %d, after the last step: %w", seed, err)
	}
	return r.report, nil
}

// interleave runs the workers, one store call at a time, until all are done or have crashed.
func (r *run) interleave() error {
	running := make([]*worker, 2+r.rng.IntN(6))
	for i := range running {
		running[i] = r.start(i, r.script(r.rng))
	}
	defer func() {
		for _, w := range running {
			w.stop()
		}
	}()
	crashes := []int{0, 5, 20, 60}[r.rng.IntN(4)] // in a thousand steps
	repeats := []int{0, 50, 90}[r.rng.IntN(3)]    // how often in a hundred the same worker runs again
	for current := 0; len(running) > 0; {
		if r.report.Steps++; r.report.Steps > maxSteps {
			return fmt.Errorf("%d workers still run after the last step", len(running))
		}
		if current >= len(running) || r.rng.IntN(100) >= repeats {
			current = r.rng.IntN(len(running))
		}
		gone := false
		switch chance := r.rng.IntN(1000); {
		case chance < crashes:
			running[current].stop()
			r.report.Crashes++
			gone = true
		case chance < crashes+15:
			r.now = r.now.Add(timeout/2 + time.Duration(r.rng.IntN(int(timeout))))
		default:
			gone = !running[current].next()
		}
		if gone {
			running = slices.Delete(running, current, current+1)
		}
		if r.broken != nil {
			return r.broken
		}
	}
	return nil
}

// finish sweeps after the workers are gone and every limit has passed, then checks the final state.
func (r *run) finish() error {
	r.now = r.now.Add(time.Hour)
	sweeper := r.start(-1, []op{{kind: sweep}})
	for r.lossy = false; sweeper.next() && r.broken == nil; {
	}
	sweeper.stop()
	if r.broken != nil {
		return r.broken
	}
	if left := r.pending.Len(); left > 0 {
		return fmt.Errorf("%d appointments are unfinished after the sweep", left)
	}
	if err := r.model.checkFinal(); err != nil {
		return err
	}
	return r.model.checkResults(r.results)
}

// booking returns the protocol of one worker. Each worker has its own engine, as each process has.
func (r *run) booking(w *worker) *booking.Protocol {
	engine := commands.NewEngine(w, r.codec, func() time.Time { return r.now },
		commands.Wire(diary.Decider), commands.Wire(appointment.Decider))
	return &booking.Protocol{Engine: engine, Timeout: timeout}
}

// addResources adds resources with their units to a store.
func addResources(
	store commands.Store, codec *domain.Codec, account domain.AccountID, units map[domain.ResourceID]int,
) error {
	engine := commands.NewEngine(store, codec, func() time.Time { return dayOfRun }, commands.Wire(resource.Decider))
	origin := commands.ForAccount(account, domain.Actor{})
	for id, n := range units {
		profile, err := resource.NewProfile("Resource", "room", n)
		if err != nil {
			return err
		}
		add := resource.Add{Resource: id, Account: account, Profile: profile}
		if _, err := engine.Do(context.Background(), origin, add); err != nil {
			return err
		}
	}
	return nil
}
