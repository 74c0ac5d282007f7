package esdbtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// connect returns a client that is closed when the test ends.
func connect(t *testing.T, url string) *esdb.Client {
	t.Helper()
	config, err := esdb.ParseConnectionString(url)
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = func(esdb.LogLevel, string, ...any) {}
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// withTimeout returns a context that ends long after any test should.
func withTimeout(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// events returns n events. Their ids depend only on the name and the index.
func events(name string, n int) []esdb.EventData {
	made := make([]esdb.EventData, n)
	for i := range made {
		made[i] = esdb.EventData{
			EventID: uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s/%d", name, i)), EventType: "Noted",
			ContentType: esdb.ContentTypeJson, Data: fmt.Appendf(nil, `{"name":%q,"i":%d}`, name, i),
		}
	}
	return made
}

func appendTo(
	t *testing.T, client *esdb.Client, stream string, expected esdb.ExpectedRevision, made []esdb.EventData,
) (*esdb.WriteResult, error) {
	t.Helper()
	options := esdb.AppendToStreamOptions{ExpectedRevision: expected}
	return client.AppendToStream(withTimeout(t), stream, options, made...)
}

// mustAppend appends and returns the position of the last event.
func mustAppend(
	t *testing.T, client *esdb.Client, stream string, expected esdb.ExpectedRevision, made []esdb.EventData,
) esdb.Position {
	t.Helper()
	result, err := appendTo(t, client, stream, expected, made)
	if err != nil {
		t.Fatal(err)
	}
	return esdb.Position{Commit: result.CommitPosition, Prepare: result.PreparePosition}
}

// codeOf returns the client's code for an error, -1 for nil.
func codeOf(err error) esdb.ErrorCode {
	var coded *esdb.Error
	if errors.As(err, &coded) {
		return coded.Code()
	}
	if err != nil {
		return esdb.ErrorCodeUnknown
	}
	return -1
}

func wantCode(t *testing.T, err error, want esdb.ErrorCode) {
	t.Helper()
	if got := codeOf(err); got != want {
		t.Errorf("got code %d (%v), want %d", got, err, want)
	}
}

// drain reads to the end or to an error.
func drain(stream *esdb.ReadStream, err error) ([]*esdb.RecordedEvent, error) {
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	var read []*esdb.RecordedEvent
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return read, nil
		}
		if err != nil {
			return read, err
		}
		read = append(read, event.OriginalEvent())
	}
}

func readStream(t *testing.T, client *esdb.Client, stream string, options esdb.ReadStreamOptions) ([]*esdb.RecordedEvent, error) {
	t.Helper()
	return drain(client.ReadStream(withTimeout(t), stream, options, 1000))
}

func readAll(t *testing.T, client *esdb.Client, options esdb.ReadAllOptions) []*esdb.RecordedEvent {
	t.Helper()
	read, err := drain(client.ReadAll(withTimeout(t), options, 1000))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// describe returns events as stream/revision.
func describe(read []*esdb.RecordedEvent) []string {
	out := make([]string, len(read))
	for i, event := range read {
		out[i] = fmt.Sprintf("%s/%d", event.StreamID, event.EventNumber)
	}
	return out
}

// withoutSystemEvents drops the system events of the node.
func withoutSystemEvents(read []*esdb.RecordedEvent) []*esdb.RecordedEvent {
	var out []*esdb.RecordedEvent
	for _, event := range read {
		if event.EventType[0] != '$' {
			out = append(out, event)
		}
	}
	return out
}

// message describes a message of a subscription.
func message(event *esdb.SubscriptionEvent) string {
	switch {
	case event.EventAppeared != nil:
		return describe([]*esdb.RecordedEvent{event.EventAppeared.OriginalEvent()})[0]
	case event.CheckPointReached != nil:
		return fmt.Sprintf("checkpoint %d/%d", event.CheckPointReached.Commit, event.CheckPointReached.Prepare)
	case event.CaughtUp != nil:
		return "caught up"
	case event.SubscriptionDropped != nil:
		return "dropped"
	}
	return "something else"
}

// next returns the subscription's next n messages.
func next(subscription *esdb.Subscription, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = message(subscription.Recv())
	}
	return out
}
