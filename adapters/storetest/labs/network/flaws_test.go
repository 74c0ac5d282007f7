package network

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/domain"
)

// shaky is a store whose calls fail while it is ill, some before and some after they were carried out. A flaw is a
// violation of the contract that it then shows.
type shaky struct {
	*memory.Store
	flaw  string
	ill   *atomic.Bool
	calls *atomic.Int64
}

var errIll = errors.Join(errors.New("it is ill"), domain.ErrUnavailable)

// fails reports whether a call fails, and whether the flaw shows in it.
func (s shaky) fails() (fails, shows bool) {
	n := s.calls.Add(1)
	return s.ill.Load() && n%2 == 0, s.ill.Load() && n%6 == 0
}

func (s shaky) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	fails, shows := s.fails()
	last := expected + domain.Revision(len(events))
	switch {
	case shows && s.flaw == "an append is acknowledged but not done":
		return domain.Appended{Revision: last, Position: domain.NewPosition(1<<40, 0)}, nil
	case shows && s.flaw == "an append is refused but done":
		_, _ = s.Store.Append(ctx, stream, expected, events)
		return domain.Appended{}, domain.ErrConflict
	case shows && s.flaw == "an append is done twice":
		if _, err := s.Store.Append(ctx, stream, expected, events); err == nil {
			_, _ = s.Store.Append(ctx, stream, last, events)
		}
		return domain.Appended{}, errIll
	case shows && s.flaw == "an error is not of the port":
		return domain.Appended{}, errors.New("read tcp: broken pipe")
	case s.flaw == "it does not recover" && s.calls.Load() > 200:
		return domain.Appended{}, errIll
	case fails && s.calls.Load()%4 == 0:
		return domain.Appended{}, errIll
	}
	appended, err := s.Store.Append(ctx, stream, expected, events)
	if fails && err == nil {
		return domain.Appended{}, errIll
	}
	return appended, err
}

func (s shaky) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return s.broken(s.Store.ReadStream(ctx, stream, from))
}

func (s shaky) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return s.broken(s.Store.ReadAll(ctx, after, filter))
}

func (s shaky) broken(entries iter.Seq2[domain.Entry, error]) iter.Seq2[domain.Entry, error] {
	fails, shows := s.fails()
	if !fails {
		return entries
	}
	return func(yield func(domain.Entry, error) bool) {
		n := 0
		for entry, err := range entries {
			if n++; n == 10 {
				break
			}
			if !yield(entry, err) {
				return
			}
		}
		if !shows || s.flaw != "a read ends early without an error" {
			yield(domain.Entry{}, errIll)
		}
	}
}

func (s shaky) Subscribe(
	ctx context.Context, after domain.Position, filter domain.Filter,
	handle func(context.Context, []domain.Entry) error,
) error {
	return s.Store.Subscribe(ctx, after, filter, func(ctx context.Context, batch []domain.Entry) error {
		fails, shows := s.fails()
		switch {
		case shows && s.flaw == "a follower misses a batch":
			return nil
		case shows && s.flaw == "a follower is given a batch twice":
			if err := handle(ctx, batch); err != nil {
				return err
			}
		case shows && s.flaw == "a subscription ends without an error":
			return context.Canceled
		case shows && s.flaw == "a follower hangs":
			<-ctx.Done()
		case fails:
			return errIll
		}
		return handle(ctx, batch)
	})
}

func try(t *testing.T, use func(*trial) error, flaw string) error {
	inner := memory.New()
	store := shaky{inner, flaw, &atomic.Bool{}, &atomic.Int64{}}
	var flawed domain.EventStore = store
	if flaw == "a subscription ends without an error" {
		flawed = ending{store}
	}
	x, err := newTrial(t, inner, flawed)
	if err != nil {
		t.Fatal(err)
	}
	x.dose, x.patience, x.recovery = 30*time.Millisecond, 200*time.Millisecond, 10*time.Second
	if flaw == "it does not recover" || flaw == "a follower hangs" {
		x.recovery = 300 * time.Millisecond
	}
	var before int64
	x.put = func() { before = store.calls.Load(); store.ill.Store(true) }
	x.take = func() {
		for late := time.Now().Add(time.Second); store.calls.Load() < before+24 && time.Now().Before(late); {
			runtime.Gosched() // it is ill for at least so many calls
		}
		store.ill.Store(false)
	}
	err = use(x)
	t.Log(x.counts())
	return err
}

// ending ends a subscription as if its context had ended.
type ending struct{ shaky }

func (s ending) Subscribe(
	ctx context.Context, after domain.Position, filter domain.Filter,
	handle func(context.Context, []domain.Entry) error,
) error {
	err := s.shaky.Subscribe(ctx, after, filter, handle)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func TestHonestStorePasses(t *testing.T) {
	for name, use := range uses {
		t.Run(name, func(t *testing.T) {
			if err := try(t, use, ""); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestPlantedFlawsAreFound checks that the trials find every flaw that they look for.
func TestPlantedFlawsAreFound(t *testing.T) {
	for flaw, use := range map[string]string{
		"an append is acknowledged but not done": "append",
		"an append is refused but done":          "append",
		"an append is done twice":                "append",
		"an error is not of the port":            "append",
		"it does not recover":                    "append",
		"a read ends early without an error":     "read",
		"a follower misses a batch":              "subscribe",
		"a follower is given a batch twice":      "subscribe",
		"a subscription ends without an error":   "subscribe",
		"a follower hangs":                       "subscribe",
	} {
		t.Run(flaw, func(t *testing.T) {
			err := try(t, uses[use], flaw)
			if err == nil {
				t.Fatal("the flaw was not found")
			}
			t.Log(err)
		})
	}
}
