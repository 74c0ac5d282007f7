package httpapi_test

import (
	"fmt"
	"testing"
)

func TestClientsAtTwoPlacesAtOnceAreConfirmed(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/appointments"
	added := w.must(201, acc.owner, "POST", acc.path+"/resources", object{"name": "Room 2", "kind": "room", "units": 2})
	second := added.text("id")
	w.must(200, acc.owner, "PUT", acc.path+"/resources/"+second+"/hours", object{
		"zone": "Europe/Berlin", "hours": []object{{"days": []int{1, 2, 3, 4, 5}, "from": "09:00", "to": "17:00"}},
	}, "If-Match", added.header.Get("ETag"))
	choir := w.must(201, acc.owner, "POST", acc.path+"/services", object{
		"name": "Choir", "duration_min": 60, "requirements": []object{{"any_of": []object{{"resource": second}}}},
	}).text("id")
	w.must(201, acc.staff, "POST", path, acc.booking("2026-03-06T09:00"))
	w.refused(409, "slot_taken", acc.staff, "POST", path, acc.booking("2026-03-06T09:00"))
	sings := object{"client": acc.client, "service": choir, "local": "2026-03-06T09:00"}
	warned := w.refused(409, "client_elsewhere", acc.staff, "POST", path, sings)
	sings["confirm"] = warned.body["confirm"]
	w.must(201, acc.staff, "POST", path, sings)
	delete(sings, "confirm")
	sings["local"] = "2026-03-06T10:00"
	moving := path + "/" + w.must(201, acc.staff, "POST", path, sings).text("id") + "/move"
	w.refused(409, "client_elsewhere", acc.staff, "POST", moving, object{"local": "2026-03-06T09:00"})
	w.must(200, acc.staff, "POST", moving,
		object{"local": "2026-03-06T09:00", "confirm": []string{"client_elsewhere"}})
	sings["local"] = "2026-03-06T11:00"
	w.must(201, acc.staff, "POST", path, sings)
	w.must(201, acc.staff, "POST", path, sings) // two seats of one course are no warning
}

func TestClientsRegisteredTwiceAreWarnedOf(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/clients"
	for _, same := range []object{
		{"name": "Clara Wieck", "phone": "0151 23456789"}, {"name": "WIECK,  Clara", "email": "Clara@example.com"},
	} {
		got := w.must(201, acc.staff, "POST", path, same)
		warnings, _ := got.body["warnings"].([]any)
		if len(warnings) == 0 || warnings[0].(object)["code"] != "client_known" ||
			warnings[0].(object)["client"] != acc.client {
			t.Errorf("registered again, %v gets %s", same, got.raw)
		}
	}
	for _, other := range []object{
		{"name": "Marie Wieck", "phone": "0151 23456789"},
		{"name": "Clara Wieck"},
		{"name": "Clara Wieck", "phone": "0151 23456789", "confirm": []string{"client_known"}},
	} {
		if got := w.must(201, acc.staff, "POST", path, other); got.body["warnings"] != nil {
			t.Errorf("registering %v warns: %s", other, got.raw)
		}
	}
}

func TestClientsAppointmentsAreListedByPages(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for _, local := range []string{"2026-03-06T11:00", "2026-03-06T09:00", "2026-03-09T09:00"} {
		w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking(local))
	}
	path := acc.path + "/clients/" + acc.client + "/appointments?limit=2"
	first := w.must(200, acc.staff, "GET", path, nil)
	rest := w.must(200, acc.staff, "GET", path+"&cursor="+first.text("next"), nil)
	var got []any
	for _, one := range append(first.items(), rest.items()...) {
		got = append(got, one["local"])
	}
	if fmt.Sprint(got) != "[2026-03-06T09:00:00 2026-03-06T11:00:00 2026-03-09T09:00:00]" {
		t.Errorf("the appointments are %v", got)
	}
	other := w.newAccount()
	w.refused(404, "client_unknown", acc.staff, "GET", acc.path+"/clients/"+other.client+"/appointments", nil)
}
