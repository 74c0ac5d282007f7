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

// badMonth is the made record lived through with its outage, its switch and its refund window, once for all tests.
type badMonth struct {
	dir    string
	report simulation.Report
	err    error
}

var livedOnce struct {
	sync.Once
	badMonth
}

// livedThrough answers a copy of the bad month, to do with as a test likes.
func livedThrough(t testing.TB) badMonth {
	t.Helper()
	livedOnce.Do(func() {
		record := makeRecord(t)
		livedOnce.dir = filepath.Join(shelf, "month")
		got := call(t, "", record.simulating(append(badDays, "--json", "--data", livedOnce.dir)...)...)
		if got.code != exitOK {
			livedOnce.err = errors.New(got.err)
			return
		}
		livedOnce.err = json.Unmarshal([]byte(got.out), &livedOnce.report)
	})
	if livedOnce.err != nil {
		t.Fatal(livedOnce.err)
	}
	month := livedOnce.badMonth
	month.dir = copyOf(t, livedOnce.dir)
	return month
}

func copyOf(t testing.TB, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// monthEnd is when the made record ends, on the clock of its clinics.
var monthEnd = time.Date(2016, 5, 12, 3, 0, 0, 0, time.UTC)

// hands is an installation whose parts are moved by hand, at one standing moment.
type hands struct {
	*installation.Installation
	t              testing.TB
	clock          *simulation.VirtualClock
	books, sending *commands.Reactor
}

// byHand opens a directory without starting anything. Its carriers deliver every text: what befalls a text is drawn by
// its id, and these differ from run to run.
func byHand(t testing.TB, at installation.Home, now time.Time) *hands {
	t.Helper()
	clock := new(simulation.VirtualClock)
	clock.TurnTo(now)
	in, err := installation.Open(t.Context(), at, installation.Options{
		Now: clock.Now, Workers: 1, Lax: true,
		Network: func(now func() time.Time) *simulated.Network {
			return simulated.NewNetwork(1, simulated.Rates{}, now)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h := &hands{Installation: in, t: t, clock: clock}
	h.books, h.sending = in.Reactors()
	return h
}

func (h *hands) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// settle moves every part until nothing is left to do at this moment.
func (h *hands) settle(ctx context.Context) {
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

func (h *hands) close() {
	h.t.Helper()
	h.ok(h.Close())
}

func (h *hands) head() domain.Position {
	h.t.Helper()
	head, err := h.Events.Head(h.t.Context())
	h.ok(err)
	return head
}

// tell logs what was appended after a position.
func (h *hands) tell(after domain.Position) {
	h.t.Helper()
	for entry, err := range h.Events.ReadAll(h.t.Context(), after, domain.Filter{}) {
		h.ok(err)
		recorded, err := h.Codec.Decode(entry)
		h.ok(err)
		h.t.Logf("%s: %s %+v", entry.Stream, entry.Type, recorded.Event)
	}
}

// hashes are of all read models, by name.
func (h *hands) hashes() map[string]string {
	h.t.Helper()
	hashes := make(map[string]string)
	for _, projection := range projections.All() {
		hash, _, err := projector.Hash(h.t.Context(), h.Views, projection)
		h.ok(err)
		hashes[projection.Name] = hash
	}
	return hashes
}

// drop deletes databases of a directory, with what belongs to them.
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
