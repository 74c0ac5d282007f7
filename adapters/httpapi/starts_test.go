package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
)

// nightly opens the room of an account all day, every day, in a zone, and returns its service.
func (w *world) nightly(zone, country string) fixture {
	w.t.Helper()
	acc := w.newAccount()
	settings := w.must(200, acc.owner, "GET", acc.path, nil)
	w.must(200, acc.owner, "PUT", acc.path+"/settings", object{
		"name": "Night school", "zone": zone, "locale": "en", "country": country, "email": "ann@example.com",
	}, "If-Match", settings.header.Get("ETag"))
	room := acc.path + "/resources/" + acc.resource
	w.must(200, acc.owner, "PUT", room+"/hours", object{
		"zone": zone, "hours": []object{{"days": []int{0, 1, 2, 3, 4, 5, 6}, "from": "00:00", "to": "24:00"}},
	}, "If-Match", w.must(200, acc.owner, "GET", room, nil).header.Get("ETag"))
	service := acc.path + "/services/" + acc.service
	quarters := policy("Lesson", anyOf(acc.resource))
	quarters["duration_min"] = 15
	w.must(200, acc.owner, "PUT", service, quarters,
		"If-Match", w.must(200, acc.owner, "GET", service, nil).header.Get("ETag"))
	return acc
}

func TestLocalTimeThatDoesNotExistIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ zone, country, local, before, after string }{
		{"Europe/Berlin", "DE", "2026-03-29T02:30", "2026-03-29T01:59", "2026-03-29T03:00"},
		{"Australia/Lord_Howe", "AU", "2026-10-04T02:15:00", "2026-10-04T01:59", "2026-10-04T02:30"},
		{"America/Santiago", "CL", "2026-09-06T00:15", "2026-09-05T23:59", "2026-09-06T01:00"},
		{"Africa/Cairo", "EG", "2026-04-24T00:15", "2026-04-23T23:59", "2026-04-24T01:00"},
		{"Asia/Beirut", "LB", "2026-03-29T00:45", "2026-03-28T23:59", "2026-03-29T01:00"},
		{"Pacific/Apia", "WS", "2011-12-30T12:00", "2011-12-29T23:59", "2011-12-31T00:00"},
	} {
		acc := w.nightly(c.zone, c.country)
		booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-06-01T09:00"))
		for _, r := range []*http.Request{
			w.request(acc.staff, "POST", acc.path+"/appointments", acc.booking(c.local)),
			w.request(acc.staff, "POST", acc.path+"/appointments/"+booked.text("id")+"/move", object{"local": c.local}),
			w.request(acc.staff, "GET", acc.path+"/services/"+acc.service+"/explanation?local="+c.local, nil),
		} {
			got := w.serve(r)
			if got.status != 422 || got.text("code") != "local_time_skipped" || got.text("field") != "local" ||
				!strings.Contains(got.text("detail"), c.before) || !strings.Contains(got.text("detail"), c.after) {
				t.Errorf("%s %s at %s in %s returned %d: %s", r.Method, r.URL.Path, c.local, c.zone, got.status, got.raw)
			}
		}
	}
}

func TestLocalTimeThatHappensTwiceIsTheFirst(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ zone, country, local, first, second string }{
		{"Europe/Berlin", "DE", "2026-10-25T02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"Australia/Lord_Howe", "AU", "2026-04-05T01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"},
		{"America/Santiago", "CL", "2026-04-04T23:15", "2026-04-05T02:15:00Z", "2026-04-05T03:15:00Z"},
	} {
		acc := w.nightly(c.zone, c.country)
		ambiguous := func(got result) string {
			both, _ := got.body["ambiguous"].(map[string]any)
			taken, _ := both["taken"].(string)
			other, _ := both["other"].(string)
			return taken + " or " + other
		}
		booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking(c.local))
		id := booked.text("id")
		if got := ambiguous(booked); got != c.first+" or "+c.second {
			t.Errorf("booking %s in %s took %s: %s", c.local, c.zone, got, booked.raw)
		}
		if shown := w.must(200, acc.staff, "GET", acc.path+"/appointments/"+id, nil); shown.text("start") != c.first {
			t.Errorf("%s in %s is booked at %s", c.local, c.zone, shown.text("start"))
		}
		moved := w.must(200, acc.staff, "POST", acc.path+"/appointments/"+id+"/move", object{"start": c.second})
		if got := ambiguous(moved); got != " or " {
			t.Errorf("an instant is not ambiguous: %s", moved.raw)
		}
		shown := w.must(200, acc.staff, "GET", acc.path+"/appointments/"+id, nil)
		if shown.text("start") != c.second || !strings.HasPrefix(shown.text("local"), c.local) {
			t.Errorf("the second %s in %s is booked as %s", c.local, c.zone, shown.raw)
		}
		explained := w.must(200, acc.staff, "GET",
			acc.path+"/services/"+acc.service+"/explanation?local="+c.local, nil)
		if got := ambiguous(explained); got != c.first+" or "+c.second || explained.body["bookable"] != true {
			t.Errorf("explaining %s in %s returned %s", c.local, c.zone, explained.raw)
		}
	}
}

// TestStartsAreWrittenAsTheirTypesAre reads lists of starts into their types of the document. encoding/json must write
// the same bytes again.
func TestStartsAreWrittenAsTheirTypesAre(t *testing.T) {
	w := newWorld(t)
	lesson, _, link := w.lesson()
	acc := w.nightly("Australia/Lord_Howe", "AU")
	two := policy("Two", anyOf(acc.resource), anyOf(acc.resource))
	none := w.must(201, acc.owner, "POST", acc.path+"/services", two).text("id")
	other := w.must(201, acc.owner, "POST", acc.path+"/resources", object{"name": "Hall", "kind": "room", "units": 2})
	both := w.must(201, acc.owner, "POST", acc.path+"/services",
		policy("Both", anyOf(acc.resource), anyOf(acc.resource, other.text("id")))).text("id")
	hall := acc.path + "/resources/" + other.text("id")
	w.must(200, acc.owner, "PUT", hall+"/hours", object{
		"zone": "Australia/Lord_Howe", "hours": []object{{"days": []int{0, 1, 2}, "from": "01:30", "to": "04:00"}},
	}, "If-Match", other.header.Get("ETag"))
	for _, c := range []struct {
		key, path string
		as        any
		some      bool
	}{
		{acc.staff, acc.path + "/services/" + acc.service + "/starts?from=2026-04-01&to=2026-04-20", &api.StartList{}, true},
		{acc.staff, acc.path + "/services/" + both + "/starts?from=2026-10-01&to=2026-10-10", &api.StartList{}, true},
		{acc.staff, acc.path + "/services/" + none + "/starts?from=2026-10-01&to=2026-10-10", &api.StartList{}, false},
		{
			lesson.staff, lesson.path + "/services/" + lesson.service + "/starts?from=2026-03-09&to=2026-03-20",
			&api.StartList{}, true,
		},
		{"", link + "/starts?from=2026-03-09&to=2026-03-20", &api.ManagedStartList{}, true},
		{"", link + "/starts?from=2026-03-14&to=2026-03-15", &api.ManagedStartList{}, false}, // a Saturday
	} {
		got := w.must(200, c.key, "GET", c.path, nil)
		if err := json.Unmarshal([]byte(got.raw), c.as); err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := json.NewEncoder(&want).Encode(c.as); err != nil {
			t.Fatal(err)
		}
		if got.raw != want.String() || (len(got.items()) > 0) != c.some || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s returned %s: %s\nwant %s", c.path, got.header.Get("Content-Type"), got.raw, want.String())
		}
	}
}
