package histories

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/domain"
)

// flawed is a store with a planted flaw, which shows at every tenth chance.
type flawed struct {
	*memory.Store
	flaw  string
	calls *atomic.Int64
}

func (f flawed) chance() bool { return f.calls.Add(1)%10 == 0 }

func (f flawed) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	end := domain.Appended{Revision: domain.NoStream}
	for entry := range f.Store.ReadStreamBackwards(ctx, stream) {
		end = domain.Appended{Revision: entry.Revision, Position: entry.Position}
		break
	}
	last := expected + domain.Revision(len(events))
	major, _ := end.Position.Pair()
	switch {
	case f.flaw == "half an append is seen" && len(events) > 1 && expected == end.Revision && f.chance():
		if _, err := f.Store.Append(ctx, stream, expected, events[:1]); err != nil {
			return domain.Appended{}, err
		}
		for range 20 { // let others read now
			runtime.Gosched()
		}
		return f.Store.Append(ctx, stream, expected+1, events[1:])
	case f.flaw == "an acknowledged append is lost" && expected == end.Revision && f.chance():
		return domain.Appended{Revision: last, Position: domain.NewPosition(major+uint64(len(events)), 0)}, nil
	case f.flaw == "a conflict is reported but the append is done" && expected == end.Revision && f.chance():
		_, _ = f.Store.Append(ctx, stream, expected, events)
		return domain.Appended{}, domain.ErrConflict
	}
	appended, err := f.Store.Append(ctx, stream, expected, events)
	switch {
	case f.flaw == "the revision is ignored" && errors.Is(err, domain.ErrConflict) && f.chance():
		appended, err := f.Store.Append(ctx, stream, end.Revision, events)
		appended.Revision = last
		return appended, err
	case f.flaw == "a retry is carried out again" && err == nil && last <= end.Revision && f.chance():
		_, _ = f.Store.Append(ctx, stream, end.Revision, events)
	case f.flaw == "a retry is a conflict" && err == nil && last <= end.Revision && f.chance():
		return domain.Appended{}, domain.ErrConflict
	case f.flaw == "a retry returns another place" && err == nil && last < end.Revision && f.chance():
		appended.Position = end.Position
	}
	return appended, err
}

func (f flawed) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return f.stale("a read is stale", f.Store.ReadStream(ctx, stream, from))
}

func (f flawed) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return f.stale("the log lags", f.Store.ReadAll(ctx, after, filter))
}

func (f flawed) Head(ctx context.Context) (domain.Position, error) {
	head, err := f.Store.Head(ctx)
	if major, _ := head.Pair(); f.flaw == "the head lags" && major > 3 && f.chance() {
		head = domain.NewPosition(major-3, 0)
	}
	return head, err
}

func (f flawed) stale(flaw string, entries iter.Seq2[domain.Entry, error]) iter.Seq2[domain.Entry, error] {
	if f.flaw != flaw || !f.chance() {
		return entries
	}
	return func(yield func(domain.Entry, error) bool) {
		var held *domain.Entry // leave out the last entry
		for entry, err := range entries {
			if held != nil && !yield(*held, err) {
				return
			}
			held = &entry
		}
	}
}

// TestPlantedFlawsAreFound checks that the harness finds every flaw that it looks for.
func TestPlantedFlawsAreFound(t *testing.T) {
	const tries = 20
	for name, game := range map[string]game{"streams": streamHistory, "diaries": diaryHistory} {
		for _, flaw := range []string{
			"the revision is ignored", "an acknowledged append is lost", "a read is stale", "a retry is carried out again",
			"a retry is a conflict", "a retry returns another place", "a conflict is reported but the append is done", "the head lags",
			"the log lags", "half an append is seen",
		} {
			if name == "diaries" && !slices.Contains([]string{
				"the revision is ignored", "an acknowledged append is lost", "a read is stale", "a conflict is reported but the append is done",
			}, flaw) {
				continue // engines append one event, read before they retry, and never read the head
			}
			t.Run(name+": "+flaw, func(t *testing.T) {
				for seed := range uint64(tries) {
					store := flawed{memory.New(), flaw, &atomic.Int64{}}
					stores := make([]domain.EventStore, clients)
					for i := range stores {
						stores[i] = store
					}
					if _, err := game(settings{lossy: true, calls: 60, holds: 60}, seed, stores); err != nil {
						t.Logf("history %d: %v", seed, err)
						return
					}
				}
				t.Errorf("the flaw %[2]q was not found in %[1]d histories", tries, flaw)
			})
		}
	}
}
