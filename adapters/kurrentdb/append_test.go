package kurrentdb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/domain"
)

// callCounter returns a function that returns how many calls of a kind the node got since it was last called.
func callCounter(server *esdbtest.Server, kind esdbtest.Kind) func() int {
	var mu sync.Mutex
	n := 0
	server.Inject(esdbtest.Failure{}, esdbtest.When(func(call esdbtest.Call) bool {
		mu.Lock()
		defer mu.Unlock()
		if call.Kind == kind {
			n++
		}
		return false
	}))
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		was := n
		n = 0
		return was
	}
}

// TestNewAppendsAreNotReadBack checks the cost of verification: none for an append that is new and the only one.
func TestNewAppendsAreNotReadBack(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	reads := callCounter(server, esdbtest.Read)
	appendTo := func(stream domain.Stream, expected domain.Revision, events []domain.Stored) {
		t.Helper()
		if _, err := store.Append(t.Context(), stream, expected, events); err != nil {
			t.Fatal(err)
		}
	}
	one, first := some("A", 1), some("A", 3)
	appendTo("client-1", domain.NoStream, one)
	if n := reads(); n != 0 {
		t.Errorf("a new event cost %d reads, want none", n)
	}
	appendTo("client-2", domain.NoStream, first)
	if n := reads(); n != 1 {
		t.Errorf("the first append of several events cost %d reads, want one, to check the position in the reply", n)
	}
	for i := range 10 {
		appendTo("client-2", domain.Revision(2+3*i), some("A", 3))
	}
	if n := reads(); n != 0 {
		t.Errorf("ten new appends cost %d reads, want none", n)
	}
	appendTo("client-1", domain.NoStream, one)
	if n := reads(); n != 1 {
		t.Errorf("a repeated append cost %d reads, want one", n)
	}
	appendTo("client-1", 0, some("A", 1))
	if n := reads(); n != 0 {
		t.Errorf("a new append after a repeated one cost %d reads, want none", n)
	}
}

// TestPartOfUnknownAppendConflicts abandons an append that is written a moment later. The node accepts a part of it
// as a repetition, but the store must not.
func TestPartOfUnknownAppendConflicts(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 2)); err != nil {
		t.Fatal(err)
	}
	events := some("B", 3)
	server.Inject(esdbtest.DelayReply(time.Hour), esdbtest.Next(1, esdbtest.Append))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := store.Append(ctx, "client-1", 1, events); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("append without a reply: %v", err)
	}
	if store.UnknownOutcomes() != 1 {
		t.Errorf("%d outcomes are unknown, want 1", store.UnknownOutcomes())
	}
	if got, err := store.Append(t.Context(), "client-1", 1, events[:2]); !errors.Is(err, domain.ErrConflict) {
		t.Errorf("a part of it: %v, %v, want a conflict", got, err)
	}
	appended, err := store.Append(t.Context(), "client-1", 1, events)
	if err != nil || appended.Revision != 4 {
		t.Errorf("the same again: %v, %v, want revision 4", appended, err)
	}
	if store.UnknownOutcomes() != 0 {
		t.Errorf("%d outcomes are unknown after a successful append", store.UnknownOutcomes())
	}
}

