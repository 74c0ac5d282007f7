package esdbtest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
)

func TestRestartKeepsLogAndAddress(t *testing.T) {
	server := esdbtest.Start(t)
	client, url := connect(t, server.URL()), server.URL()
	at := mustAppend(t, client, "a", esdb.NoStream{}, events("a", 2))
	if err := server.Start(); err == nil {
		t.Error("Start succeeded on a running server")
	}
	server.Stop()
	server.Stop()
	if _, err := appendTo(t, client, "a", esdb.Revision(1), events("b", 1)); err == nil {
		t.Error("an append to a stopped server succeeded")
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if server.URL() != url {
		t.Errorf("the server moved from %s to %s", url, server.URL())
	}
	client = connect(t, url)
	if again := mustAppend(t, client, "a", esdb.NoStream{}, events("a", 2)); again != at {
		t.Errorf("the same append returned %v, and %v after the restart", at, again)
	}
	mustAppend(t, client, "a", esdb.Revision(1), events("b", 1))
}

func TestServerReportsVersion(t *testing.T) {
	for want, server := range map[string]*esdbtest.Server{
		"24.10.0": esdbtest.Start(t), "25.1.3": esdbtest.Start(t, esdbtest.WithVersion("25.1.3")),
	} {
		version, err := connect(t, server.URL()).GetServerVersion()
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%d.%d.%d", version.Major, version.Minor, version.Patch); got != want {
			t.Errorf("got version %s, want %s", got, want)
		}
	}
}

// TestStopLeavesNoGoroutines checks that no goroutine of the server runs after Stop, with clients still connected.
func TestStopLeavesNoGoroutines(t *testing.T) {
	server, err := esdbtest.New()
	if err != nil {
		t.Fatal(err)
	}
	client := connect(t, server.URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 10))
	subscription, err := client.SubscribeToAll(withTimeout(t), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	if err != nil {
		t.Fatal(err)
	}
	defer subscription.Close()
	next(subscription, 1) // the subscription is running
	server.Inject(esdbtest.Delay(time.Hour), esdbtest.Next(1, esdbtest.Append))
	delayed := make(chan error)
	go func() {
		_, err := appendTo(t, client, "b", esdb.NoStream{}, events("b", 1))
		delayed <- err
	}()
	for server.Injected() == 0 {
		runtime.Gosched()
	}
	server.Stop()
	wantCode(t, <-delayed, esdb.ErrorUnavailable)
	var stacks []string
	for range 1000 { // the goroutines of the transport may take a moment
		if stacks = serverStacks(); len(stacks) == 0 {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("goroutines of the server still run:\n%s", strings.Join(stacks, "\n\n"))
}

// serverStacks returns the stacks of the goroutines that run a server.
func serverStacks() []string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var found []string
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		server := strings.Contains(stack, "/esdbtest.") || strings.Contains(stack, "grpc.(*Server)") ||
			strings.Contains(stack, "transport.(*http2Server)")
		if server && !strings.Contains(stack, "/esdbtest_test.") {
			found = append(found, stack)
		}
	}
	return found
}
