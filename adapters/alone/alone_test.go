package alone

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/storetest"
	"github.com/clickbook/clickbook/domain"
)

// verified is a memory store, which has nothing to verify or to close.
type verified struct{ *memory.Store }

func (verified) Verify(context.Context) error { return nil }
func (verified) Close() error                 { return nil }

func open(t *testing.T, in inner, begin func(context.Context) (Block, error)) *Store {
	t.Helper()
	s, err := New(t.Context(), in, begin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	for name, blocks := range map[string]bool{"append by append": false, "in blocks": true} {
		t.Run(name, func(t *testing.T) {
			urls := map[domain.EventStore]string{}
			start := func(t *testing.T, url string) domain.EventStore {
				log, err := postgres.Open(t.Context(), url, postgres.Options{Lax: true})
				if err != nil {
					t.Fatal(err)
				}
				var begin func(context.Context) (Block, error)
				if blocks {
					begin = func(ctx context.Context) (Block, error) { return log.Begin(ctx) }
				}
				s := open(t, log, begin)
				urls[s] = url
				return s
			}
			storetest.Run(t, func(t *testing.T) domain.EventStore { return start(t, pgtest.URL(t)) },
				storetest.Reopen(func(t *testing.T, store domain.EventStore) domain.EventStore {
					if err := store.(*Store).Close(); err != nil {
						t.Fatal(err)
					}
					return start(t, urls[store])
				}))
		})
	}
}

// memoryBlock stores its entries in a memory store, whose positions are numbers in a row.
type memoryBlock struct {
	store verified
	from  uint64
	fails bool
}

func (b memoryBlock) Position(n int) domain.Position { return domain.NewPosition(b.from+uint64(n), 0) }
func (memoryBlock) Rollback()                        {}

func (b memoryBlock) Commit(ctx context.Context, entries []domain.Entry) error {
	if b.fails {
		return errBroken
	}
	for from := 0; from < len(entries); {
		n := entries[from].Rest + 1
		events := make([]domain.Stored, n)
		for i := range events {
			events[i] = entries[from+i].Stored
		}
		appended, err := b.store.Append(ctx, entries[from].Stream, entries[from].Revision-1, events)
		if err != nil {
			return err
		}
		if from += n; appended.Position != b.Position(from) {
			return fmt.Errorf("the position is %s, not %s", appended.Position, b.Position(from))
		}
	}
	return nil
}

var errBroken = errors.New("the connection broke")

// unsure fails some appends, before or after they are stored, and counts reads.
type unsure struct {
	verified
	random *rand.Rand
	reads  int
}

func (u *unsure) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	switch u.random.IntN(20) {
	case 0:
		return domain.Appended{}, errBroken
	case 1:
		if _, err := u.verified.Append(ctx, stream, expected, events); err != nil {
			return domain.Appended{}, err
		}
		return domain.Appended{}, errBroken
	default:
		return u.verified.Append(ctx, stream, expected, events)
	}
}

func (u *unsure) ReadAll(ctx context.Context, after domain.Position, f domain.Filter) iter.Seq2[domain.Entry, error] {
	u.reads++
	return u.verified.ReadAll(ctx, after, f)
}

func (u *unsure) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	u.reads++
	return u.verified.ReadStream(ctx, stream, from)
}

func all(t *testing.T, read iter.Seq2[domain.Entry, error]) (entries []domain.Entry) {
	t.Helper()
	for entry, err := range read {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry)
	}
	return entries
}

// TestReadsAreThoseOfTheLog compares every read with that of a second log, after appends of which some fail, are sent
// again, or hold several events, on logs that were empty or not, with and without blocks, and with room for few entries.
func TestReadsAreThoseOfTheLog(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		plain := verified{memory.New()}
		under := &unsure{verified: verified{memory.New()}, random: random}
		heads := make(map[domain.Stream]domain.Revision)
		stream := func() domain.Stream { return domain.Stream(fmt.Sprintf("client-%d", random.IntN(30))) }
		appended := uint64(0)
		if seed%2 == 1 {
			events := some(1)
			appendTo(t, plain, "client-1", domain.NoStream, events)
			appendTo(t, under.verified, "client-1", domain.NoStream, events)
			heads["client-1"] = 0
			appended = 1
		}
		var begin func(context.Context) (Block, error)
		if seed%4 >= 2 {
			begin = func(context.Context) (Block, error) {
				if random.IntN(10) == 0 {
					return nil, errBroken
				}
				return memoryBlock{store: under.verified, from: appended}, nil
			}
		}
		s := open(t, under, begin)
		s.limits = limits{entries: 8, bytes: 1000, ends: usual.ends, block: 5, blockBytes: 400}
		positions := []domain.Position{{}}
		for range 400 {
			of := stream()
			head, ok := heads[of]
			if !ok {
				head = domain.NoStream
			}
			events := some(1 + random.IntN(10)/9)
			place, err := s.Append(t.Context(), of, head, events)
			for errors.Is(err, errBroken) {
				place, err = s.Append(t.Context(), of, head, events)
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := appendTo(t, plain, of, head, events); place != want {
				t.Fatalf("appended at %v, want %v", place, want)
			}
			appended += uint64(len(events))
			if random.IntN(30) == 0 {
				again, err := s.Append(t.Context(), of, head, events)
				if !errors.Is(err, errBroken) && (again != place || err != nil) {
					t.Fatalf("a retry: %v, %v, want %v", again, err, place)
				}
			}
			_, err = s.Append(t.Context(), of, head+7, some(1))
			if !errors.Is(err, domain.ErrConflict) && !errors.Is(err, errBroken) {
				t.Fatalf("an append at a wrong revision: %v", err)
			}
			heads[of] = place.Revision
			positions = append(positions, place.Position)
			compare(t, s, plain, stream(), positions[max(0, len(positions)-1-random.IntN(20))])
		}
		if len(s.tail) > 16+10 || s.size > 2000+800 {
			t.Errorf("%d entries of %d bytes are kept", len(s.tail), s.size)
		}
		if err := s.Verify(t.Context()); err != nil { // which stores everything
			t.Fatal(err)
		}
		if got, want := all(t, under.verified.ReadAll(t.Context(), domain.Position{}, domain.Filter{})),
			all(t, plain.ReadAll(t.Context(), domain.Position{}, domain.Filter{})); !reflect.DeepEqual(got, want) {
			t.Fatalf("the store has %d entries, want %d", len(got), len(want))
		}
	}
}

