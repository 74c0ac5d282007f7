package esdbtest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
)

// stored returns how many events a stream holds, read by a new client.
func stored(t *testing.T, server *esdbtest.Server, stream string) int {
	t.Helper()
	read, err := readStream(t, connect(t, server.URL()), stream, esdb.ReadStreamOptions{})
	if codeOf(err) == esdb.ErrorCodeResourceNotFound {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(read)
}

func always(failure esdbtest.Failure) func(*esdbtest.Server) esdbtest.Failure {
	return func(*esdbtest.Server) esdbtest.Failure { return failure }
}

func TestAppendFailures(t *testing.T) {
	for name, c := range map[string]struct {
		failure func(*esdbtest.Server) esdbtest.Failure
		code    esdb.ErrorCode // of the append that fails
		stored  int            // events after it
	}{
		"the request is lost":     {always(esdbtest.DropRequest()), esdb.ErrorUnavailable, 0},
		"the reply is lost":       {always(esdbtest.DropReply()), esdb.ErrorUnavailable, 2},
		"it is sent twice":        {always(esdbtest.Duplicate()), -1, 2},
		"it is late":              {always(esdbtest.Delay(time.Millisecond)), -1, 2},
		"its reply is late":       {always(esdbtest.DelayReply(time.Millisecond)), -1, 2},
		"the node is unavailable": {always(esdbtest.Unavailable()), esdb.ErrorUnavailable, 0},
		"a timeout, not written":  {always(esdbtest.TimeOut(false)), esdb.ErrorAborted, 0},
		"a timeout, written":      {always(esdbtest.TimeOut(true)), esdb.ErrorAborted, 2},
		"permission denied":       {always(esdbtest.Refuse(codes.PermissionDenied, "no")), esdb.ErrorCodeAccessDenied, 0},
		"another node leads": {func(s *esdbtest.Server) esdbtest.Failure {
			return esdbtest.NotLeader("127.0.0.1", s.Port()) // itself, so that the client finds a node there
		}, esdb.ErrorCodeNotLeader, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := esdbtest.Start(t)
			client := connect(t, server.URL())
			server.Inject(c.failure(server), esdbtest.Next(1, esdbtest.Append))
			_, err := appendTo(t, client, "a", esdb.NoStream{}, events("a", 2))
			wantCode(t, err, c.code)
			if server.Injected() != 1 {
				t.Errorf("the failure happened %d times, want once", server.Injected())
			}
			if got := stored(t, server, "a"); got != c.stored {
				t.Errorf("the stream holds %d events, want %d", got, c.stored)
			}
			mustAppend(t, client, "a", esdb.NoStream{}, events("a", 2)) // the same append again
			if got := stored(t, server, "a"); got != 2 {
				t.Errorf("the stream holds %d events after the repeated append, want 2", got)
			}
		})
	}
}

func TestDelayLastsUntilClientGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		failure esdbtest.Failure
		stored  func(injected int) int
	}{
		"before the work": {esdbtest.Delay(time.Hour), func(int) int { return 0 }},
		"after the work":  {esdbtest.DelayReply(time.Hour), func(injected int) int { return injected }},
	} {
		t.Run(name, func(t *testing.T) {
			server := esdbtest.Start(t)
			client := connect(t, server.URL())
			mustAppend(t, client, "b", esdb.NoStream{}, events("b", 1))
			server.Inject(c.failure, esdbtest.Next(1, esdbtest.Append))
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			options := esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}
			_, err := client.AppendToStream(ctx, "a", options, events("a", 1)...)
			wantCode(t, err, esdb.ErrorCodeDeadlineExceeded)
			server.Stop() // the call has ended on the server too
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			if got, want := stored(t, server, "a"), c.stored(server.Injected()); got != want {
				t.Errorf("the stream holds %d events, want %d", got, want)
			}
		})
	}
}

func TestUnrecognisedDuplicateIsStoredTwice(t *testing.T) {
	server := esdbtest.Start(t, esdbtest.WithRecentIDs(0))
	server.Inject(esdbtest.Duplicate(), esdbtest.Next(1, esdbtest.Append))
	mustAppend(t, connect(t, server.URL()), "a", esdb.Any{}, events("a", 1))
	if got := stored(t, server, "a"); got != 2 {
		t.Errorf("the stream holds %d events, want the same event twice", got)
	}
}

