package httpapi_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
)

func (w *world) slog() *slog.Logger { return slog.New(slog.NewTextHandler(w.log, nil)) }

// slow is a question that is answered only when the test says so.
type slow struct{ asked, answer chan struct{} }

func (s slow) Of(context.Context, domain.AccountID, time.Time, int) ([]messaging.DueReminder, error) {
	close(s.asked)
	<-s.answer
	return nil, nil
}

// serving starts a real server and answers how it ended.
func (w *world) serving(grace time.Duration) (address string, stop context.CancelFunc, ended chan error) {
	w.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	w.ok(err)
	ctx, stop := context.WithCancel(context.Background())
	ended = make(chan error, 1)
	go func() { ended <- httpapi.Serve(ctx, httpapi.NewHTTPServer(w.handler, w.slog()), listener, grace) }()
	return "http://" + listener.Addr().String(), stop, ended
}

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

func TestStoppingLetsRequestsFinish(t *testing.T) {
	waiting := slow{make(chan struct{}), make(chan struct{})}
	w := newWorld(t, func(config *httpapi.Config) { config.Due = waiting })
	made := w.tenant()
	address, stop, ended := w.serving(time.Minute)
	status, failed := w.send(address, made.staff, made.path+"/reminders")
	<-waiting.asked
	stop()
	select {
	case err := <-ended:
		t.Fatalf("it stopped with a request under way: %v", err)
	default:
	}
	close(waiting.answer)
	select {
	case got := <-status:
		if got != http.StatusOK {
			t.Errorf("the request under way was answered %d", got)
		}
	case err := <-failed:
		t.Errorf("the request under way was cut off: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("it stopped with %v", err)
	}
}

func TestStoppingDoesNotWaitForEver(t *testing.T) {
	waiting := slow{make(chan struct{}), make(chan struct{})}
	w := newWorld(t, func(config *httpapi.Config) { config.Due = waiting })
	made := w.tenant()
	address, stop, ended := w.serving(time.Millisecond)
	status, failed := w.send(address, made.staff, made.path+"/reminders")
	<-waiting.asked
	stop()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("it stopped with %v", err)
	}
	select {
	case got := <-status:
		t.Errorf("the request that was cut off was answered %d", got)
	case <-failed:
	}
	close(waiting.answer)
}