func appendTo(
	t *testing.T, log domain.Appender, of domain.Stream, head domain.Revision, events []domain.Stored,
) domain.Appended {
	t.Helper()
	place, err := log.Append(t.Context(), of, head, events)
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func compare(t *testing.T, s *Store, want domain.EventStore, of domain.Stream, after domain.Position) {
	t.Helper()
	filters := []domain.Filter{{}, {Types: []string{"SmsSent"}}, {Prefixes: []string{"client-1"}}}
	for _, filter := range filters {
		same(t, "the log", all(t, s.ReadAll(t.Context(), after, filter)), all(t, want.ReadAll(t.Context(), after, filter)))
	}
	for from := domain.NoStream; from < 4; from++ {
		same(t, string(of), all(t, s.ReadStream(t.Context(), of, from)), all(t, want.ReadStream(t.Context(), of, from)))
	}
	same(t, string(of)+" backwards", all(t, s.ReadStreamBackwards(t.Context(), of)),
		all(t, want.ReadStreamBackwards(t.Context(), of)))
	got, err := s.Head(t.Context())
	head, err2 := want.Head(t.Context())
	if got != head || err != nil || err2 != nil {
		t.Fatalf("the head is %s, %v, want %s, %v", got, err, head, err2)
	}
}

func same(t *testing.T, what string, got, want []domain.Entry) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s has %d entries, want %d", what, len(got), len(want))
	}
}

// TestWhatCannotBeStoredIsReported loses a block, and expects the reason from the next append and from Close.
func TestWhatCannotBeStoredIsReported(t *testing.T) {
	under := verified{memory.New()}
	s, err := New(t.Context(), under, func(context.Context) (Block, error) {
		return memoryBlock{store: under, fails: true}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	appendTo(t, s, "client-1", domain.NoStream, some(1))
	if err := s.Verify(t.Context()); !errors.Is(err, errBroken) {
		t.Errorf("verify: %v", err)
	}
	if _, err := s.Append(t.Context(), "client-2", domain.NoStream, some(1)); !errors.Is(err, errBroken) {
		t.Errorf("append: %v", err)
	}
	if err := s.Close(); !errors.Is(err, errBroken) {
		t.Errorf("close: %v", err)
	}
}

// TestAnAppendOfSomebodyElseEndsTheWork appends to a stream that another store has appended to since the block began.
func TestAnAppendOfSomebodyElseEndsTheWork(t *testing.T) {
	url := pgtest.URL(t)
	connect := func() *postgres.Store {
		log, err := postgres.Open(t.Context(), url, postgres.Options{Lax: true})
		if err != nil {
			t.Fatal(err)
		}
		return log
	}
	under, other := connect(), connect()
	defer other.Close()
	s, err := New(t.Context(), under, func(ctx context.Context) (Block, error) { return under.Begin(ctx) })
	if err != nil {
		t.Fatal(err)
	}
	appendTo(t, s, "client-1", domain.NoStream, some(1))
	appendTo(t, s, "client-2", domain.NoStream, some(2))
	want := some(1)
	appendTo(t, other, "client-1", domain.NoStream, want)
	if err := s.Close(); !errors.Is(err, domain.ErrConflict) {
		t.Errorf("close: %v", err)
	}
	got := all(t, other.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
	if len(got) != 1 || got[0].ID != want[0].ID {
		t.Errorf("the log has %d events, want the one of the other store", len(got))
	}
}

// TestWhatWasJustAppendedIsNotReadAgain follows the log after each append, as a simulation does.
func TestWhatWasJustAppendedIsNotReadAgain(t *testing.T) {
	under := &unsure{verified: verified{memory.New()}, random: rand.New(rand.NewPCG(5, 5))}
	s := open(t, under, nil)
	var seen domain.Position
	for i := range 10_000 {
		of := domain.Stream(fmt.Sprintf("client-%d", i))
		if n := len(all(t, s.ReadStream(t.Context(), of, 0))); n > 0 {
			t.Fatal("the stream is not new")
		}
		if _, err := s.Append(t.Context(), of, domain.NoStream, some(1)); err != nil {
			if seen, err = under.verified.Head(t.Context()); err != nil {
				t.Fatal(err)
			}
			continue
		}
		for _, entry := range all(t, s.ReadAll(t.Context(), seen, domain.Filter{})) {
			seen = entry.Position
		}
	}
	if under.reads > 2500 { // one append in ten fails, and the reads before the next one go to the store
		t.Errorf("the store was read %d times for 10,000 appends", under.reads)
	}
}

func some(n int) []domain.Stored {
	events := make([]domain.Stored, n)
	for i := range events {
		events[i] = domain.Stored{
			ID: uuid.New(), Type: []string{"SmsSent", "SmsFailed"}[i%2], Data: []byte(`{"a":1}`), Meta: []byte("{}"),
		}
	}
	return events
}
