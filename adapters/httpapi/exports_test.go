package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func TestDownloadsHaveTheAppointmentsOfTheRange(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	mallory := w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": "=HYPERLINK(\"x\")"}).text("id")
	w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T09:00"))
	w.must(201, acc.staff, "POST", acc.path+"/appointments",
		object{"client": mallory, "service": acc.service, "local": "2026-03-09T10:00"})
	get := func(key, address string) (*http.Response, string) {
		return w.exchange(key, http.MethodGet, openapi.Base+acc.path+"/appointments."+address)
	}
	response, sheet := get(acc.staff, "csv?from=2026-03-06&to=2026-03-10")
	if got := response.Header.Get("Content-Type"); got != "text/csv; charset=utf-8; header=present" {
		t.Errorf("the sheet is of type %s", got)
	}
	if got := response.Header.Get("Content-Disposition"); got != `attachment; filename="appointments-2026-03-06-2026-03-10.csv"` {
		t.Errorf("the sheet is sent as %s", got)
	}
	for _, want := range []string{
		"id,client_name,phone,", ",Clara Wieck,'+4915123456789,clara@example.com,Lesson,Room 1,1,2026-03-06T09:00:00+01:00,",
		`,"'=HYPERLINK(""x"")",`,
	} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the sheet lacks %s:\n%s", want, sheet)
		}
	}
	response, calendar := get(acc.owner, "ics?from=2026-03-06&to=2026-03-07")
	if response.Header.Get("Content-Type") != "text/calendar; charset=utf-8" ||
		strings.Count(calendar, "BEGIN:VEVENT\r\n") != 1 || !strings.Contains(calendar, "SUMMARY:Lesson: Clara Wieck\r\n") {
		t.Errorf("the calendar is %v\n%s", response.Header, calendar)
	}
	if _, empty := get(w.admin, "csv?from=2026-03-07&to=2026-03-09"); strings.Count(empty, "\n") != 1 {
		t.Errorf("a range without appointments has\n%s", empty)
	}
	w.must(200, acc.owner, "POST", acc.path+"/clients/"+mallory+"/erase", nil)
	if _, after := get(acc.staff, "csv?from=2026-03-09&to=2026-03-10"); !strings.Contains(after, ",erased,,,Lesson,") {
		t.Errorf("after an erasure the sheet is\n%s", after)
	}
	for address, status := range map[string]int{
		"csv?from=2026-03-06&to=2027-03-07": 200, "csv?from=2026-03-06&to=2027-03-09": 422,
		"ics?from=2026-03-06&to=2026-03-06": 422, "ics?from=2026-03-06&to=2026-03-05": 422, "ics?from=2026-03-06": 422,
		"csv?from=2026-03-06&to=2026-03-07&format=pdf": 400, "pdf?from=2026-03-06&to=2026-03-07": 404,
	} {
		if got, body := get(acc.staff, address); got.StatusCode != status {
			t.Errorf("%s returned %d %s", address, got.StatusCode, body)
		}
	}
	if got, _ := get(acc.billing, "csv?from=2026-03-06&to=2026-03-07"); got.StatusCode != http.StatusForbidden {
		t.Errorf("a billing key got %d", got.StatusCode)
	}
}

// broken is a database that fails after some queries.
type broken struct {
	readmodel.Reader
	good *int
}

func (b broken) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	if *b.good--; *b.good < 0 {
		return func(yield func(readmodel.Row, error) bool) { yield(nil, errors.New("the disk is gone")) }
	}
	return b.Reader.Query(ctx, sql, args...)
}

// TestDownloadsAreWholeOrBrokenOff lets the database fail before the first byte, and in the middle.
func TestDownloadsAreWholeOrBrokenOff(t *testing.T) {
	good := 1 << 20
	w := newWorld(t, func(config *httpapi.Config) {
		config.Reader.Clients.DB = broken{config.Reader.Clients.DB, &good}
	})
	acc := w.newAccount()
	for i := range 30 {
		id := w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": fmt.Sprintf("%0200d", i)}).text("id")
		w.must(201, acc.staff, "POST", acc.path+"/appointments", object{
			"client": id, "service": acc.service, "local": fmt.Sprintf("2026-03-%02dT%02d:00", 9+i/8, 9+i%8),
		})
	}
	server := httptest.NewServer(w.handler)
	defer server.Close()
	for _, c := range []struct{ good, status int }{{1 << 20, 200}, {0, 500}, {28, 200}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			server.URL+openapi.Base+acc.path+"/appointments.csv?from=2026-03-09&to=2026-03-14", nil)
		w.ok(err)
		r.Header.Set("Authorization", "Bearer "+acc.staff)
		r.Header.Set(openapi.PositionHeader, w.position)
		good = c.good
		response, err := server.Client().Do(r)
		w.ok(err)
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != c.status || (err != nil) != (c.good == 28) || strings.Contains(string(body), "disk") {
			t.Errorf("after %d queries: %d, %v\n%s", c.good, response.StatusCode, err, body)
		}
		if rows := strings.Count(string(body), "\n"); c.good > 30 && rows != 31 {
			t.Errorf("the whole file has %d rows", rows)
		}
	}
	if !strings.Contains(w.log.String(), "a download was broken off") {
		t.Error("the log does not say that a download was broken off")
	}
}

// downloads downloads a file of each kind. A file is not JSON, so the document says nothing about its content.
func (w *world) downloads(acc fixture) {
	w.t.Helper()
	for operation, file := range map[string]string{
		"exportSheet": "appointments.csv", "exportCalendar": "appointments.ics", "exportDeliveries": "deliveries.csv",
	} {
		got, body := w.exchange(acc.staff, http.MethodGet, openapi.Base+acc.path+"/"+file+"?from=2026-03-06&to=2026-03-07")
		if w.done[operation] = got.StatusCode == http.StatusOK; !w.done[operation] {
			w.t.Errorf("%s returned %d %s", operation, got.StatusCode, body)
		}
	}
}
