package commands_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// gatedStore lets an append through for each value that its gate receives, and keeps the sizes of all appends.
type gatedStore struct {
	*memory.Store
	gate chan func()
	mu   sync.Mutex
	size []int
}

func (s *gatedStore) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	select {
	case before := <-s.gate:
		before()
	case <-ctx.Done():
		return domain.Appended{}, ctx.Err()
	}
	s.mu.Lock()
	s.size = append(s.size, len(events))
	s.mu.Unlock()
	return s.Store.Append(ctx, stream, expected, events)
}

// crowd starts one command that waits in its append, and then others to the same till. Its gate stays closed.
type crowd struct {
	store   *gatedStore
	engine  *commands.Engine
	results []commands.Outcome
	errs    []error
	wg      sync.WaitGroup
}

func gather(t *testing.T, cmds ...domain.Command) *crowd {
	c := &crowd{store: &gatedStore{Store: memory.New(), gate: make(chan func())}}
	c.engine = newEngine(t, c.store)
	for _, cmd := range cmds {
		c.send(t.Context(), cmd)
	}
	return c
}

// send sends a command and returns when it waits.
func (c *crowd) send(ctx context.Context, cmd domain.Command) {
	i := len(c.errs)
	c.results, c.errs = append(c.results, commands.Outcome{}), append(c.errs, nil)
	c.wg.Go(func() {
		outcome, err := c.engine.Run(ctx, anyone.WithID(domain.DeriveUUID("crowd", i)), cmd)
		c.results[i], c.errs[i] = outcome, err
	})
	synctest.Wait()
}

func nothing() {}

func (c *crowd) pass(times int) {
	for range times {
		c.store.gate <- nothing
		synctest.Wait()
	}
}

func TestCommandsThatWaitForTheSameStreamShareAnAppend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, takeCoin{"a"}, takeCoin{"a"}, takeNth{"a", 1}, takeCoin{"a"}, takeCoin{"a"})
		c.pass(2)
		c.wg.Wait()
		if got := fmt.Sprint(c.store.size); got != "[1 3]" {
			t.Errorf("the appends have %s events, want [1 3]", got)
		}
		for i, want := range []domain.Revision{0, 1, 3, 2, 3} { // the third has its effect already
			if c.errs[i] != nil || c.results[i].Revision != want {
				t.Errorf("command %d is at revision %d (error %v), want %d", i, c.results[i].Revision, c.errs[i], want)
			}
		}
		ids := make(map[uuid.UUID]bool)
		for entry, err := range c.store.ReadStream(t.Context(), "till-a", 0) {
			if checked, failed := entry.Check(); err != nil || failed != nil || !checked {
				t.Errorf("revision %d: checked %t, errors %v and %v", entry.Revision, checked, failed, err)
			}
			ids[entry.ID] = true
		}
		if len(ids) != 4 {
			t.Errorf("the events have %d different ids, want 4", len(ids))
		}
	})
}

func TestRefusalAmongSharedCommandsIsItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t)
		for range 1001 { // the till takes 1000 coins
			c.send(t.Context(), takeCoin{"a"})
		}
		appends := (1001 + 63) / 64 // the first one is alone
		c.pass(1 + appends)
		c.wg.Wait()
		if !errors.Is(c.errs[1000], errFull) {
			t.Errorf("the last command returned %v, want a refusal", c.errs[1000])
		}
		if err := errors.Join(c.errs[:1000]...); err != nil {
			t.Error(err)
		}
	})
}

func TestCommandThatGivesUpLeavesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, takeCoin{"a"})
		waiting, giveUp := context.WithCancel(t.Context())
		c.send(waiting, takeCoin{"a"})
		leading, stopLeading := context.WithCancel(t.Context())
		c.send(leading, takeCoin{"a"})
		c.send(t.Context(), takeCoin{"a"})
		giveUp()
		synctest.Wait()
		c.pass(1)
		stopLeading() // its append is in progress, with that of the last command
		synctest.Wait()
		c.pass(1)
		c.wg.Wait()
		if !errors.Is(c.errs[1], context.Canceled) {
			t.Errorf("the command that gave up returned %v", c.errs[1])
		}
		if err := errors.Join(c.errs[0], c.errs[2], c.errs[3]); err != nil {
			t.Error(err)
		}
		if coins := coinsIn(t, c.engine, "a"); coins != 3 {
			t.Errorf("the till has %d coins, want 3", coins)
		}
	})
}

func TestAppendEndsWhenAllItsCommandsGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, takeCoin{"a"})
		ctx, giveUp := context.WithCancel(t.Context())
		c.send(ctx, takeCoin{"a"})
		c.send(ctx, takeCoin{"a"})
		c.pass(1)
		giveUp()
		c.wg.Wait()
		if !errors.Is(c.errs[1], context.Canceled) || !errors.Is(c.errs[2], context.Canceled) {
			t.Errorf("the commands returned %v and %v", c.errs[1], c.errs[2])
		}
	})
}

func TestSharedCommandsAreDecidedAgainAfterAConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, takeCoin{"a"}, takeCoin{"a"}, takeNth{"a", 2})
		c.pass(1)
		c.store.gate <- func() { // another process is first
			if _, err := newEngine(t, c.store.Store).Do(t.Context(), anyone, takeCoin{"a"}); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		c.pass(1)
		c.wg.Wait()
		if err := errors.Join(c.errs...); err != nil {
			t.Fatal(err)
		}
		if coins := coinsIn(t, c.engine, "a"); coins != 3 {
			t.Errorf("the till has %d coins, want 3", coins)
		}
	})
}

// explode is a command whose decision panics.
type explode struct{}

func (explode) Stream() domain.Stream            { return "till-a" }
func (explode) decide(till) ([]tillEvent, error) { panic("a bug") }

func TestPanicOfOneCommandFreesTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, takeCoin{"a"})
		c.wg.Go(func() {
			defer func() { _ = recover() }()
			_, _ = c.engine.Run(t.Context(), anyone, explode{})
		})
		synctest.Wait()
		c.send(t.Context(), takeCoin{"a"})
		c.pass(1)
		c.send(t.Context(), takeCoin{"a"})
		c.pass(1)
		c.wg.Wait()
		if c.errs[1] == nil || c.errs[2] != nil {
			t.Errorf("beside the panic a command returned %v, and after it %v", c.errs[1], c.errs[2])
		}
	})
}
