package kurrentdb_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/domain"
)

// badNode sends replies that no real node sends.
type badNode struct {
	streams.UnimplementedStreamsServer
	serverfeatures.UnimplementedServerFeaturesServer
	read   func(*streams.ReadReq, streams.Streams_ReadServer) error
	append func(streams.Streams_AppendServer) error
}

func (n *badNode) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	return &serverfeatures.SupportedMethods{EventStoreServerVersion: "24.10.0"}, nil
}

func (n *badNode) Read(request *streams.ReadReq, call streams.Streams_ReadServer) error {
	if request.GetOptions().GetStream() == nil && request.GetOptions().GetSubscription() == nil {
		return nil // an empty log
	}
	return n.read(request, call)
}

func (n *badNode) Append(call streams.Streams_AppendServer) error { return n.append(call) }

func (n *badNode) start(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	streams.RegisterStreamsServer(server, n)
	serverfeatures.RegisterServerFeaturesServer(server, n)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		server.Stop()
		serving.Wait()
	})
	return "esdb://" + listener.Addr().String() + "?tls=false"
}

func panics(work func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	work()
	return false
}

func readOnce(t *testing.T, store *kurrentdb.Store, stream domain.Stream) error {
	t.Helper()
	for _, err := range store.ReadStream(t.Context(), stream, 0) {
		return err
	}
	return nil
}

func TestDefectD_UnexpectedReplyPanics(t *testing.T) {
	node := &badNode{read: func(request *streams.ReadReq, call streams.Streams_ReadServer) error {
		if string(request.GetOptions().GetStream().GetStreamIdentifier().GetStreamName()) != "bad-1" {
			return nil
		}
		return call.Send(&streams.ReadResp{Content: &streams.ReadResp_FirstStreamPosition{FirstStreamPosition: 7}})
	}}
	url := node.start(t)
	client := bare(t, url)
	defer client.Close()
	if !panics(func() { _ = firstOf(client.ReadStream(t.Context(), "bad-1", esdb.ReadStreamOptions{}, 1)) }) {
		t.Error("the client did not panic: defect (d) is fixed")
	}
	store := open(t, url)
	err := readOnce(t, store, "bad-1")
	if err == nil || !strings.Contains(err.Error(), "panic") || errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("a read that makes the client panic: %v, want an error that says so", err)
	}
	if err := readOnce(t, store, "good-1"); err != nil {
		t.Errorf("a read after a panic: %v", err)
	}
}

// TestDefectE_EventWithoutTimeEndsTheProgram shows a defect that cannot be worked around: the client calls log.Fatalf
// in the goroutine of the call, which skips every deferred function. Nodes have always written the time. A proxy or a
// test server must keep it.
func TestDefectE_EventWithoutTimeEndsTheProgram(t *testing.T) {
	const url = "CLICKBOOK_TEST_DEFECT_E"
	if target := os.Getenv(url); target != "" {
		_ = readOnce(t, open(t, target), "bad-1")
		return
	}
	node := &badNode{read: func(_ *streams.ReadReq, call streams.Streams_ReadServer) error {
		return call.Send(&streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
			Event: &streams.ReadResp_ReadEvent_RecordedEvent{
				StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("bad-1")},
				Metadata:         map[string]string{"type": "A", "content-type": "application/json"},
			},
		}}})
	}}
	child := exec.Command(os.Args[0], "-test.run=^TestDefectE_EventWithoutTimeEndsTheProgram$")
	child.Env = append(os.Environ(), url+"="+node.start(t))
	out, err := child.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(out), "Failed to parse created date") {
		t.Errorf("the program continued (%v): defect (e) is fixed\n%s", err, out)
	}
}

func TestDefectF_DeletedStreamWithoutItsNamePanics(t *testing.T) {
	deleted := func(ctx context.Context) error {
		_ = grpc.SetTrailer(ctx, metadata.Pairs("exception", "stream-deleted"))
		return status.Error(codes.FailedPrecondition, "deleted")
	}
	node := &badNode{
		read:   func(_ *streams.ReadReq, call streams.Streams_ReadServer) error { return deleted(call.Context()) },
		append: func(call streams.Streams_AppendServer) error { return deleted(call.Context()) },
	}
	url := node.start(t)
	client := bare(t, url)
	defer client.Close()
	if !panics(func() { _ = firstOf(client.ReadStream(t.Context(), "bad-1", esdb.ReadStreamOptions{}, 1)) }) {
		t.Error("the client did not panic: defect (f) is fixed")
	}
	store := open(t, url)
	if err := readOnce(t, store, "bad-1"); err == nil || !strings.Contains(err.Error(), "panic") {
		t.Errorf("a read that makes the client panic: %v, want an error that says so", err)
	}
	_, err := store.Append(t.Context(), "bad-1", domain.NoStream, some("A", 1))
	if err == nil || errors.Is(err, domain.ErrConflict) {
		t.Errorf("an append that makes the client panic: %v, want an error other than a conflict", err)
	}
}
