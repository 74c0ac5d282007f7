package commands_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// The aggregate of these tests: a till that takes coins up to a limit.
type (
	till        struct{ Coins, Limit int }
	tillCommand interface {
		domain.Command
		decide(till) ([]tillEvent, error)
	}
	tillEvent interface {
		domain.Event
		evolve(till) till
	}
	coinTaken struct {
		Coin int `json:"coin"`
	}
	takeCoin struct{ key string }
	takeNth  struct {
		key string
		n   int
	}
)

var errFull = domain.Refuse(domain.Disallowed, "till_full", "the till is full; empty it first")

func (coinTaken) EventType() string      { return "CoinTaken" }
func (coinTaken) evolve(s till) till     { s.Coins++; return s }
func (c takeCoin) Stream() domain.Stream { return domain.StreamOf("till", c.key) }
func (c takeNth) Stream() domain.Stream  { return domain.StreamOf("till", c.key) }
func (takeCoin) decide(s till) ([]tillEvent, error) {
	if s.Coins >= s.Limit {
		return nil, errFull
	}
	return []tillEvent{coinTaken{s.Coins + 1}}, nil
}

func (c takeNth) decide(s till) ([]tillEvent, error) {
	if s.Coins >= c.n {
		return nil, nil
	}
	return []tillEvent{coinTaken{s.Coins + 1}}, nil
}

var tills = domain.Decider[till, tillCommand, tillEvent]{
	Category: "till", Types: domain.Types{domain.TypeOf[coinTaken]()}, Initial: till{Limit: 1000},
	Decide:          func(s till, c tillCommand) ([]tillEvent, error) { return c.decide(s) },
	Evolve:          func(s till, e tillEvent) till { return e.evolve(s) },
	SnapshotVersion: 1,
}

var noon = time.Date(2016, 5, 2, 12, 0, 0, 0, time.UTC)

// anyone is the origin of a test that is not about authority.
var anyone = commands.ForInstallation(domain.Actor{})

func newEngine(t *testing.T, store commands.Store) *commands.Engine {
	t.Helper()
	codec, err := domain.NewCodec(domaintest.NewVault(), tills.Types)
	if err != nil {
		t.Fatal(err)
	}
	return commands.NewEngine(store, codec, func() time.Time { return noon }, commands.Wire(tills))
}

func coinsIn(t *testing.T, e *commands.Engine, key string) int {
	t.Helper()
	state, _, err := commands.Load(t.Context(), e, tills, domain.StreamOf("till", key))
	if err != nil {
		t.Fatal(err)
	}
	return state.Coins
}

