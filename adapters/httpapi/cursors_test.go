package httpapi_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// pages reads a list in pages of four. After each page it calls change with the id of the last item.
func (w *world) pages(path, id string, change func(last string)) (seen []string) {
	w.t.Helper()
	for cursor := ""; ; {
		page := w.must(200, w.admin, "GET", path+"limit=4"+cursor, nil)
		for _, item := range page.items() {
			seen = append(seen, item[id].(string))
		}
		if page.text("next") == "" {
			return seen
		}
		if len(seen) > 100 {
			w.t.Fatalf("%s does not end: %v", path, seen)
		}
		cursor = "&cursor=" + page.text("next")
		change(seen[len(seen)-1])
	}
}

// TestPagesSurviveChangesOfTheirLastItem changes the item that each cursor was made from. All others must be listed
// exactly once.
func TestPagesSurviveChangesOfTheirLastItem(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.must(200, acc.owner, "PUT", acc.path+"/reminder-rules", object{"rules": []object{
		{"id": "day-before", "lead_min": 1440, "channel": "sms"},
	}}, "If-Match", "*")
	for i := range 12 {
		name := fmt.Sprintf("Thing %02d", i)
		w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": name})
		w.must(201, acc.owner, "POST", acc.path+"/resources", object{"name": name, "kind": "room"})
		w.must(201, acc.owner, "POST", acc.path+"/services", object{
			"name": name, "duration_min": 60,
			"requirements": []object{{"any_of": []object{{"resource": acc.resource}}}},
		})
		at := start.AddDate(0, 0, 5+i/4) // Tuesday to Thursday
		w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking(
			at.Format(time.DateOnly)+fmt.Sprintf("T%02d:00", 9+i%4)))
		w.must(201, w.admin, "POST", "/windows", object{"reason": "x", "bounds": object{
			"start": "2026-03-01T00:00:00Z", "end": fmt.Sprintf("2026-03-%02dT00:00:00Z", 2+i),
		}})
	}
	for range 11 {
		w.newAccount()
	}
	put := func(path string, body any) { w.must(200, w.admin, "PUT", path, body, "If-Match", "*") }
	post := func(path string, body any) { w.must(200, w.admin, "POST", path, body) }
	hour := 9 // of Monday, which is free
	calendar := acc.path + "/calendar?from=2026-03-09&to=2026-03-14&"
	for _, list := range []struct {
		name, path, id string
		change         func(last string)
	}{
		{"clients who leave the search", acc.path + "/clients?q=thing&", "id", func(last string) {
			put(acc.path+"/clients/"+last, object{"name": "Quentin"})
		}},
		{"moved appointments", calendar, "appointment", func(last string) {
			hour++
			post(acc.path+"/appointments/"+last+"/move", object{"local": fmt.Sprintf("2026-03-09T%02d:00", hour)})
		}},
		{
			"reminders of cancelled appointments", acc.path + "/reminders?until=2026-04-01T00:00:00Z&", "appointment",
			func(last string) {
				w.call(w.admin, "POST", acc.path+"/appointments/"+last+"/cancel", object{"by": "staff"})
			},
		},
		{"cancelled appointments", calendar, "appointment", func(last string) {
			post(acc.path+"/appointments/"+last+"/cancel", object{"by": "staff"})
		}},
		{
			"reminders of cancelled appointments", acc.path + "/reminders?until=2026-04-01T00:00:00Z&", "appointment",
			func(last string) {
				w.call(w.admin, "POST", acc.path+"/appointments/"+last+"/cancel", object{"by": "staff"})
			},
		},
		{"renamed clients", acc.path + "/clients?", "id", func(last string) {
			put(acc.path+"/clients/"+last, object{"name": "Zoe"})
		}},
		{"clients renamed backwards", acc.path + "/clients?", "id", func(last string) {
			put(acc.path+"/clients/"+last, object{"name": "Aaron"})
		}},
		{"erased clients", acc.path + "/clients?", "id", func(last string) {
			post(acc.path+"/clients/"+last+"/erase", nil)
		}},
		{"renamed resources", acc.path + "/resources?", "id", func(last string) {
			put(acc.path+"/resources/"+last, object{"name": "Zoo", "kind": "room"})
		}},
		{"retired resources", acc.path + "/resources?", "id", func(last string) {
			post(acc.path+"/resources/"+last+"/retire", nil)
		}},
		{"renamed services", acc.path + "/services?", "id", func(last string) {
			put(acc.path+"/services/"+last, object{
				"name": "Aaa", "duration_min": 60,
				"requirements": []object{{"any_of": []object{{"resource": acc.resource}}}},
			})
		}},
		{"retired services", acc.path + "/services?", "id", func(last string) {
			post(acc.path+"/services/"+last+"/retire", nil)
		}},
		{"closed accounts", "/accounts?", "id", func(last string) {
			if last != acc.id {
				post("/accounts/"+last+"/close", nil)
			}
		}},
		{"revoked windows", "/windows?", "id", func(last string) { post("/windows/"+last+"/revoke", object{}) }},
	} {
		want := w.pages(list.path, list.id, func(string) {})
		slices.Sort(want)
		var changed []string
		seen := w.pages(list.path, list.id, func(last string) {
			changed = append(changed, last)
			list.change(last)
		})
		if len(changed) == 0 {
			t.Errorf("%s: %d items are one page", list.name, len(seen))
		}
		for i, id := range seen {
			if slices.Contains(seen[:i], id) {
				t.Errorf("%s: %s is listed again", list.name, id)
			}
		}
		others := func(ids []string) []string {
			return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(changed, id) })
		}
		seen = others(seen)
		slices.Sort(seen)
		if !slices.Equal(seen, others(want)) {
			t.Errorf("%s: listed\n%v, want\n%v", list.name, seen, others(want))
		}
	}
}

