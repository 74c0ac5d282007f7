package esdbtest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
)

// isolatedServer returns a server with a/0, which is readable, and a/1, which was written during an isolation and is
// not.
func isolatedServer(t *testing.T) (*esdbtest.Server, *esdb.Client) {
	t.Helper()
	server := esdbtest.Start(t)
	client := connect(t, server.URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 1))
	server.Isolate()
	for range 2 { // the second append is recognised, but its outcome is still unknown
		_, err := appendTo(t, client, "a", esdb.Revision(0), events("b", 1))
		wantCode(t, err, esdb.ErrorAborted)
	}
	if got := fmt.Sprint(describe(withoutSystemEvents(readAll(t, client, esdb.ReadAllOptions{})))); got != "[a/0]" {
		t.Errorf("$all shows %s, want only what was replicated", got)
	}
	if got := stored(t, server, "a"); got != 1 {
		t.Errorf("the stream shows %d events, want only what was replicated", got)
	}
	return server, client
}

func TestRejoinKeepsIsolatedAppends(t *testing.T) {
	server, client := isolatedServer(t)
	subscription, err := client.SubscribeToStream(withTimeout(t), "a", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	if err != nil {
		t.Fatal(err)
	}
	defer subscription.Close()
	if got := fmt.Sprint(next(subscription, 2)); got != "[a/0 caught up]" {
		t.Errorf("subscribed while isolated: got %s", got)
	}
	server.Rejoin()
	if got := fmt.Sprint(next(subscription, 1)); got != "[a/1]" {
		t.Errorf("after it rejoined: got %s", got)
	}
	if again := mustAppend(t, client, "a", esdb.Revision(0), events("b", 1)); stored(t, server, "a") != 2 || again.Commit == 0 {
		t.Error("the same append was not recognised")
	}
}

func TestDeposeRemovesIsolatedAppends(t *testing.T) {
	server, _ := isolatedServer(t)
	if lost := server.Depose(); lost != 1 {
		t.Errorf("%d events were lost, want 1", lost)
	}
	client := connect(t, server.URL())
	mustAppend(t, client, "a", esdb.Revision(0), events("c", 1))
	got := describe(readAll(t, client, esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}))
	if fmt.Sprint(got[:3]) != "[a/1 $epoch-information/1 a/0]" {
		t.Errorf("the log ends, backwards, with %v", got[:3])
	}
}

func TestTruncateReusesPositions(t *testing.T) {
	server := esdbtest.Start(t)
	client := connect(t, server.URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 1))
	taken := mustAppend(t, client, "a", esdb.Revision(0), events("b", 1))
	inside := mustAppend(t, client, "a", esdb.Revision(1), events("c", 1))
	live, err := client.SubscribeToAll(withTimeout(t), esdb.SubscribeToAllOptions{From: inside})
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	next(live, 1)
	if lost := server.Truncate(2); lost != 2 {
		t.Errorf("%d events were lost, want 2", lost)
	}
	if got := next(live, 1)[0]; got != "dropped" {
		t.Errorf("a subscription that had read a lost event got %s, want its end", got)
	}
	client = connect(t, server.URL())
	later := mustAppend(t, client, "a", esdb.Revision(0), events("b", 3))
	read := readAll(t, client, esdb.ReadAllOptions{From: taken})
	if read[0].EventType != "$epoch-information" || read[0].Position != taken {
		t.Errorf("at %v is %s at %v, want the new leader's event", taken, read[0].EventType, read[0].Position)
	}
	_, err = drain(client.ReadAll(withTimeout(t), esdb.ReadAllOptions{From: inside}, 10))
	if codeOf(err) != esdb.ErrorCodeUnknown {
		t.Errorf("a read from %v, which is now inside an event, returned %v", inside, err)
	}
	subscription, err := client.SubscribeToAll(withTimeout(t), esdb.SubscribeToAllOptions{From: inside})
	if err != nil {
		t.Fatal(err)
	}
	if got := next(subscription, 1)[0]; got != "dropped" {
		t.Errorf("a subscription from there got %s", got)
	}
	beyond := esdb.Position{Commit: later.Commit + 10_000, Prepare: later.Commit + 10_000}
	if got := readAll(t, client, esdb.ReadAllOptions{From: beyond}); len(got) != 0 {
		t.Errorf("a read from beyond the end returned %v", describe(got))
	}
}

