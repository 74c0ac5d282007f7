package kurrentdb_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/domain"
)

// Each TestDefect first shows a defect of the client, so that a version without it is noticed, and then checks that
// the store recovers from it.

// bare returns a client without the supervisor.
func bare(t testing.TB, url string) *esdb.Client {
	t.Helper()
	config, err := esdb.ParseConnectionString(url)
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = esdb.NoopLogging()
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func impatient(t testing.TB, url string) *kurrentdb.Store {
	t.Helper()
	store, err := kurrentdb.Open(t.Context(), url, kurrentdb.Options{Patience: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return store
}

// waitFor polls until a condition holds that nothing signals.
func waitFor(t testing.TB, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 30_000 {
		if condition() {
			return
		}
		<-tick.C
	}
	t.Fatalf("waited too long for: %s", what)
}

func firstOf(stream *esdb.ReadStream, err error) error {
	if err != nil {
		return err
	}
	defer stream.Close()
	_, err = stream.Recv()
	return err
}

func codeOf(err error) esdb.ErrorCode {
	var known *esdb.Error
	if !errors.As(err, &known) {
		return -1
	}
	return known.Code()
}

func TestDefectA_ClientNeverReconnects(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := impatient(t, server.URL())
	server.Stop()
	client := bare(t, server.URL()+"&maxDiscoverAttempts=1")
	defer client.Close()
	read := func() error {
		return firstOf(client.ReadAll(t.Context(), esdb.ReadAllOptions{}, 1))
	}
	if err := read(); codeOf(err) != esdb.ErrorUnavailable {
		t.Fatalf("the client without a node: %v", err)
	}
	for range 3 {
		if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 1)); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("append without a node: %v, want %v", err, domain.ErrUnavailable)
		}
		if _, err := store.Head(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("head without a node: %v, want %v", err, domain.ErrUnavailable)
		}
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := read(); codeOf(err) != esdb.ErrorCodeConnectionClosed {
		t.Errorf("the client recovered by itself (%v): defect (a) is fixed, simplify the supervisor", err)
	}
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 1)); err != nil {
		t.Errorf("append when the node is back: %v", err)
	}
}

func TestDefectB_ClientBlocksCallers(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := impatient(t, server.URL())
	server.Stop()
	const callers = 8
	if !raceDetector {
		blocksCallers(t, server.URL(), callers)
	}
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err := store.Append(ctx, "client-1", domain.NoStream, some("A", 1))
			if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("append without a node: %v", err)
			}
		})
	}
	group.Wait()
	waitFor(t, "abandoned calls to be freed", func() bool { return store.Abandoned() == 0 })
}

func blocksCallers(t *testing.T, url string, callers int) {
	t.Helper()
	client := bare(t, url+"&maxDiscoverAttempts=1&discoveryInterval=300")
	returned := make(chan any, callers)
	for range callers {
		go func() {
			defer func() { returned <- recover() }()
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			_, _ = client.ReadAll(ctx, esdb.ReadAllOptions{}, 1)
		}()
	}
	<-returned // the first call returns; the others block until Close, which makes them panic
	waitFor(t, "the client to notice that it has no node", func() bool {
		_, err := client.GetServerVersion()
		return codeOf(err) == esdb.ErrorCodeConnectionClosed
	})
	_ = client.Close()
	panics := 0
	for range callers - 1 {
		if <-returned != nil {
			panics++
		}
	}
	if panics == 0 {
		t.Error("no caller of the client was blocked: defect (b) is fixed, simplify the supervisor")
	}
}

// TestHangingConnectBlocksNoCaller tests defect (b) with a node that accepts connections and sends nothing.
func TestHangingConnectBlocksNoCaller(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	try := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, err := store.Head(ctx)
		return err
	}
	server.Stop()
	if err := try(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("head without a node: %v, want %v", err, context.DeadlineExceeded)
	}
	server.Inject(esdbtest.Delay(time.Hour), esdbtest.Every(esdbtest.Features))
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := try(); !errors.Is(err, context.DeadlineExceeded) || server.Injected() == 0 {
		t.Errorf("head of a node that hangs: %v, want %v", err, context.DeadlineExceeded)
	}
	server.ClearFailures()
	server.DropConnections()
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 1)); err != nil {
		t.Errorf("append when the node has recovered: %v", err)
	}
	waitFor(t, "abandoned calls to be freed", func() bool { return store.Abandoned() == 0 })
}

func TestDefectC_ClientDoesNotRequireLeader(t *testing.T) {
	cluster := esdbtest.StartCluster(t, 2, generous)
	follower := cluster.Nodes[1]
	client := bare(t, follower.URL()+"&nodePreference=leader")
	defer client.Close()
	if err := firstOf(client.ReadAll(t.Context(), esdb.ReadAllOptions{}, 1)); err != nil {
		t.Errorf("the client was sent to the leader (%v): defect (c) is fixed, remove the header from supervisor.start", err)
	}
	store := open(t, follower.URL())
	follower.Stop() // the store must be connected to the leader now
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 1)); err != nil {
		t.Errorf("append: %v", err)
	}
}

// TestElection makes other nodes lead while stores are connected in different ways.
func TestElection(t *testing.T) {
	cluster := esdbtest.StartCluster(t, 3, generous)
	for name, url := range map[string]string{"gossip": cluster.URL(), "one node": cluster.Nodes[0].URL()} {
		t.Run(name, func(t *testing.T) {
			store := open(t, url)
			expected, stream := domain.NoStream, domain.Stream("client-"+name)
			for round := range 4 {
				if n := cluster.Elect(cluster.Nodes[(round+1)%3]); n != 0 {
					t.Fatalf("%d events were lost", n)
				}
				appended, err := store.Append(t.Context(), stream, expected, some("A", 2))
				if err != nil {
					t.Fatal(err)
				}
				expected = appended.Revision
				if head, err := store.Head(t.Context()); err != nil || head != appended.Position {
					t.Errorf("head %v, %v, want %v", head, err, appended.Position)
				}
			}
		})
	}
}

func TestDefectG_WrappedErrorsHideTheirCode(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	client := bare(t, server.URL())
	defer client.Close()
	server.Inject(esdbtest.Refuse(codes.PermissionDenied, "no"), esdbtest.Every(esdbtest.Subscribe))
	_, err := client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{})
	if seen, _ := esdb.FromError(err); seen.Code() != esdb.ErrorCodeUnknown || codeOf(err) != esdb.ErrorCodeAccessDenied {
		t.Errorf("FromError finds code %d in %v: defect (g) is fixed", seen.Code(), err)
	}
	err = store.Subscribe(t.Context(), domain.Position{}, domain.Filter{}, func(context.Context, []domain.Entry) error {
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "does not allow this to the user") {
		t.Errorf("a subscription without permission: %v", err)
	}
}
