package httpapi_test

import (
	"testing"

	"github.com/google/uuid"
)

func TestDeliveryReportHasAtMostAYear(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for _, path := range []string{acc.path + "/deliveries", "/deliveries"} {
		w.must(200, w.admin, "GET", path+"?from=2024-01-01&to=2025-01-01", nil) // a leap year
		got := w.refused(422, "window_invalid", w.admin, "GET", path+"?from=2024-01-01&to=2025-01-02", nil)
		if got.text("field") != "to" {
			t.Errorf("the refusal names %q, want to: %s", got.text("field"), got.raw)
		}
	}
}

// TestPageOfResourcesEndsAfterManyBlocks gives one resource as many time blocks and services as a page has.
func TestPageOfResourcesEndsAfterManyBlocks(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.must(201, acc.owner, "POST", acc.path+"/resources", object{"name": "Room 2", "kind": "room"})
	services := make([]string, 199)
	for i := range services {
		services[i] = uuid.NewString()
	}
	for range 50 {
		w.must(201, acc.staff, "POST", acc.path+"/resources/"+acc.resource+"/blocks", object{
			"start": "2026-03-06T09:00:00Z", "end": "2026-03-06T10:00:00Z", "available": true, "services": services,
		})
	}
	first := w.must(200, acc.staff, "GET", acc.path+"/resources", nil)
	if len(first.items()) != 1 || first.items()[0]["id"] != acc.resource || first.text("next") == "" {
		t.Fatalf("the first page has %d resources and next %q", len(first.items()), first.text("next"))
	}
	second := w.must(200, acc.staff, "GET", acc.path+"/resources?cursor="+first.text("next"), nil)
	if len(second.items()) != 1 || second.items()[0]["id"] == acc.resource || second.text("next") != "" {
		t.Errorf("the second page has %d resources and next %q", len(second.items()), second.text("next"))
	}
}

func TestAccountHasAtMost500ValidKeys(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount() // with three
	keys, terms := acc.path+"/keys", object{"role": "staff"}
	var last string
	for range 497 {
		last = w.must(201, acc.owner, "POST", keys, terms).text("prefix")
	}
	w.must(200, acc.owner, "GET", keys, nil) // waits for the read models
	w.refused(409, "keys_full", acc.owner, "POST", keys, terms)
	w.must(201, w.admin, "POST", "/keys", object{"role": "admin"}) // those of the installation are others
	w.must(200, acc.owner, "DELETE", keys+"/"+last, nil)
	w.must(200, acc.owner, "GET", keys, nil)
	w.must(201, acc.owner, "POST", keys, terms)
}
