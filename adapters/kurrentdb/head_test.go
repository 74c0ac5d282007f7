package kurrentdb_test

import (
	"context"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/domain"
)

// TestHeadSearchesOnlyNewEvents lets the node write many of its own events after the last event of the log.
func TestHeadSearchesOnlyNewEvents(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	appended, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 1))
	if err != nil {
		t.Fatal(err)
	}
	client := bare(t, server.URL())
	defer client.Close()
	reads := callCounter(server, esdbtest.Read)
	wantHead := func(atLeast int, atMost int) {
		t.Helper()
		reads()
		head, err := store.Head(t.Context())
		if err != nil || head != appended.Position {
			t.Errorf("head %v, %v, want %v", head, err, appended.Position)
		}
		if n := reads(); n < atLeast || n > atMost {
			t.Errorf("Head took %d reads, want %d to %d", n, atLeast, atMost)
		}
	}
	wantHead(1, 1)
	stats := func(n int) {
		events := make([]esdb.EventData, n)
		for i := range events {
			events[i] = esdb.EventData{EventID: uuid.New(), EventType: "$statsCollected", Data: []byte("{}")}
		}
		if _, err := client.AppendToStream(t.Context(), "$stats-1", esdb.AppendToStreamOptions{}, events...); err != nil {
			t.Fatal(err)
		}
	}
	stats(5000)
	wantHead(5, 8) // 1, 16, 256, then 1024 at a time
	wantHead(1, 1)
	stats(1)
	wantHead(1, 2)
	if err := store.SetMark(t.Context(), "log", "", "mine"); err != nil {
		t.Fatal(err)
	}
	wantHead(1, 2)
}

// TestSubscriptionResumesAfterCheckpoint checks that a filtered subscription resumes after what the node has
// searched, also on a node that reports too early (KurrentDB#4970).
func TestSubscriptionResumesAfterCheckpoint(t *testing.T) {
	for name, options := range map[string][]esdbtest.Option{
		"a node": {generous}, "a node whose checkpoints run ahead": {generous, esdbtest.WithCheckpointsAhead()},
	} {
		t.Run(name, func(t *testing.T) {
			server := esdbtest.Start(t, options...)
			store := open(t, server.URL())
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			const events = 40
			got := make(chan domain.Revision, events)
			done := make(chan error, 1)
			go func() {
				done <- store.Subscribe(ctx, domain.Position{}, domain.Filter{Types: []string{"Rare"}},
					func(_ context.Context, batch []domain.Entry) error {
						for _, entry := range batch {
							got <- entry.Revision
						}
						return nil
					})
			}()
			for i := range domain.Revision(events) {
				if _, err := store.Append(ctx, "noise-1", 50*i-1, some("Frequent", 50)); err != nil {
					t.Fatal(err)
				}
				if i%3 == 0 {
					server.DropConnections()
				}
				if _, err := store.Append(ctx, "client-1", i-1, some("Rare", 1)); err != nil {
					t.Fatal(err)
				}
				if revision := <-got; revision != i {
					t.Fatalf("received revision %d, want %d", revision, i)
				}
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}