// TestCursorsAreGoodForOneList gives cursors to lists that did not make them, and looks for names in them.
func TestCursorsAreGoodForOneList(t *testing.T) {
	w := newWorld(t)
	acc, other := w.newAccount(), w.newAccount()
	for _, in := range []fixture{acc, other} {
		for i := range 5 {
			w.must(201, in.staff, "POST", in.path+"/clients", object{"name": fmt.Sprintf("Clara %d", i)})
			w.must(201, in.owner, "POST", in.path+"/resources", object{"name": fmt.Sprintf("Clara %d", i), "kind": "staff"})
		}
	}
	next := w.must(200, acc.staff, "GET", acc.path+"/clients?q=clara&limit=2", nil).text("next")
	if plain, err := base64.RawURLEncoding.DecodeString(next); err != nil ||
		strings.Contains(strings.ToLower(string(plain)+next), "clara") {
		t.Errorf("the cursor %q shows the name (%v)", next, err)
	}
	w.must(200, acc.staff, "GET", acc.path+"/clients?limit=3&q=clara&cursor="+next+"&after="+w.position, nil)
	forged := []byte(next)
	forged[20] ^= 1
	for _, foreign := range []string{
		acc.path + "/clients?cursor=" + next, acc.path + "/clients?q=clar&cursor=" + next,
		acc.path + "/resources?cursor=" + next, other.path + "/clients?q=clara&cursor=" + next,
		"/accounts?cursor=" + next, acc.path + "/clients?q=clara&cursor=" + acc.client,
		acc.path + "/clients?q=clara&cursor=" + string(forged), acc.path + "/clients?q=clara&cursor=" + next[:40],
		acc.path + "/clients?q=clara&cursor=" + next + "AAAA", acc.path + "/clients?q=clara&cursor=%20",
	} {
		w.refused(422, "cursor_malformed", w.admin, "GET", foreign, nil)
	}
}

// TestLongNamesHavePages lists people whose names are as long as names can be.
func TestLongNamesHavePages(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for i := range 5 {
		w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": strings.Repeat("\U00010348", 199) + string(rune('a'+i))})
	}
	if seen := w.pages(acc.path+"/clients?", "id", func(string) {}); len(seen) != 6 {
		t.Errorf("listed %d clients, want 6", len(seen))
	}
}