func TestReadFailures(t *testing.T) {
	server := esdbtest.Start(t)
	client := connect(t, server.URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 5))
	for name, c := range map[string]struct {
		failure esdbtest.Failure
		want    string // what arrives
		code    esdb.ErrorCode
	}{
		"ends in the middle":  {esdbtest.BreakAfter(2), "[a/0 a/1]", esdb.ErrorUnavailable},
		"ends after the last": {esdbtest.BreakAfter(5), "[a/0 a/1 a/2 a/3 a/4]", esdb.ErrorUnavailable},
		"ends normally":       {esdbtest.BreakAfter(6), "[a/0 a/1 a/2 a/3 a/4]", -1},
		"unavailable":         {esdbtest.Unavailable(), "[]", esdb.ErrorUnavailable},
		"everything twice":    {esdbtest.Repeat(), "[a/0 a/0 a/1 a/1 a/2 a/2 a/3 a/3 a/4 a/4]", -1},
	} {
		server.Inject(c.failure, esdbtest.Next(1, esdbtest.Read))
		read, err := readStream(t, client, "a", esdb.ReadStreamOptions{})
		if got := fmt.Sprint(describe(read)); got != c.want || codeOf(err) != c.code {
			t.Errorf("%s: got %s and code %d (%v), want %s and %d", name, got, codeOf(err), err, c.want, c.code)
		}
	}
	for name, failure := range map[string]esdbtest.Failure{"cut": esdbtest.CutAfter(2), "reply lost": esdbtest.DropReply()} {
		server.Inject(failure, esdbtest.Next(1, esdbtest.Read))
		read, err := readStream(t, client, "a", esdb.ReadStreamOptions{})
		if codeOf(err) != esdb.ErrorUnavailable || len(read) > 5 {
			t.Errorf("%s: got %v and %v", name, describe(read), err)
		}
	}
	if got := stored(t, server, "a"); got != 5 {
		t.Errorf("a later read returned %d events, want 5", got)
	}
}

func TestSubscriptionFailures(t *testing.T) {
	server := esdbtest.Start(t)
	client := connect(t, server.URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 2))
	open := func() *esdb.Subscription {
		subscription, err := client.SubscribeToStream(withTimeout(t), "a", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { subscription.Close() })
		return subscription
	}
	server.Inject(esdbtest.BreakAfter(1), esdbtest.Next(1, esdbtest.Subscribe))
	if got := fmt.Sprint(next(open(), 2)); got != "[a/0 dropped]" {
		t.Errorf("ends after one: got %s", got)
	}
	server.Inject(esdbtest.Repeat(), esdbtest.Next(1, esdbtest.Subscribe))
	if got := fmt.Sprint(next(open(), 5)); got != "[a/0 a/0 a/1 a/1 caught up]" {
		t.Errorf("everything twice: got %s", got)
	}
	live := open()
	next(live, 3)
	server.DropConnections()
	if got := fmt.Sprint(next(live, 1)); got != "[dropped]" {
		t.Errorf("after the connections were dropped: got %s", got)
	}
}

func TestFailuresHappenToSelectedCalls(t *testing.T) {
	server := esdbtest.Start(t)
	client := connect(t, server.URL())
	server.Inject(esdbtest.Refuse(codes.PermissionDenied, "not b"), esdbtest.When(func(call esdbtest.Call) bool {
		return call.Kind == esdbtest.Append && call.Stream == "b" && call.Events == 2
	}))
	server.Inject(esdbtest.TimeOut(false), esdbtest.Next(2, esdbtest.Append))
	for i, c := range []struct {
		stream string
		events int
		code   esdb.ErrorCode
	}{
		{"b", 2, esdb.ErrorCodeAccessDenied},
		{"b", 1, esdb.ErrorAborted},
		{"a", 2, esdb.ErrorAborted},
		{"a", 2, -1},
		{"b", 2, esdb.ErrorCodeAccessDenied},
	} {
		if _, err := appendTo(t, client, c.stream, esdb.NoStream{}, events(c.stream, c.events)); codeOf(err) != c.code {
			t.Errorf("append %d: got code %d (%v), want %d", i, codeOf(err), err, c.code)
		}
	}
	server.ClearFailures()
	mustAppend(t, client, "b", esdb.NoStream{}, events("b", 2))
	if server.Injected() != 4 {
		t.Errorf("failures happened to %d calls, want 4", server.Injected())
	}
}

// TestLostConnectionFailsEveryCall checks that a subscription ends when an append on the same connection loses its
// reply, and that one on another connection does not.
func TestLostConnectionFailsEveryCall(t *testing.T) {
	for name, failure := range map[string]esdbtest.Failure{"request": esdbtest.DropRequest(), "reply": esdbtest.DropReply()} {
		t.Run(name, func(t *testing.T) {
			server := esdbtest.Start(t)
			client, other := connect(t, server.URL()), connect(t, server.URL())
			subscribe := func(client *esdb.Client) *esdb.Subscription {
				subscription, err := client.SubscribeToStream(withTimeout(t), "a", esdb.SubscribeToStreamOptions{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { subscription.Close() })
				next(subscription, 1)
				return subscription
			}
			same, elsewhere := subscribe(client), subscribe(other)
			server.Inject(failure, esdbtest.Next(1, esdbtest.Append))
			_, err := appendTo(t, client, "b", esdb.NoStream{}, events("b", 1))
			wantCode(t, err, esdb.ErrorUnavailable)
			if got := next(same, 1)[0]; got != "dropped" {
				t.Errorf("on the same connection: got %s", got)
			}
			mustAppend(t, other, "a", esdb.NoStream{}, events("a", 1))
			if got := next(elsewhere, 1)[0]; got != "a/0" {
				t.Errorf("on another connection: got %s", got)
			}
		})
	}
}
