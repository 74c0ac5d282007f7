package demo

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
)

// tick is how far the clock of the tests moves at once.
const tick = 10 * time.Second

// run lets the demo live in virtual time until a condition holds.
func (w *world) run(longest time.Duration, until func() bool) {
	w.Helper()
	end := w.demo.Clock.Now().Add(longest)
	for !until() {
		if w.demo.Clock.Now().After(end) {
			shown, _ := w.demo.Outage(w.Context())
			w.Fatalf("it did not happen within %s: %+v", longest, shown)
		}
		w.demo.Clock.AdvanceTo(w.demo.Clock.Now().Add(tick))
		w.ok(w.machine.Settle(w.Context()))
		w.ok(w.demo.step(w.Context()))
	}
}

func (w *world) shown() httpapi.DemoOutage {
	w.Helper()
	shown, err := w.demo.Outage(w.Context())
	w.ok(err)
	return shown
}

var story = []string{busy, ban, confirmed, told, lifted, cleared, approved, refunded}

// names returns the chapters. Much evidence at once confirms an outage that nobody has suspected.
func names(chapters []httpapi.DemoChapter) (names []string) {
	for _, one := range chapters {
		if one.Name != suspected {
			names = append(names, one.Name)
		}
	}
	return names
}

// TestPlay plays the outage twice, from the ban to the refunds, with the real detector in virtual time.
func TestPlay(t *testing.T) {
	w := served(t)
	w.ok(w.machine.Settle(t.Context()))
	if shown := w.shown(); shown.State != "ready" || len(shown.Chapters) > 0 {
		t.Fatalf("before the play it is shown as %+v", shown)
	}
	w.ok(w.demo.Play(t.Context()))
	if err := w.demo.Play(t.Context()); !errors.Is(err, httpapi.ErrDemoPlaying) {
		t.Errorf("a second play at the same time returns %v", err)
	}
	w.run(time.Hour, func() bool { return slices.Contains(names(w.shown().Chapters), confirmed) })
	w.run(time.Minute, func() bool { return w.shown().Figures.Emails > 0 })
	began := w.demo.banStart()
	w.switched()
	w.run(3*time.Hour, func() bool { return !w.demo.playing() })
	first := w.shown()
	if first.State != "finished" || first.Speed != 1 || !slices.Equal(names(first.Chapters), story) {
		t.Fatalf("the play ends as %+v", first)
	}
	f := first.Figures
	if f.Lost < 5 || f.Texts < f.Lost || f.Calls == 0 || f.Accounts != 3 || f.Emails < 6 || f.Refunded == 0 {
		t.Errorf("the figures are %+v", f)
	}
	found, ok, err := projections.Outages{DB: w.in.Views}.One(t.Context(), first.Outage)
	if w.ok(err); !ok || found.State != "cleared" || found.DetectedAt.Before(began) || found.Window != first.Window.String() {
		t.Errorf("the outage of the play is %+v", found)
	}
	w.balanced()

	if took := w.demo.Clock.Now().Sub(began); took > 90*time.Minute {
		t.Errorf("from the ban to the refunds it took %s by the clock of the demo: too long to watch", took)
	}

	w.ok(w.demo.Play(t.Context()))
	w.run(6*time.Hour, func() bool { return !w.demo.playing() })
	second := w.shown()
	if second.State != "finished" || second.Plays != 2 || !slices.Equal(names(second.Chapters), story) ||
		second.Outage == first.Outage || second.Figures.Refunded == 0 {
		t.Errorf("the second play ends as %+v", second)
	}
	w.balanced()
}

// switched checks that texts go by the other provider from the confirmation on.
func (w *world) switched() {
	w.Helper()
	now := w.demo.Clock.Now()
	w.run(10*time.Minute, func() bool { return w.demo.Clock.Now().Sub(now) > 4*time.Minute })
	sent, err := projections.Messages{DB: w.in.Views}.FindAll(w.Context(), projections.MessageFilter{
		Queued: domain.Interval{Start: now, End: w.demo.Clock.Now()}, Channel: message.SMS, Limit: 1000,
	})
	w.ok(err)
	by := make(map[string]int)
	for _, one := range sent {
		by[one.Provider]++
	}
	if by[second] < 5 || by[banned] > by[second]/4 {
		w.Errorf("after the confirmation texts went by %v", by)
	}
}

func TestStoppedPlayLiftsTheBanAndCanBePlayedAgain(t *testing.T) {
	w := served(t)
	w.ok(w.machine.Settle(t.Context()))
	w.ok(w.demo.Play(t.Context()))
	w.run(time.Hour, func() bool { return slices.Contains(names(w.shown().Chapters), confirmed) })
	w.ok(w.demo.Stop(t.Context()))
	if shown := w.shown(); shown.State != "stopped" || shown.Speed != 1 || shown.Figures.Lost == 0 {
		t.Errorf("after it was stopped it is shown as %+v", shown)
	}
	w.ok(w.demo.Play(t.Context()))
	w.run(6*time.Hour, func() bool { return !w.demo.playing() })
	if shown := w.shown(); shown.State != "finished" || !slices.Equal(names(shown.Chapters), story) {
		t.Errorf("played again, it ends as %+v", shown)
	}
}

func TestNoOutageIsPlayedAtNight(t *testing.T) {
	w := served(t)
	w.demo.Clock.AdvanceTo(w.demo.Clock.Now().Add(9 * time.Hour))
	if refusal, ok := domain.AsRefusal(w.demo.Play(t.Context())); !ok || refusal.Code != "demo_night" {
		t.Errorf("in the evening Play returned %v", refusal)
	}
}

// Run lets the clock run at once, and goes on with a play until its context ends.
func TestRunPlaysUntilItsContextEnds(t *testing.T) {
	w := served(t)
	w.ok(w.machine.Settle(t.Context()))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.demo.Run(ctx)
	}()
	for w.demo.Clock.Speed() != 1 {
		time.Sleep(time.Millisecond)
	}
	w.ok(w.demo.Play(ctx))
	if speed := w.shown().Speed; speed != stages[busy].speed {
		t.Errorf("while an outage is played the clock runs at %d", speed)
	}
	w.demo.Clock.AdvanceTo(w.demo.Clock.Now().Add(busyFor))
	for len(w.shown().Chapters) < 2 {
		time.Sleep(time.Millisecond)
	}
	w.ok(w.demo.Stop(ctx))
	stop()
	<-ended
	if shown := w.shown(); shown.State != "stopped" || shown.Speed != 1 || shown.Chapters[1].Name != ban {
		t.Errorf("at the end the play is shown as %+v", shown)
	}
}
