package httpapi_test

import (
	"fmt"
	"slices"
	"testing"
)

// TestPagesContainEachItemOnce reads every list in pages of two.
func TestPagesContainEachItemOnce(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for i := range 4 {
		w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": fmt.Sprintf("Client %d", i)})
		w.must(201, acc.owner, "POST", acc.path+"/resources", object{"name": fmt.Sprintf("Room %d", i), "kind": "room"})
		w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking(fmt.Sprintf("2026-03-06T%02d:00", 9+i)))
		w.must(201, w.admin, "POST", acc.path+"/credits/purchases", object{"amount_micro": 1000})
		w.must(201, w.admin, "POST", "/windows", object{"bounds": object{
			"start": "2026-03-01T00:00:00Z",
			"end":   fmt.Sprintf("2026-03-0%dT00:00:00Z", 2+i),
		}})
	}
	w.newAccount()
	for path, want := range map[string]int{
		acc.path + "/clients?":                                5,
		acc.path + "/clients?q=client&":                       4,
		acc.path + "/resources?":                              5,
		acc.path + "/services?":                               1,
		acc.path + "/calendar?from=2026-03-06&to=2026-03-07&": 4,
		acc.path + "/credits/lines?":                          4,
		acc.path + "/messages?":                               0,
		"/windows?":                                           4,
		"/accounts?":                                          2,
	} {
		var seen []string
		for cursor := ""; ; {
			page := w.must(200, w.admin, "GET", path+"limit=2"+cursor, nil)
			for _, item := range page.items() {
				seen = append(seen, fmt.Sprint(item["id"], item["appointment"], item["tx"]))
			}
			if len(page.items()) > 2 {
				t.Fatalf("%s returned %d items, want at most two", path, len(page.items()))
			}
			if page.text("next") == "" {
				break
			}
			cursor = "&cursor=" + page.text("next")
		}
		slices.Sort(seen)
		if len(seen) != want || len(slices.Compact(seen)) != want {
			t.Errorf("%s has %d items: %v", path, want, seen)
		}
		if want > 0 {
			w.refused(422, "cursor_malformed", w.admin, "GET", path+"cursor=nonsense", nil)
		}
		w.refused(422, "value_invalid", w.admin, "GET", path+"limit=201", nil)
	}
}
