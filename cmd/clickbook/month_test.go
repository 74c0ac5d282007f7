package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/simulation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
)

// month is a simulation of the made record with its outage, its switch and its refund window.
type month struct {
	dir    string
	report simulation.Report
	err    error
}

var monthOnce struct {
	sync.Once
	month
}

// simulatedMonth returns a copy of the month, which is simulated once for all tests.
func simulatedMonth(t testing.TB) month {
	t.Helper()
	monthOnce.Do(func() {
		record := makeRecord(t)
		monthOnce.dir = filepath.Join(sharedDir, "month")
		got := call(t, "", record.simulating(append(badDays, "--json", "--data", monthOnce.dir)...)...)
		if got.code != exitOK {
			monthOnce.err = errors.New(got.err)
			return
		}
		monthOnce.err = json.Unmarshal([]byte(got.out), &monthOnce.report)
	})
	if monthOnce.err != nil {
		t.Fatal(monthOnce.err)
	}
	copied := monthOnce.month
	copied.dir = copyOf(t, monthOnce.dir)
	return copied
}

func copyOf(t testing.TB, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// monthEnd is the end of the made record.
var monthEnd = time.Date(2016, 5, 12, 3, 0, 0, 0, time.UTC)

// manual is an installation whose parts run only when a test says so, on a clock that the test sets.
type manual struct {
	*installation.Installation
	t              testing.TB
	clock          *testClock
	books, sending *commands.Reactor
}

// openManual opens a directory without starting anything. Its providers deliver every text, because random outcomes
// would depend on message ids, which differ from run to run.
func openManual(t testing.TB, at installation.Location, now time.Time) *manual {
	t.Helper()
	clock := &testClock{at: now}
	in, err := installation.Open(t.Context(), at, installation.Options{
		Now: clock.now, Trial: true, Workers: 1, Lax: true,
		Network: func(now func() time.Time) *simulated.Network {
			return simulated.NewNetwork(1, simulated.Rates{}, now)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h := &manual{Installation: in, t: t, clock: clock}
	h.books, h.sending = in.Reactors()
	return h
}

// testClock is set by a test.
type testClock struct{ at time.Time }

func (c *testClock) now() time.Time { return c.at }

func (h *manual) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// settle runs every part until nothing is left to do at this moment.
func (h *manual) settle(ctx context.Context) {
	h.t.Helper()
	waiting := installation.WaitingRows{Messages: projections.Messages{DB: h.Views}}
	for {
		_, err := h.Projector.CatchUp(ctx)
		h.ok(err)
		done, err := h.Reminders.QueueDue(ctx)
		h.ok(err)
		retried, err := h.Dispatcher.RetryWaiting(ctx, waiting)
		h.ok(err)
		done += retried
		for _, reactor := range []*commands.Reactor{h.books, h.sending} {
			n, err := reactor.Step(ctx)
			h.ok(err)
			done += n
		}
		if done == 0 {
			return
		}
	}
}

func (h *manual) close() {
	h.t.Helper()
	h.ok(h.Close())
}

func (h *manual) head() domain.Position {
	h.t.Helper()
	head, err := h.Events.Head(h.t.Context())
	h.ok(err)
	return head
}

// logEvents logs what was appended after a position.
func (h *manual) logEvents(after domain.Position) {
	h.t.Helper()
	for entry, err := range h.Events.ReadAll(h.t.Context(), after, domain.Filter{}) {
		h.ok(err)
		recorded, err := h.Codec.Decode(entry)
		h.ok(err)
		h.t.Logf("%s: %s %+v", entry.Stream, entry.Type, recorded.Event)
	}
}

// hashes returns the hashes of all read models by name.
func (h *manual) hashes() map[string]string {
	h.t.Helper()
	hashes := make(map[string]string)
	for _, projection := range projections.All() {
		hash, _, err := projector.Hash(h.t.Context(), h.Views, projection)
		h.ok(err)
		hashes[projection.Name] = hash
	}
	return hashes
}

// drop deletes databases of a directory with their side files.
func drop(t testing.TB, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		for _, name := range names {
			if strings.HasPrefix(entry.Name(), name) {
				if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
