package httpapi_test

import (
	"context"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func (w *world) slog() *slog.Logger { return slog.New(slog.NewTextHandler(w.log, nil)) }

// slow is a database whose query returns no rows, and only when the test closes finish.
type slow struct{ started, finish chan struct{} }

func (s slow) Query(context.Context, string, ...any) iter.Seq2[readmodel.Row, error] {
	close(s.started)
	<-s.finish
	return func(func(readmodel.Row, error) bool) {}
}

// listen starts a real server. ended receives the error of Serve.
func (w *world) listen(grace time.Duration) (address string, stop context.CancelFunc, ended chan error) {
	w.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	w.ok(err)
	ctx, stop := context.WithCancel(context.Background())
	ended = make(chan error, 1)
	go func() { ended <- httpapi.Serve(ctx, httpapi.NewHTTPServer(w.handler, w.slog()), listener, grace) }()
	return "http://" + listener.Addr().String(), stop, ended
}

// send sends a GET over the network and returns its status or its error.
func (w *world) send(address, key, path string) (chan int, chan error) {
	status, failed := make(chan int, 1), make(chan error, 1)
	r := w.request(key, http.MethodGet, path, nil)
	sent, err := http.NewRequest(r.Method, address+r.URL.String(), nil)
	w.ok(err)
	sent.Header = r.Header
	go func() {
		got, err := http.DefaultClient.Do(sent)
		if err != nil {
			failed <- err
			return
		}
		defer func() { _ = got.Body.Close() }()
		status <- got.StatusCode
	}()
	return status, failed
}

func TestServeLetsRequestsFinish(t *testing.T) {
	query := slow{make(chan struct{}), make(chan struct{})}
	w := newWorld(t, func(config *httpapi.Config) { config.Reader.Due.DB = query })
	acc := w.newAccount()
	address, stop, ended := w.listen(time.Minute)
	status, failed := w.send(address, acc.staff, acc.path+"/reminders")
	<-query.started
	stop()
	select {
	case err := <-ended:
		t.Fatalf("Serve returned during a request: %v", err)
	default:
	}
	close(query.finish)
	select {
	case got := <-status:
		if got != http.StatusOK {
			t.Errorf("the request in progress returned %d", got)
		}
	case err := <-failed:
		t.Errorf("the request in progress was cut off: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve returned %v", err)
	}
}

func TestServeCutsRequestsOffAfterGrace(t *testing.T) {
	query := slow{make(chan struct{}), make(chan struct{})}
	w := newWorld(t, func(config *httpapi.Config) { config.Reader.Due.DB = query })
	acc := w.newAccount()
	address, stop, ended := w.listen(time.Millisecond)
	status, failed := w.send(address, acc.staff, acc.path+"/reminders")
	<-query.started
	stop()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("Serve returned %v", err)
	}
	select {
	case got := <-status:
		t.Errorf("the request that was cut off returned %d", got)
	case <-failed:
	}
	close(query.finish)
}
