package kurrentdb_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/domain"
)

func TestCloseEndsEveryCall(t *testing.T) {
	server := esdbtest.Start(t, generous)
	store := open(t, server.URL())
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 1)); err != nil {
		t.Fatal(err)
	}
	server.Inject(esdbtest.DelayReply(time.Hour), esdbtest.Next(1, esdbtest.Append))
	var group sync.WaitGroup
	subscribed, appending := make(chan struct{}), make(chan struct{})
	begun := sync.OnceFunc(func() { close(subscribed) })
	group.Go(func() {
		err := store.Subscribe(t.Context(), domain.Position{}, domain.Filter{}, func(context.Context, []domain.Entry) error {
			begun()
			return nil
		})
		if !errors.Is(err, domain.ErrStoreClosed) {
			t.Errorf("a subscription during Close: %v, want %v", err, domain.ErrStoreClosed)
		}
	})
	<-subscribed
	group.Go(func() {
		close(appending)
		if _, err := store.Append(t.Context(), "client-2", domain.NoStream, some("A", 1)); !errors.Is(err, domain.ErrStoreClosed) {
			t.Errorf("an append during Close: %v, want %v", err, domain.ErrStoreClosed)
		}
	})
	<-appending
	waitFor(t, "the append to reach the node", func() bool { return server.Injected() == 1 })
	for range 2 {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
	ctx := t.Context()
	_, appendErr := store.Append(ctx, "client-1", 0, some("A", 1))
	_, headErr := store.Head(ctx)
	_, markErr := store.Mark(ctx, "log")
	errs := map[string]error{
		"append": appendErr, "head": headErr, "mark": markErr, "set a mark": store.SetMark(ctx, "log", "", "x"),
		"read": readOnce(t, store, "client-1"), "verify": store.Verify(ctx),
		"subscribe": store.Subscribe(ctx, domain.Position{}, domain.Filter{}, nil),
	}
	for _, err := range store.ReadStreamBackwards(ctx, "client-1") {
		errs["backwards"] = err
	}
	for _, err := range store.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		errs["read all"] = err
	}
	for what, err := range errs {
		if !errors.Is(err, domain.ErrStoreClosed) {
			t.Errorf("%s after Close: %v, want %v", what, err, domain.ErrStoreClosed)
		}
	}
	if len(errs) != 9 {
		t.Errorf("%d methods were tested, want 9", len(errs))
	}
}

// TestCloseLeavesNoGoroutines uses stores that fail, reconnect and close, and then looks for goroutines of the
// client. It runs in its own process, without the goroutines of other tests.
func TestCloseLeavesNoGoroutines(t *testing.T) {
	const inChild = "CLICKBOOK_TEST_CLOSE_ALONE"
	if os.Getenv(inChild) == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestCloseLeavesNoGoroutines$")
		child.Env = append(os.Environ(), inChild+"=1")
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	server := esdbtest.Start(t, generous)
	for range 3 {
		store, err := kurrentdb.Open(t.Context(), server.URL(), kurrentdb.Options{Patience: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		stream := domain.Stream("client-" + uuid.NewString())
		expected := domain.NoStream
		for range 3 {
			server.Stop()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			events := some("A", 1)
			_, _ = store.Append(ctx, stream, expected, events) // it may still be written later
			cancel()
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			appended, err := store.Append(t.Context(), stream, expected, events)
			if err != nil {
				t.Fatal(err)
			}
			expected = appended.Revision
			enough := errors.New("enough")
			err = store.Subscribe(t.Context(), domain.Position{}, domain.Filter{}, func(context.Context, []domain.Entry) error {
				return enough
			})
			if !errors.Is(err, enough) {
				t.Fatal(err)
			}
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	server.Stop()
	var running string
	defer func() {
		if t.Failed() {
			t.Log(running)
		}
	}()
	waitFor(t, "goroutines of the client, of gRPC and of the store to end", func() bool {
		running = ""
		all := make([]byte, 1<<20)
		for text := range strings.SplitSeq(string(all[:runtime.Stack(all, true)]), "\n\n") {
			ours := strings.Contains(text, "kurrentdb.(") || strings.Contains(text, "EventStore-Client-Go") ||
				strings.Contains(text, "google.golang.org/grpc")
			if ours {
				running += text + "\n\n"
			}
		}
		return running == ""
	})
}

// logRecorder keeps what was logged.
type logRecorder struct {
	slog.Handler
	mu   sync.Mutex
	text []string
}

func (r *logRecorder) Enabled(context.Context, slog.Level) bool { return true }

func (r *logRecorder) Handle(_ context.Context, record slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := fmt.Sprint(record.Level, " ", record.Message)
	record.Attrs(func(attr slog.Attr) bool {
		line += fmt.Sprintf(" %s=%v", attr.Key, attr.Value)
		return true
	})
	r.text = append(r.text, line)
	return nil
}

func TestClientLogsToOptionsLog(t *testing.T) {
	server := esdbtest.Start(t, generous)
	recorder := &logRecorder{}
	store, err := kurrentdb.Open(t.Context(), server.URL(), kurrentdb.Options{Log: slog.New(recorder)})
	if err != nil {
		t.Fatal(err)
	}
	server.Inject(esdbtest.Unavailable(), esdbtest.Next(1, esdbtest.Append))
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 1)); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	recorder.mu.Lock()
	defer recorder.mu.Unlock()
	text := strings.Join(recorder.text, "\n")
	for _, want := range []string{
		"DEBUG kurrentdb client message=discovery attempt 1/1", "WARN kurrentdb client message=unexpected exception",
		"INFO kurrentdb: the next call makes a new connection",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %q:\n%s", want, text)
		}
	}
}