// TestUnknownOutcomesAreBounded checks that the store drops the older ones after it has read the head.
func TestUnknownOutcomesAreBounded(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	server.Inject(esdbtest.DropReply(), esdbtest.Every(esdbtest.Append))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	const streams = 1003
	for i := range streams {
		// Append does not start with a cancelled context, but it does with one that ends at once.
		ctx, stop := context.WithDeadline(t.Context(), time.Now().Add(200*time.Microsecond))
		_, _ = store.Append(ctx, domain.Stream(fmt.Sprintf("client-%d", i)), domain.NoStream, some("A", 1))
		stop()
	}
	if _, err := store.Append(cancelled, "client-1", domain.NoStream, some("A", 1)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n := store.UnknownOutcomes(); n > 1002 {
		t.Errorf("%d unknown outcomes are kept", n)
	}
	server.ClearFailures()
	if _, err := store.Append(t.Context(), "client-last", domain.NoStream, some("A", 1)); err != nil {
		t.Error(err)
	}
}

func TestContentTypeAndMetadataOnTheNode(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	client := bare(t, server.URL())
	defer client.Close()
	for data, want := range map[string]string{
		`{"a":1}`: "application/json", "1": "application/json", "": "application/octet-stream",
		"{": "application/octet-stream", "\x00\xff": "application/octet-stream",
	} {
		stream := fmt.Sprintf("client-%x", data)
		events := some("$Paid", 1)
		events[0].Data = []byte(data)
		if _, err := store.Append(t.Context(), domain.Stream(stream), domain.NoStream, events); err != nil {
			t.Fatal(err)
		}
		read, err := client.ReadStream(t.Context(), stream, esdb.ReadStreamOptions{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read.Recv()
		if err != nil || got.Event.ContentType != want || got.Event.EventType != "~$Paid" || got.Event.EventID != events[0].ID ||
			string(got.Event.UserMetadata) != `{"clickbook_rest":0,"of":"$Paid"}` {
			t.Errorf("%q is stored as %+v, %v", data, got, err)
		}
		read.Close()
		for entry, err := range store.ReadStream(t.Context(), domain.Stream(stream), 0) {
			if err != nil || entry.Type != "$Paid" || string(entry.Data) != data || string(entry.Meta) != `{"of":"$Paid"}` {
				t.Errorf("%q comes back as %+v, %v", data, entry, err)
			}
		}
	}
}

func TestAppendExplainsRefusals(t *testing.T) {
	server := esdbtest.Start(t) // with the default limit
	store := open(t, server.URL())
	large := some("A", 40)
	for i := range large {
		large[i].Data = bytes.Repeat([]byte("x"), 100_000)
	}
	for name, c := range map[string]struct {
		events  []domain.Stored
		failure esdbtest.Failure
		want    string
	}{
		"one that is too large":   {[]domain.Stored{{ID: large[0].ID, Type: "A", Data: bytes.Repeat(large[0].Data, 11)}}, esdbtest.Failure{}, "raise its MaxAppendSize"},
		"many that are too large": {large, esdbtest.Failure{}, "raise its MaxAppendSize"},
		"not allowed":             {some("A", 1), esdbtest.Refuse(codes.PermissionDenied, "no"), "may read $all and write streams"},
		"an unknown reason":       {some("A", 1), esdbtest.Refuse(codes.Unknown, "out of order"), "out of order"},
	} {
		server.ClearFailures()
		server.Inject(c.failure, esdbtest.Every(esdbtest.Append))
		_, err := store.Append(t.Context(), "client-1", domain.NoStream, c.events)
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, domain.ErrConflict) ||
			errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: %v, want: %s", name, err, c.want)
		}
	}
	server.ClearFailures()
	client := bare(t, server.URL())
	defer client.Close()
	if _, err := store.Append(t.Context(), "client-2", domain.NoStream, some("A", 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := client.TombstoneStream(t.Context(), "client-2", esdb.TombstoneStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Append(t.Context(), "client-2", 0, some("A", 1)); err == nil || !strings.Contains(err.Error(), "was deleted on the node") {
		t.Errorf("append to a tombstoned stream: %v", err)
	}
	if err := readOnce(t, store, "client-2"); err == nil || !strings.Contains(err.Error(), "was deleted on the node") {
		t.Errorf("read of a tombstoned stream: %v", err)
	}
}

// TestReadsFailIfBoundsHideEvents sets bounds on a stream, which hide its first events.
func TestReadsFailIfBoundsHideEvents(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 5)); err != nil {
		t.Fatal(err)
	}
	client := bare(t, server.URL())
	defer client.Close()
	var bounds esdb.StreamMetadata
	bounds.SetMaxCount(2)
	if _, err := client.SetStreamMetadata(t.Context(), "client-1", esdb.AppendToStreamOptions{}, bounds); err != nil {
		t.Fatal(err)
	}
	if err := readOnce(t, store, "client-1"); err == nil || !strings.Contains(err.Error(), "revision 0 of client-1 is missing") {
		t.Errorf("forwards: %v", err)
	}
	var last error
	for _, err := range store.ReadStreamBackwards(t.Context(), "client-1") {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "revision 2 of client-1 is missing") {
		t.Errorf("backwards: %v", last)
	}
}
