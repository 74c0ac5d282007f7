package esdbtest

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestTruncationEndsRunningReads checks that a read of truncated events ends even before the connections are closed,
// which Truncate does next.
func TestTruncationEndsRunningReads(t *testing.T) {
	server := Start(t)
	config, err := esdb.ParseConnectionString(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = func(esdb.LogLevel, string, ...any) {}
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	const events, size = 200, 10_000 // far more than a connection buffers
	for range events {
		event := esdb.EventData{EventID: uuid.New(), EventType: "Noted", Data: make([]byte, size)}
		if _, err := client.AppendToStream(ctx, "a", esdb.AppendToStreamOptions{}, event); err != nil {
			t.Fatal(err)
		}
	}
	subscription, err := client.SubscribeToStream(ctx, "b", esdb.SubscribeToStreamOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer subscription.Close()
	if subscription.Recv().CaughtUp == nil {
		t.Fatal("the subscription did not catch up")
	}
	stream, err := client.ReadStream(ctx, "a", esdb.ReadStreamOptions{}, events)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	server.log.mu.Lock()
	server.log.truncate(1)
	server.log.mu.Unlock()
	read := 1
	for ; err == nil; read++ {
		_, err = stream.Recv()
	}
	var failure *esdb.Error
	if !errors.As(err, &failure) || failure.Code() != esdb.ErrorUnavailable || errors.Is(err, io.EOF) {
		t.Errorf("the read continued to event %d and ended with %v, want the node unavailable", read, err)
	}
	if dropped := subscription.Recv().SubscriptionDropped; dropped == nil || status.Code(dropped.Error) != codes.Unavailable {
		t.Errorf("the subscription continued, or ended with %v, want the node unavailable", dropped)
	}
	server.Stop()
	if left := len(server.conns.open); left != 0 {
		t.Errorf("%d connections are still recorded, want none", left)
	}
}