func TestConcurrentCommandsAllTakeEffect(t *testing.T) {
	engine := newEngine(t, memory.New())
	const callers = 32
	var wg sync.WaitGroup
	results := make([]error, callers)
	for i := range callers {
		wg.Go(func() {
			for {
				if _, results[i] = engine.Do(t.Context(), anyone, takeCoin{"a"}); !errors.Is(results[i], commands.ErrBusy) {
					return
				}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(results...); err != nil {
		t.Fatal(err)
	}
	if coins := coinsIn(t, engine, "a"); coins != callers {
		t.Fatalf("after %d commands the till has %d coins", callers, coins)
	}
}

func TestCommandWithIDTakesEffectOnce(t *testing.T) {
	store := memory.New()
	engine := newEngine(t, store)
	origin := anyone.WithID(uuid.MustParse("7f1e6a52-55a5-4c2b-8a4b-0f6f1c1a2b3c"))
	first, err := engine.Run(t.Context(), origin, takeNth{"a", 1})
	if err != nil || len(first.Events) != 1 {
		t.Fatalf("the first Run returned %+v, %v", first, err)
	}
	for _, again := range []*commands.Engine{engine, newEngine(t, store)} { // with a remembered state, and after a restart
		outcome, err := again.Run(t.Context(), origin, takeNth{"a", 1})
		if err != nil || len(outcome.Events) != 0 || outcome.Position != first.Position {
			t.Fatalf("the same command again returned %+v, %v, want no events", outcome, err)
		}
	}
}

func TestRefusalIsDecidedOnTheStoredState(t *testing.T) {
	store := memory.New()
	one, other := newEngine(t, store), newEngine(t, store)
	if _, err := one.Do(t.Context(), anyone, takeNth{"a", 1}); err != nil {
		t.Fatal(err)
	}
	for range 5 { // which the first engine does not see
		if _, err := other.Do(t.Context(), anyone, takeCoin{"a"}); err != nil {
			t.Fatal(err)
		}
	}
	outcome, err := one.Run(t.Context(), anyone, takeNth{"a", 1}) // has its effect already, by the remembered state
	if err != nil || outcome.Revision != 5 {
		t.Fatalf("Run returned revision %d, %v; want 5", outcome.Revision, err)
	}
}

func TestRunAtDecidesOnlyAtTheExpectedRevision(t *testing.T) {
	engine := newEngine(t, memory.New())
	if _, err := engine.RunAt(t.Context(), anyone, takeCoin{"a"}, domain.NoStream); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.RunAt(t.Context(), anyone, takeCoin{"a"}, domain.NoStream); !errors.Is(err, domain.ErrConflict) {
		t.Fatalf("RunAt at a stale revision returned %v, want ErrConflict", err)
	}
	if _, err := engine.RunAt(t.Context(), anyone, takeCoin{"a"}, 0); err != nil {
		t.Fatal(err)
	}
}

func TestLongStreamLoadsFromSnapshot(t *testing.T) {
	store := &countingStore{Store: memory.New()}
	engine := newEngine(t, store)
	for range 900 {
		if _, err := engine.Do(t.Context(), anyone, takeCoin{"a"}); err != nil {
			t.Fatal(err)
		}
	}
	store.read = 0
	if coins := coinsIn(t, newEngine(t, store), "a"); coins != 900 {
		t.Fatalf("%d coins after a restart, want 900", coins)
	}
	if store.read >= 500 {
		t.Fatalf("%d events were read, want fewer than 500 after a snapshot", store.read)
	}
}

// TestDamagedSnapshotIsNotUsed flips one digit of a folded state, and then gives the state of another stream.
func TestDamagedSnapshotIsNotUsed(t *testing.T) {
	store := memory.New()
	engine := newEngine(t, store)
	for range 600 {
		for _, stream := range []string{"a", "b"} {
			if _, err := engine.Do(t.Context(), anyone, takeCoin{stream}); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, b := domain.StreamOf("till", "a"), domain.StreamOf("till", "b")
	revision, state, err := store.LoadSnapshot(t.Context(), a, tills.SnapshotVersion)
	if err != nil || !bytes.Contains(state, []byte("500")) {
		t.Fatalf("the snapshot is %s, %v", state, err)
	}
	flipped := bytes.Replace(state, []byte("500"), []byte("900"), 1)
	for stream, damaged := range map[domain.Stream][]byte{a: flipped, b: append([]byte("    "), state[4:]...)} {
		if err := store.SaveSnapshot(t.Context(), stream, tills.SnapshotVersion, revision, damaged); err != nil {
			t.Fatal(err)
		}
		if coins := coinsIn(t, newEngine(t, store), stream.Key()); coins != 600 {
			t.Errorf("%d coins in %s with a damaged snapshot, want 600", coins, stream)
		}
	}
}

// TestEventsCarryChecksums: those of one append, and those of the next.
func TestEventsCarryChecksums(t *testing.T) {
	store := memory.New()
	engine := newEngine(t, store)
	for range 3 {
		if _, err := engine.Do(t.Context(), anyone, takeCoin{"a"}); err != nil {
			t.Fatal(err)
		}
	}
	for entry, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if checked, err := entry.Check(); !checked || err != nil {
			t.Errorf("revision %d: %v, %v; metadata %s", entry.Revision, checked, err, entry.Meta)
		}
	}
}

func TestRefusalsAndUnknownCommands(t *testing.T) {
	small := tills
	small.Initial.Limit = 1
	codec, err := domain.NewCodec(domaintest.NewVault(), small.Types)
	if err != nil {
		t.Fatal(err)
	}
	engine := commands.NewEngine(memory.New(), codec, func() time.Time { return noon }, commands.Wire(small))
	_, first := engine.Do(t.Context(), anyone, takeCoin{"a"})
	_, second := engine.Do(t.Context(), anyone, takeCoin{"a"})
	if first != nil || !errors.Is(second, errFull) {
		t.Fatalf("Do returned %v, then %v; want nil, then %v", first, second, errFull)
	}
	if _, err := engine.Do(t.Context(), anyone, stranger{}); err == nil {
		t.Fatal("a command of no aggregate returned no error")
	}
}

type stranger struct{}

func (stranger) Stream() domain.Stream { return "nobody-1" }

// countingStore counts how many events are read from streams.
type countingStore struct {
	*memory.Store
	read int
}

func (s *countingStore) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		for entry, err := range s.Store.ReadStream(ctx, stream, from) {
			s.read++
			if !yield(entry, err) {
				return
			}
		}
	}
}

func TestOriginAtSetsOccurredAt(t *testing.T) {
	engine := newEngine(t, memory.New())
	before := time.Date(2015, 11, 10, 7, 30, 0, 123, time.FixedZone("", -3*60*60))
	outcome, err := engine.Run(t.Context(), anyone.At(before), takeCoin{"a"})
	if err != nil {
		t.Fatal(err)
	}
	meta := outcome.Events[0].Meta
	if !meta.OccurredAt.Equal(domain.Microseconds(before)) || !meta.RecordedAt.Equal(noon) {
		t.Errorf("occurred at %s, recorded at %s", meta.OccurredAt, meta.RecordedAt)
	}
}
