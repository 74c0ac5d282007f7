package kurrentdb_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/domain"
)

// truncatedNode returns a node whose log has lost its last twenty events, a store that has read them, and the
// position of the last one.
func truncatedNode(t *testing.T) (*esdbtest.Server, *kurrentdb.Store, domain.Position) {
	t.Helper()
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 3)); err != nil {
		t.Fatal(err)
	}
	lost, err := store.Append(t.Context(), "client-1", 2, some("Lost", 20))
	if err != nil {
		t.Fatal(err)
	}
	if head, err := store.Head(t.Context()); err != nil || head != lost.Position {
		t.Fatalf("head %v, %v; want %v", head, err, lost.Position)
	}
	if n := server.Truncate(20); n != 20 {
		t.Fatalf("%d events were lost, want 20", n)
	}
	return server, store, lost.Position
}

// wantTruncated checks that reads and subscriptions after a position fail with ErrTruncated.
func wantTruncated(t *testing.T, store *kurrentdb.Store, after domain.Position) {
	t.Helper()
	for name, filter := range map[string]domain.Filter{"all": {}, "filtered": {Prefixes: []string{"client-"}}} {
		n := 0
		var last error
		for _, err := range store.ReadAll(t.Context(), after, filter) {
			n, last = n+1, err
		}
		if n != 1 || !errors.Is(last, kurrentdb.ErrTruncated) {
			t.Errorf("read %s: %d entries, then %v; want %v", name, n, last, kurrentdb.ErrTruncated)
		}
		err := store.Subscribe(t.Context(), after, filter, func(context.Context, []domain.Entry) error {
			return errors.New("must not be called")
		})
		if !errors.Is(err, kurrentdb.ErrTruncated) {
			t.Errorf("subscribe %s: %v, want %v", name, err, kurrentdb.ErrTruncated)
		}
	}
}

func TestReadersNoticeTruncation(t *testing.T) {
	server, store, lost := truncatedNode(t)
	wantTruncated(t, store, lost)
	wantTruncated(t, open(t, server.URL()), lost)

	// A projector compares its checkpoint with the head when it opens. It rebuilds if the checkpoint is later.
	head, err := store.Head(t.Context())
	if err != nil || !head.Before(lost) {
		t.Errorf("head %v, %v; want one before %v", head, err, lost)
	}

	// Later events pass the old position: the head alone no longer shows the truncation.
	appended, err := store.Append(t.Context(), "client-1", 2, some("Longer than what was lost", 30))
	if err != nil || !lost.Before(appended.Position) {
		t.Fatalf("%v, %v, want a later position", appended, err)
	}
	wantTruncated(t, store, lost)
	n := 0
	for entry, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		if err != nil || entry.Type == "Lost" {
			t.Errorf("%s, %v", entry.Type, err)
		}
		n++
	}
	if n != 33 {
		t.Errorf("%d events, want 33", n)
	}
	if err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestSubscriptionNoticesReplacedEvent puts another event at the very position of the last one, as on a node that was
// set up again. Only the id differs.
func TestSubscriptionNoticesReplacedEvent(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	mine := some("A", 1)
	place, err := store.Append(t.Context(), "client-1", domain.NoStream, mine)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = store.Subscribe(ctx, domain.Position{}, domain.Filter{}, func(_ context.Context, batch []domain.Entry) error {
		if batch[0].ID != mine[0].ID {
			return errors.New("the subscription continued after the replaced event")
		}
		server.Stop()
		other := open(t, esdbtest.Start(t, generous, esdbtest.WithPort(server.Port())).URL())
		again, err := other.Append(ctx, "client-1", domain.NoStream, some("A", 1))
		if err == nil && again.Position != place.Position {
			err = errors.New("the positions differ, want the same position for both events")
		}
		return err
	})
	if !errors.Is(err, kurrentdb.ErrTruncated) {
		t.Errorf("a subscription whose last entry was replaced: %v, want %v", err, kurrentdb.ErrTruncated)
	}
}

// TestAppendAfterTruncation checks that positions seen before the truncation do not make new appends look like old
// ones.
func TestAppendAfterTruncation(t *testing.T) {
	_, store, lost := truncatedNode(t)
	events := some("B", 1)
	first, err := store.Append(t.Context(), "client-1", 2, events)
	if err != nil {
		t.Fatal(err)
	}
	if lost.Before(first.Position) {
		t.Fatalf("position %v is after %v, want one before it", first.Position, lost)
	}
	again, err := store.Append(t.Context(), "client-1", 2, events)
	if err != nil || again != first {
		t.Errorf("the same append again: %v, %v, want %v", again, err, first)
	}
	if _, err := store.Append(t.Context(), "client-1", 2, some("C", 1)); !errors.Is(err, domain.ErrConflict) {
		t.Errorf("another append at that revision: %v, want a conflict", err)
	}
}

// TestUnreplicatedAppendIsNotAcknowledged isolates the leader. What it writes then is lost when another node leads.
func TestUnreplicatedAppendIsNotAcknowledged(t *testing.T) {
	cluster := esdbtest.StartCluster(t, 3, generous)
	store, err := kurrentdb.Open(t.Context(), cluster.URL(), kurrentdb.Options{Patience: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 1)); err != nil {
		t.Fatal(err)
	}
	events := some("B", 2)
	cluster.Leader().Isolate()
	if _, err := store.Append(t.Context(), "client-1", 0, events); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("append at an isolated leader: %v, want %v", err, domain.ErrUnavailable)
	}
	if n := cluster.Elect(cluster.Nodes[1]); n != 2 {
		t.Errorf("%d events were lost, want 2", n)
	}
	other := some("C", 1)
	if _, err := store.Append(t.Context(), "client-1", 0, other); err != nil {
		t.Errorf("append at the new leader: %v", err)
	}
	if _, err := store.Append(t.Context(), "client-1", 0, events); !errors.Is(err, domain.ErrConflict) {
		t.Errorf("the lost append again, after another one: %v, want a conflict", err)
	}
	if err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
