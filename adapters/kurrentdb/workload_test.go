package kurrentdb_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/domain"
)

// idsByStream holds the ids of events in order, by stream.
type idsByStream map[domain.Stream][]uuid.UUID

const (
	workloadWriters = 4
	workloadAppends = 12 // of each writer, of one event and of three in turn
	workloadEvents  = workloadWriters * workloadAppends * 2
)

// runWorkload is the work of TestFailures. Its writers and subscribers run at the same time; then it reads the log in
// every way and compares the results.
func runWorkload(t *testing.T, store *kurrentdb.Store) {
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var mu sync.Mutex
	var received []idsByStream
	want := idsByStream{}
	var group sync.WaitGroup
	for w := range workloadWriters {
		group.Go(func() {
			stream := domain.Stream(fmt.Sprintf("client-%d", w))
			ids := writeWorkload(ctx, t, store, stream)
			mu.Lock()
			defer mu.Unlock()
			want[stream] = ids
		})
	}
	for _, filter := range []domain.Filter{{}, {Prefixes: []string{"client-"}}, {Types: []string{"Odd", "Even"}}} {
		group.Go(func() {
			got := receiveWorkload(ctx, t, store, filter)
			mu.Lock()
			defer mu.Unlock()
			received = append(received, got)
		})
	}
	group.Wait()
	for _, got := range received {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the subscription received %v, want %v", got, want)
		}
	}
	readWorkload(ctx, t, store, want)
	if err := store.Verify(ctx); err != nil {
		t.Error(err)
	}
}

// writeWorkload appends to one stream and reads back each last event. It returns the ids of the acknowledged events.
func writeWorkload(
	ctx context.Context, t *testing.T, store *kurrentdb.Store, stream domain.Stream,
) (ids []uuid.UUID) {
	expected := domain.NoStream
	for i := range workloadAppends {
		events := some([]string{"Even", "Odd"}[i%2], 1+2*(i%2))
		appended, err := store.Append(ctx, stream, expected, events)
		if err != nil {
			t.Errorf("append: %v", err)
			return ids
		}
		if want := expected + domain.Revision(len(events)); appended.Revision != want {
			t.Errorf("revision %d, want %d", appended.Revision, want)
		}
		expected = appended.Revision
		for _, event := range events {
			ids = append(ids, event.ID)
		}
		for entry, err := range store.ReadStream(ctx, stream, expected) {
			if err != nil || entry.ID != events[len(events)-1].ID {
				t.Errorf("read after the append: %v, %v", entry.ID, err)
			}
		}
	}
	return ids
}

// receiveWorkload subscribes until it has received every event.
func receiveWorkload(
	ctx context.Context, t *testing.T, store *kurrentdb.Store, filter domain.Filter,
) idsByStream {
	got, before := idsByStream{}, domain.Position{}
	complete, n := errors.New("complete"), 0
	err := store.Subscribe(ctx, domain.Position{}, filter, func(_ context.Context, batch []domain.Entry) error {
		for _, entry := range batch {
			if !before.Before(entry.Position) {
				t.Errorf("position %s follows %s", entry.Position, before)
			}
			before = entry.Position
			got[entry.Stream] = append(got[entry.Stream], entry.ID)
			n++
		}
		if n >= workloadEvents {
			return complete
		}
		return nil
	})
	if !errors.Is(err, complete) {
		t.Errorf("%+v: the subscription received %d of %d events, then %v", filter, n, workloadEvents, err)
	}
	return got
}

// readWorkload reads the log with and without a filter, and every stream backwards.
func readWorkload(ctx context.Context, t *testing.T, store *kurrentdb.Store, want idsByStream) {
	for _, filter := range []domain.Filter{{}, {Prefixes: []string{"client-"}}} {
		got := idsByStream{}
		for entry, err := range store.ReadAll(ctx, domain.Position{}, filter) {
			if err != nil {
				t.Fatal(err)
			}
			got[entry.Stream] = append(got[entry.Stream], entry.ID)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the log has %v, want %v", got, want)
		}
	}
	for stream, ids := range want {
		var got []uuid.UUID
		for entry, err := range store.ReadStreamBackwards(ctx, stream) {
			if err != nil {
				t.Fatal(err)
			}
			got = append([]uuid.UUID{entry.ID}, got...)
		}
		if !reflect.DeepEqual(got, ids) {
			t.Errorf("%s backwards has %v, want %v", stream, got, ids)
		}
	}
}
