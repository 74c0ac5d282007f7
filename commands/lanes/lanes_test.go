package lanes_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clickbook/clickbook/commands/lanes"
)

// run does all work with a number of workers and returns the errors.
func run(t *testing.T, l *lanes.Lanes[string], workers int) (errs []error) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx, workers, func(err error) {
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}()
	synctest.Wait()
	stop()
	<-done
	return errs
}

func TestOwnersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lanes.Lanes[string]
		var order []string
		add := func(lane string, times int) {
			for range times {
				l.Add(lane, func(context.Context) error {
					order = append(order, lane)
					return nil
				})
			}
		}
		add("big", 5)
		add("small", 1)
		add("middle", 2)
		run(t, &l, 1)
		want := []string{"big", "small", "middle", "big", "middle", "big", "big", "big"}
		if !slices.Equal(order, want) {
			t.Errorf("the work was done in the order %v, want %v", order, want)
		}
	})
}

func TestWorkThatMustWaitIsDoneLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lanes.Lanes[string]{Rest: func(context.Context) { time.Sleep(time.Millisecond) }}
		tries, other := 0, false
		l.Add("a", func(context.Context) error {
			if tries++; !other {
				return lanes.ErrLater
			}
			return nil
		})
		l.Add("b", func(context.Context) error {
			other = true
			return nil
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); l.Run(ctx, 1, func(error) {}) }()
		for l.Len() > 0 || tries < 2 {
			time.Sleep(time.Second) // of the bubble
		}
		stop()
		<-done
		if tries != 2 {
			t.Errorf("the work was tried %d times, want 2", tries)
		}
	})
}

func TestErrorsAreReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lanes.Lanes[string]
		broken := errors.New("broken")
		l.Add("a", func(context.Context) error { return broken })
		if errs := run(t, &l, 2); len(errs) != 1 || !errors.Is(errs[0], broken) {
			t.Errorf("the errors are %v, want one", errs)
		}
	})
}

func TestFullLaneTakesNoMore(t *testing.T) {
	var l lanes.Lanes[string]
	nothing := func(context.Context) error { return nil }
	for range lanes.MaxLane {
		l.Add("a", nothing)
	}
	if l.Add("a", nothing) {
		t.Error("a full lane took more work")
	}
	if !l.Add("b", nothing) {
		t.Error("a full lane kept another one from taking work")
	}
}

func TestManyWorkersDoAllWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lanes.Lanes[int]
		var mu sync.Mutex
		done := 0
		for n := range 1000 {
			l.Add(n%7, func(context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				done++
				return nil
			})
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); l.Run(ctx, 16, func(error) {}) }()
		synctest.Wait()
		stop()
		<-ended
		if done != 1000 {
			t.Errorf("%d pieces of work were done, want 1000", done)
		}
	})
}
