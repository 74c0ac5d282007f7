package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/virtual"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// someday is a Saturday, on which every demo must have a day in progress too.
var someday = time.Date(2026, 11, 28, 18, 0, 0, 0, time.UTC)

// world is a demo that is served in virtual time.
type world struct {
	*testing.T
	demo    *Demo
	in      *installation.Installation
	machine *virtual.Machine
}

// prepare makes or resumes a demo, as on a day whose real clock does not move.
func prepare(t *testing.T, dir string, now time.Time) *Demo {
	t.Helper()
	d, err := Prepare(t.Context(), Options{
		At: installation.Location{Data: dir}, Real: func() time.Time { return now }, Seed: Seed,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// month is the data directory of a demo that was just made.
var month = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "clickbook-demo-test-"); err != nil {
		return dir, err
	}
	_, err = Prepare(context.Background(), Options{
		At: installation.Location{Data: dir}, Real: func() time.Time { return someday }, Seed: Seed,
	})
	return dir, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := month(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// served returns a demo that was made before and is opened again, as its own copy.
func served(t *testing.T) *world {
	t.Helper()
	made, err := month()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "demo")
	if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
		t.Fatal(err)
	}
	return open(t, prepare(t, dir, someday))
}

func open(t *testing.T, d *Demo) *world {
	t.Helper()
	in, err := installation.Open(t.Context(), d.options.At, installation.Options{
		Now: d.Clock.Now, Network: d.Network, Trial: true, Outages: true, Lax: true, Workers: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	d.Attach(in)
	return &world{t, d, in, virtual.NewMachine(in)}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// report is what the read models know of a demo.
type report struct {
	Events       string
	Now          time.Time
	Appointments map[string]int
	Messages     []string
	Ledger       map[string][]projections.Kind
	Outages      []projections.Outage
	Windows      []projections.Window
	Calls        map[string]int
}

func (w *world) report() (r report) {
	w.Helper()
	ctx := w.Context()
	head, err := w.in.Events.Head(ctx)
	w.ok(err)
	r = report{
		Events: head.String(), Now: w.demo.Clock.Now(), Appointments: make(map[string]int),
		Ledger: make(map[string][]projections.Kind), Calls: make(map[string]int),
	}
	for _, p := range w.demo.plan.places() {
		name := p.form.Name
		found, err := projections.Calendar{DB: w.in.Views}.Find(ctx, p.account, projections.Selection{})
		w.ok(err)
		for _, one := range found {
			r.Appointments[name+" "+string(one.Status)]++
		}
		kinds, err := projections.Ledger{DB: w.in.Views}.Kinds(ctx, p.account)
		w.ok(err)
		r.Ledger[name] = kinds
		counts, err := projections.Messages{DB: w.in.Views}.Tally(ctx, p.account, "", domain.Interval{})
		w.ok(err)
		for _, one := range counts {
			r.Messages = append(r.Messages, fmt.Sprintf("%s %+v", name, one))
		}
		r.Calls[name] = len(w.calls(p))
	}
	r.Outages, err = projections.Outages{DB: w.in.Views}.Page(ctx, projections.OutageFilter{}, readmodel.Cursor{}, 100)
	w.ok(err)
	for n := range r.Outages {
		r.Outages[n].Evidence.Numbers = 0 // an estimate from hashes with the key of the installation
	}
	r.Windows, err = projections.Windows{DB: w.in.Views}.All(ctx)
	w.ok(err)
	return r
}

// calls returns the rows of a call sheet whose client nobody has contacted.
func (w *world) calls(p *place) []projections.Call {
	w.Helper()
	calls, err := projections.CallSheet{DB: w.in.Views}.Of(w.Context(), p.account, w.demo.Clock.Now())
	w.ok(err)
	return slices.DeleteFunc(calls, func(call projections.Call) bool { return !call.ContactedAt.IsZero() })
}

func TestSameDayMakesTheSameMonth(t *testing.T) {
	first := served(t).report()
	again := open(t, prepare(t, filepath.Join(t.TempDir(), "again"), someday.Add(3*time.Hour))).report()
	one, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	other, err := json.Marshal(again)
	if err != nil {
		t.Fatal(err)
	}
	if string(one) != string(other) {
		t.Errorf("made again on the same day, the month is\n%s\nnot\n%s", other, one)
	}
}

// A demo must start in seconds. Its work is counted, because a clock would measure the machine.
func TestMonthIsSmall(t *testing.T) {
	w := served(t)
	events := 0
	for _, err := range w.in.Events.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		w.ok(err)
		events++
	}
	if events < 8_000 || events > 18_000 {
		t.Errorf("the month has %d events, want 8,000 to 18,000", events)
	}
	s := &seeder{plan: w.demo.plan}
	moments := 0
	for at := s.from; at.Before(s.morning); at = s.next(at) {
		moments++
	}
	if moments > 1_300 {
		t.Errorf("the server works at %d moments of the month, want at most 1,300", moments)
	}
}

func TestMonthHasLife(t *testing.T) {
	w := served(t)
	r := w.report()
	for _, want := range []string{
		"Harbour Physiotherapy fulfilled", "Harbour Physiotherapy noshow", "Harbour Physiotherapy cancelled",
		"Harbour Physiotherapy arrived", "Harbour Physiotherapy booked", "Maple Street School fulfilled",
		"Maple Street School booked", "Kite Home Physiotherapy fulfilled", "Kite Home Physiotherapy booked",
		"Kite Home Physiotherapy pending",
	} {
		if r.Appointments[want] == 0 {
			t.Errorf("no appointment is %s: %v", want, r.Appointments)
		}
	}
	all := strings.Join(r.Messages, "\n")
	for _, status := range []message.Status{message.Delivered, message.Undelivered, message.Failed, message.Suppressed} {
		if !strings.Contains(all, string(status)) {
			t.Errorf("no message is %s", status)
		}
	}
	if calls := w.calls(w.demo.plan.clinic); len(calls) == 0 || len(calls) > 12 {
		t.Errorf("the clinic has %d people to call today, want some", len(calls))
	}
	work, _, err := projections.Work{DB: w.in.Views}.Count(t.Context(), w.demo.plan.clinic.account, w.demo.Clock.Now())
	if w.ok(err); work == 0 {
		t.Error("the work list of the clinic is empty")
	}
	var confirmed []projections.Outage
	for _, one := range r.Outages {
		if !one.DetectedAt.IsZero() {
			confirmed = append(confirmed, one)
		}
	}
	if len(confirmed) != 1 || confirmed[0].State != "cleared" || confirmed[0].Evidence.Accounts < 3 {
		t.Fatalf("want one outage of the past: %+v", confirmed)
	}
	if banned := w.demo.plan.banned; confirmed[0].DetectedAt.Before(banned.Start) || confirmed[0].DetectedAt.After(banned.End) {
		t.Errorf("the outage was found at %s, outside of the ban", confirmed[0].DetectedAt)
	}
	if len(r.Windows) != 1 || r.Windows[0].Proposed || r.Windows[0].Signed.Preview.Refunded == 0 {
		t.Errorf("want an approved refund window: %+v", r.Windows)
	}
}

func TestEveryDayOfAWeekHasADayInProgress(t *testing.T) {
	for days := range 7 {
		p, err := newPlan(Seed, someday.AddDate(0, 0, days))
		if err != nil {
			t.Fatal(err)
		}
		today, next := 0, 0
		for _, v := range p.visits {
			if v.place == p.clinic && v.start.YearDay() == p.morning.YearDay() {
				today++
			}
			if v.place == p.school && v.start.After(p.morning) {
				next++
			}
		}
		if today < 6 || next < 80 {
			t.Errorf("on a %s the clinic has %d visits and the school %d ahead", p.morning.Weekday(), today, next)
		}
	}
}

func TestBooksBalanceAndNobodyIsBookedTwice(t *testing.T) {
	w := served(t)
	w.balanced()
	for _, p := range w.demo.plan.places() {
		found, err := projections.Calendar{DB: w.in.Views}.Find(t.Context(), p.account, projections.Selection{})
		w.ok(err)
		taken := make(map[domain.ResourceID]domain.Interval)
		for _, one := range found {
			if one.Status == appointment.StatusCancelled {
				continue
			}
			for _, leg := range one.Visit.Legs {
				if last := taken[leg.Resource]; last.Overlaps(leg.Interval) {
					t.Errorf("%s: two visits take %s at %s", p.form.Name, leg.Resource, leg.Interval.Start)
				}
				taken[leg.Resource] = leg.Interval
			}
		}
	}
}

func (w *world) balanced() {
	w.Helper()
	for _, p := range w.demo.plan.places() {
		proof, err := projections.Ledger{DB: w.in.Views}.Prove(w.Context(), p.account)
		if w.ok(err); !proof.Holds() {
			w.Errorf("the books of %s do not balance: %+v", p.form.Name, proof)
		}
	}
}

// Nobody must ever be reached by what the demo would send.
func TestEverybodyIsMadeUp(t *testing.T) {
	p, err := newPlan(Seed, someday)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, place := range p.places() {
		for _, one := range append(slices.Clone(place.clients), person{phone: place.form.Phone, email: place.form.Email}) {
			if len(one.phone) != 12 || one.phone[5:10] != "55501" {
				t.Errorf("%s has the number %s, which is not for fiction", one.name, one.phone)
			}
			if seen[one.phone] {
				t.Errorf("%s is used twice", one.phone)
			}
			seen[one.phone] = true
			if one.email != "" && !strings.HasSuffix(one.email, "@example.com") {
				t.Errorf("%s has the address %s", one.name, one.email)
			}
		}
	}
}

func TestOtherDataIsNotADemo(t *testing.T) {
	dir := t.TempDir()
	in, err := installation.Open(t.Context(), installation.Location{Data: dir}, installation.Options{
		Now: time.Now, Trial: true, Lax: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Prepare(t.Context(), Options{
		At: installation.Location{Data: dir}, Real: func() time.Time { return someday }, Seed: Seed,
	})
	if refusal, ok := domain.AsRefusal(err); !ok || refusal.Code != "no_demo" {
		t.Errorf("Prepare returned %v, want no_demo", err)
	}
}

func TestClockRunsAtASpeedAndNeverBack(t *testing.T) {
	real := someday
	c := NewClock(func() time.Time { return real })
	began := someday.AddDate(0, -1, 0)
	c.AdvanceTo(began)
	real = real.Add(time.Hour)
	if !c.Now().Equal(began) {
		t.Errorf("a clock that was not told to run shows %s", c.Now())
	}
	c.Run(20)
	real = real.Add(time.Minute)
	c.Run(1)
	real = real.Add(time.Minute)
	if want := began.Add(21 * time.Minute); !c.Now().Equal(want) || c.Speed() != 1 {
		t.Errorf("after a minute at speed 20 and one at speed 1 it shows %s, want %s", c.Now(), want)
	}
	c.AdvanceTo(began)
	if want := began.Add(21 * time.Minute); !c.Now().Equal(want) {
		t.Errorf("it went back to %s", c.Now())
	}
}
