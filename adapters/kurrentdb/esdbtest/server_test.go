package esdbtest_test

import (
	"context"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
)

// connect opens a client that is closed when the test ends.
func connect(t *testing.T, url string) *esdb.Client {
	t.Helper()
	config, err := esdb.ParseConnectionString(url)
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = func(level esdb.LogLevel, format string, args ...any) {}
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func TestAppendAndRead(t *testing.T) {
	server := esdbtest.Start(t)
	client := connect(t, server.URL())
	event := esdb.EventData{EventID: uuid.New(), EventType: "Booked", Data: []byte("{}"), ContentType: esdb.ContentTypeJson}
	result, err := client.AppendToStream(context.Background(), "a-1", esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, event)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := client.ReadStream(context.Background(), "a-1", esdb.ReadStreamOptions{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	got, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if got.Event.EventID != event.EventID || got.Event.Position.Commit != result.CommitPosition {
		t.Errorf("read %+v, want %+v at %+v", got.Event, event, result)
	}
}