func TestClientFindsNewLeader(t *testing.T) {
	cluster := esdbtest.StartCluster(t, 3)
	client := connect(t, cluster.URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 1))
	old := cluster.Leader()
	old.Isolate()
	_, err := appendTo(t, client, "a", esdb.Revision(0), events("b", 1))
	wantCode(t, err, esdb.ErrorAborted)
	old.Stop()
	if lost := cluster.Elect(cluster.Nodes[2]); lost != 1 {
		t.Errorf("%d events were lost, want 1", lost)
	}
	// The client notices by a failure, sometimes two: one that happens while it sends has no code, and the client keeps
	// the connection. Then it asks which node leads.
	for range 3 {
		if _, err = appendTo(t, client, "a", esdb.Revision(0), events("b", 1)); err == nil {
			break
		}
	}
	if err != nil {
		t.Errorf("the client did not find the new leader: %v", err)
	}
	for i, node := range cluster.Nodes[1:] {
		if got := stored(t, node, "a"); got != 2 {
			t.Errorf("node %d shows %d events, want 2", i+1, got)
		}
	}
}

func TestFollowerForwardsAppendsUnlessLeaderIsRequired(t *testing.T) {
	cluster := esdbtest.StartCluster(t, 2)
	follower := cluster.Nodes[1]
	mustAppend(t, connect(t, follower.URL()), "a", esdb.NoStream{}, events("a", 1))
	conn, err := grpc.NewClient(follower.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	requiringLeader := metadata.AppendToOutgoingContext(withTimeout(t), "requires-leader", "true")
	trailer := deleteAny(requiringLeader, conn)
	if got := trailer.Get("exception"); fmt.Sprint(got) != "[not-leader]" {
		t.Errorf("the trailers contain %v, want not-leader", got)
	}
	where := fmt.Sprint(trailer.Get("leader-endpoint-host"), trailer.Get("leader-endpoint-port"))
	if want := fmt.Sprintf("[127.0.0.1] [%d]", cluster.Leader().Port()); where != want {
		t.Errorf("the trailers name %s, want %s", where, want)
	}
	cluster.Leader().Stop()
	_, err = appendTo(t, connect(t, follower.URL()), "a", esdb.Revision(0), events("b", 1))
	wantCode(t, err, esdb.ErrorUnavailable)
}

// deleteAny deletes a stream and returns the trailers of the reply.
func deleteAny(ctx context.Context, conn *grpc.ClientConn) metadata.MD {
	var trailer metadata.MD
	request := &streams.DeleteReq{Options: &streams.DeleteReq_Options{
		StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte("a")},
		ExpectedStreamRevision: &streams.DeleteReq_Options_Any{Any: &shared.Empty{}},
	}}
	_, _ = streams.NewStreamsClient(conn).Delete(ctx, request, grpc.Trailer(&trailer)) // the trailers have the result
	return trailer
}

func TestGossipReportsLeaderAndMembers(t *testing.T) {
	cluster := esdbtest.StartCluster(t, 3)
	cluster.Nodes[0].Stop()
	conn, err := grpc.NewClient(cluster.Nodes[1].Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ask := func() string {
		info, err := gossip.NewGossipClient(conn).Read(withTimeout(t), &shared.Empty{})
		if err != nil {
			t.Fatal(err)
		}
		var members []string
		for _, member := range info.Members {
			members = append(members, fmt.Sprint(member.State, " ", member.IsAlive))
		}
		return strings.Join(members, ", ")
	}
	if got := ask(); got != "Leader false, Follower true, Follower true" {
		t.Errorf("with the leader gone: %s", got)
	}
	cluster.Elect(cluster.Nodes[1])
	if got := ask(); got != "Follower false, Leader true, Follower true" {
		t.Errorf("after the election: %s", got)
	}
}
