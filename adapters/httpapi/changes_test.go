package httpapi_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
)

// changesOf opens a stream of changes over the network. The channel gets its lines that are not empty, and is closed
// when the stream ends.
func (w *world) changesOf(ctx context.Context, address, key, path string, headers ...string) <-chan string {
	w.t.Helper()
	sent, err := http.NewRequestWithContext(ctx, http.MethodGet, address+openapi.Base+path, nil)
	w.ok(err)
	sent.Header.Set("Authorization", "Bearer "+key)
	for i := 0; i < len(headers); i += 2 {
		sent.Header.Set(headers[i], headers[i+1])
	}
	got, err := http.DefaultClient.Do(sent)
	w.ok(err)
	if got.StatusCode != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/event-stream") {
		w.t.Fatalf("the stream returned %d as %s", got.StatusCode, got.Header.Get("Content-Type"))
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer func() { _ = got.Body.Close() }()
		for read := bufio.NewScanner(got.Body); read.Scan(); {
			if line := read.Text(); line != "" {
				lines <- line
			}
		}
	}()
	return lines
}

// until returns the first line with a prefix, without it.
// It fails the test after some seconds and when the stream ends.
func (w *world) until(lines <-chan string, prefix string) string {
	w.t.Helper()
	late := time.After(10 * time.Second)
	for {
		select {
		case line, open := <-lines:
			if !open {
				w.t.Fatalf("the stream ended before %q", prefix)
			}
			if rest, is := strings.CutPrefix(line, prefix); is {
				return rest
			}
		case <-late:
			w.t.Fatalf("no %q came", prefix)
		}
	}
}

func TestChangesAreStreamed(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	address, stop, ended := w.listen(10 * time.Second)
	ctx, leave := context.WithCancel(t.Context())
	lines := w.changesOf(ctx, address, acc.staff, acc.path+"/changes")
	w.until(lines, "event: ready")
	all := w.changesOf(t.Context(), address, w.admin, "/changes")
	w.until(all, "event: ready")
	visit := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T10:00")).text("id")
	for {
		at, data := w.until(lines, "id: "), w.until(lines, "data: ")
		if !strings.Contains(data, `"calendar"`) || !strings.Contains(data, visit) {
			t.Fatalf("after a booking the page hears %s", data)
		}
		if at == w.position {
			break
		}
	}
	w.until(all, `data: {"topics":["calendar"],"appointments":["`+visit)
	leave()
	w.must(200, acc.staff, "POST", acc.path+"/appointments/"+visit+"/mark", object{"mark": "confirmed"})
	w.until(all, "id: "+w.head().String()) // the streams know it now
	back := w.changesOf(t.Context(), address, acc.staff, acc.path+"/changes", "Last-Event-ID", w.head().String())
	if got := w.until(back, "id: "); got != w.head().String() {
		t.Errorf("a page that comes back starts at %s, want %s", got, w.head())
	}
	w.hub.Close()
	for range back { // it ends
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the server was stopped with streams open, and said: %v", err)
	}
	w.refused(422, "value_invalid", acc.staff, "GET", acc.path+"/changes", nil, "Last-Event-ID", "yesterday")
}

// TestStreamOutlastsTheLimitsOfTheServer keeps a stream open for longer than a request may take.
func TestStreamOutlastsTheLimitsOfTheServer(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	w := newWorld(t)
	acc := w.newAccount()
	address, stop, _ := w.listen(time.Second)
	defer stop()
	lines := w.changesOf(t.Context(), address, acc.staff, acc.path+"/changes")
	w.until(lines, "event: ready")
	w.until(lines, "data: {}")
	time.Sleep(33 * time.Second)
	w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": "Late"})
	w.until(lines, "event: change") // after the signs of life
	if got := w.until(lines, "data: "); got != `{"topics":["clients"]}` {
		t.Errorf("after 33 seconds the page hears %s", got)
	}
	w.hub.Close()
}

// BenchmarkAppendToStream measures from before an append until the event is on an open page.
func BenchmarkAppendToStream(b *testing.B) {
	w := newWorld(b)
	acc := w.newAccount()
	id, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	address, stop, _ := w.listen(time.Second)
	defer stop()
	lines := w.changesOf(b.Context(), address, acc.staff, acc.path+"/changes")
	w.until(lines, "event: ready")
	w.until(lines, "data: {}")
	n := 0
	var slowest time.Duration
	for b.Loop() {
		n++
		began := time.Now()
		_, err := w.engine.Do(b.Context(), commands.ForAccount(id, domain.Actor{}), client.Register{
			Client: domain.DeriveID[domain.ClientID]("bench", n), Account: id,
			Contact: client.Contact{Name: domain.Secret("Clara")},
		})
		w.ok(err)
		w.until(lines, "data: ")
		slowest = max(slowest, time.Since(began))
	}
	b.ReportMetric(float64(slowest.Microseconds())/1000, "ms-slowest")
	w.hub.Close()
}
