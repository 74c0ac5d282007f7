package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestWritesReturnTheWholeAppointment(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/appointments"
	booked := w.must(201, acc.staff, "POST", path, acc.booking("2026-03-06T09:00"), "Idempotency-Key", "book")
	path += "/" + booked.text("id")
	check := func(step, status, local string, got result) {
		t.Helper()
		resources := got.body["resources"].([]any)
		if got.text("status") != status || got.text("local") != local || got.text("zone") != "Europe/Berlin" ||
			got.text("client_name") != "Clara Wieck" || got.text("service_name") != "Lesson" ||
			len(resources) != 1 || resources[0].(object)["name"] != "Room 1" {
			t.Errorf("%s returned %s", step, got.raw)
		}
		shown := w.must(200, acc.staff, "GET", path, nil)
		delete(got.body, "position")
		if shown.header.Get("ETag") != got.header.Get("ETag") || !sameJSON(shown.body, got.body) {
			t.Errorf("%s returned %s, and a read %s", step, got.raw, shown.raw)
		}
	}
	check("book", "booked", "2026-03-06T09:00:00", booked)
	moved := w.must(200, acc.staff, "POST", path+"/move", object{"local": "2026-03-06T10:00"})
	check("move", "booked", "2026-03-06T10:00:00", moved)
	marked := w.must(200, acc.staff, "POST", path+"/mark", object{"mark": "confirmed"})
	check("mark", "booked", "2026-03-06T10:00:00", marked)
	cancelled := w.must(200, acc.staff, "POST", path+"/cancel", object{"by": "staff"})
	check("cancel", "cancelled", "2026-03-06T10:00:00", cancelled)
}

func sameJSON(a, b object) bool {
	left, right := new(strings.Builder), new(strings.Builder)
	for _, member := range []string{
		"id", "revision", "sequence", "status", "confirmed", "client", "client_name", "service", "service_name", "start",
		"end", "local", "zone",
	} {
		fmt.Fprint(left, a[member], ";")
		fmt.Fprint(right, b[member], ";")
	}
	return len(a) == len(b) && left.String() == right.String()
}

// Stored replies outlive the erasure of a client, so they hold no names. A repeat shows the names of now.
func TestStoredRepliesHoldNoNames(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/appointments"
	w.must(201, acc.staff, "POST", path, acc.booking("2026-03-06T09:00"), "Idempotency-Key", "book")
	other := w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": "Robert Schumann"}).text("id")
	taken := object{"client": other, "service": acc.service, "local": "2026-03-06T09:00"}
	w.refused(409, "slot_taken", acc.staff, "POST", path, taken, "Idempotency-Key", "taken")
	for key, reply := range w.replies.kept {
		if strings.Contains(string(reply.Response), "Clara") || strings.Contains(string(reply.Response), "Room 1") {
			t.Errorf("the stored reply of %s names people: %s", key, reply.Response)
		}
	}
	w.must(200, acc.owner, "POST", acc.path+"/clients/"+acc.client+"/erase", nil)
	again := w.must(201, acc.staff, "POST", path, acc.booking("2026-03-06T09:00"), "Idempotency-Key", "book")
	if again.text("client_name") != "" {
		t.Errorf("the repeat names an erased client: %s", again.raw)
	}
	if strings.Contains(w.log.String(), "Clara") {
		t.Error("the log names a client")
	}
}

func TestRefusalsNamePeopleAndThings(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/appointments"
	w.must(201, acc.staff, "POST", path, acc.booking("2026-03-06T09:00"))
	bare := w.must(201, acc.owner, "POST", acc.path+"/resources", object{"name": "Attic", "kind": "room"}).text("id")
	lesson := object{"name": "Attic lesson", "duration_min": 60, "requirements": []object{
		{"any_of": []object{{"resource": bare}}},
	}}
	attic := w.must(201, acc.owner, "POST", acc.path+"/services", lesson).text("id")
	for name, c := range map[string]struct {
		body       object
		code, want string
	}{
		"taken":    {acc.booking("2026-03-06T09:00"), "slot_taken", "Room 1 is taken by Clara Wieck from 2026-03-06 09:00 to 10:00; choose another start"},
		"closed":   {acc.booking("2026-03-06T20:00"), "outside_hours", "2026-03-06 20:00 cannot be booked: Room 1 does not work then; ask for the free starts"},
		"no hours": {object{"client": acc.client, "service": attic, "local": "2026-03-06T09:00"}, "outside_hours", "Attic has no weekly hours; set them first"},
	} {
		got := w.refused(409, c.code, acc.staff, "POST", path, c.body)
		if !strings.Contains(got.text("detail"), c.want) {
			t.Errorf("%s: the refusal is %q, want %q in it", name, got.text("detail"), c.want)
		}
	}
	why := w.must(200, acc.staff, "GET", acc.path+"/services/"+acc.service+"/explanation?at=2026-03-06T08:00:00Z", nil)
	if !strings.Contains(why.raw, "Room 1 is taken by Clara Wieck from 2026-03-06 09:00 to 10:00") {
		t.Errorf("the explanation does not say who has the time: %s", why.raw)
	}
	lesson["requirements"] = []object{{"any_of": []object{{"resource": bare}, {"resource": bare}}}}
	twice := w.refused(422, "service_policy_invalid", acc.owner, "POST", acc.path+"/services", lesson)
	if !strings.Contains(twice.text("detail"), "resource Attic is listed twice") {
		t.Errorf("the refusal does not name the resource: %s", twice.raw)
	}
}
