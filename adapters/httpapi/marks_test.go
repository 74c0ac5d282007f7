package httpapi_test

import (
	"testing"
	"time"
)

// The appointment is on a Friday at nine in Berlin, eight in UTC.
func TestMarksObeyTimeAndStatus(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/appointments"
	path += "/" + w.must(201, acc.staff, "POST", path, acc.booking("2026-03-06T09:00")).text("id")
	mark := func(name, status string) {
		t.Helper()
		if got := w.must(200, acc.staff, "POST", path+"/mark", object{"mark": name}); got.text("status") != status {
			t.Errorf("after %s the appointment is %s, want %s", name, got.text("status"), status)
		}
	}
	refused := func(code, name string) {
		t.Helper()
		w.refused(409, code, acc.staff, "POST", path+"/mark", object{"mark": name})
	}
	refused("not_yet", "arrived")
	mark("confirmed", "booked")
	mark("unconfirmed", "booked")
	w.clock = time.Date(2026, 3, 5, 23, 0, 0, 0, time.UTC) // Friday begins in Berlin
	mark("arrived", "arrived")
	mark("booked", "booked")
	refused("not_yet", "fulfilled")
	w.clock = time.Date(2026, 3, 6, 8, 30, 0, 0, time.UTC)
	mark("noshow", "noshow")
	mark("arrived", "arrived")
	mark("fulfilled", "fulfilled")
	w.clock = time.Date(2026, 3, 7, 22, 59, 0, 0, time.UTC)
	mark("booked", "booked")
	refused("already_over", "confirmed")
	mark("noshow", "noshow")
	w.clock = time.Date(2026, 3, 7, 23, 0, 0, 0, time.UTC)
	refused("day_closed", "fulfilled")
	refused("day_closed", "booked")
}
