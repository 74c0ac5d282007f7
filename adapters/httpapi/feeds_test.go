package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

// feeds returns the addresses of the feeds of an account by name, without the host.
func (w *world) feeds(acc fixture) map[string]string {
	w.t.Helper()
	addresses := make(map[string]string)
	for _, item := range w.must(200, acc.owner, "GET", acc.path+"/feeds", nil).items() {
		url, _ := item["url"].(string)
		addresses[item["name"].(string)] = strings.TrimPrefix(url, "https://book.example.org")
	}
	return addresses
}

func TestCalendarFeeds(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	read := func(path string, status int, headers ...string) (*http.Response, string) {
		t.Helper()
		got, body := w.exchange("", http.MethodGet, path, headers...)
		if got.StatusCode != status {
			t.Fatalf("GET %s returned %d, want %d: %s", path, got.StatusCode, status, body)
		}
		return got, body
	}
	if off := w.feeds(acc); len(off) != 2 || off["Music school"] != "" {
		t.Fatalf("the feeds of a new account are %v", off)
	}
	w.must(200, acc.owner, "POST", acc.path+"/feeds/rotate", object{})
	w.must(200, acc.owner, "POST", acc.path+"/feeds/rotate", object{"resource": acc.resource, "names": true})
	of := w.feeds(acc)
	if _, body := read(of["Music school"], 200); !strings.HasPrefix(body, "BEGIN:VCALENDAR") ||
		strings.Contains(body, "VEVENT") {
		t.Errorf("without appointments the feed is\n%s", body)
	}
	booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T10:00")).text("id")
	w.must(200, acc.staff, "GET", acc.path+"/calendar?from=2026-03-09&to=2026-03-10", nil) // the read models have it
	first, body := read(of["Music school"], 200)
	if !strings.Contains(body, "SUMMARY:Lesson: C. W.") || strings.Contains(body, "Wieck") ||
		!strings.Contains(body, "UID:"+booked) {
		t.Errorf("the feed is\n%s", body)
	}
	if _, named := read(of["Room 1"], 200); !strings.Contains(named, "SUMMARY:Lesson: Clara Wieck") {
		t.Errorf("the feed with names is\n%s", named)
	}
	tag := first.Header.Get("ETag")
	w.clock = w.clock.Add(1e9)
	read(of["Music school"], 304, "If-None-Match", tag)
	w.must(200, acc.staff, "POST", acc.path+"/appointments/"+booked+"/move", object{"local": "2026-03-09T11:00"})
	w.must(200, acc.staff, "GET", acc.path+"/calendar?from=2026-03-09&to=2026-03-10", nil)
	read(of["Music school"], 200, "If-None-Match", tag)
	w.must(200, acc.staff, "POST", acc.path+"/appointments/"+booked+"/cancel", object{"by": "staff"})
	w.must(200, acc.staff, "GET", acc.path+"/calendar?from=2026-03-09&to=2026-03-10", nil)
	if _, body := read(of["Music school"], 200); strings.Contains(body, booked) {
		t.Error("the feed shows a cancelled appointment")
	}

	w.must(200, acc.owner, "POST", acc.path+"/feeds/rotate", object{"names": true})
	read(of["Music school"], 404)
	rotated := w.feeds(acc)["Music school"]
	read(rotated, 200)
	read(strings.TrimSuffix(rotated, ".ics"), 404)
	w.must(200, acc.owner, "POST", acc.path+"/feeds/off", object{})
	read(rotated, 404)
	read(of["Room 1"], 200)
	read(of["Room 1"][:len(of["Room 1"])-6]+"AA.ics", 404)
	other := w.newAccount()
	w.refused(404, "resource_unknown", acc.owner, "POST", acc.path+"/feeds/rotate", object{"resource": other.resource})
	w.refused(403, "role_forbidden", acc.staff, "GET", acc.path+"/feeds", nil)
	w.must(200, acc.owner, "POST", acc.path+"/close", nil)
	read(of["Room 1"], 404)
}
