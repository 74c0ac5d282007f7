package httpapi_test

import "testing"

func TestStartsOffTheGridAreRefusedUnlessStaffOverride(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/appointments"
	for _, start := range []string{"2026-03-06T09:07:00Z", "2026-03-06T09:00:13.5Z"} {
		why := w.must(200, acc.staff, "GET", acc.path+"/services/"+acc.service+"/explanation?at="+start, nil)
		if why.body["bookable"] != false {
			t.Errorf("the explanation calls %s bookable: %s", start, why.raw)
		}
		w.refused(409, "off_grid", acc.staff, "POST", path, object{
			"client": acc.client, "service": acc.service, "start": start,
		})
	}
	against := acc.booking("2026-03-06T20:07")
	against["override"] = object{"reason": "she works late"}
	booked := w.must(201, acc.staff, "POST", path, against)
	shown := w.must(200, acc.staff, "GET", path+"/"+booked.text("id"), nil)
	overridden, _ := shown.body["overridden"].(object)
	if rules, _ := overridden["rules"].([]any); len(rules) != 1 || rules[0] != "outside_hours" ||
		overridden["reason"] != "she works late" {
		t.Errorf("the override is not shown: %s", shown.raw)
	}
	listed := w.must(200, acc.staff, "GET", acc.path+"/calendar?from=2026-03-06&to=2026-03-07", nil).items()
	if listed[0]["overridden"] == nil {
		t.Errorf("the calendar does not show the override: %v", listed)
	}
	against["override"] = object{"reason": "  "}
	w.refused(422, "text_missing", acc.staff, "POST", path, against)
	against["override"] = object{}
	w.refused(422, "value_invalid", acc.staff, "POST", path, against)
}

func TestMoveOffTheGridIsRefusedUnlessStaffOverride(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/appointments"
	path += "/" + w.must(201, acc.staff, "POST", path, acc.booking("2026-03-06T09:00")).text("id")
	w.refused(409, "off_grid", acc.staff, "POST", path+"/move", object{"local": "2026-03-06T09:07"})
	override := object{"reason": "the train is late"}
	w.refused(422, "override_by_client", acc.staff, "POST", path+"/move",
		object{"local": "2026-03-06T09:07", "override": override, "by": "client"})
	w.must(200, acc.staff, "POST", path+"/move", object{"local": "2026-03-06T09:07", "override": override})
	if shown := w.must(200, acc.staff, "GET", path, nil); shown.body["overridden"] == nil {
		t.Errorf("the override is not shown: %s", shown.raw)
	}
	w.must(200, acc.staff, "POST", path+"/move", object{"local": "2026-03-06T11:00"})
	if shown := w.must(200, acc.staff, "GET", path, nil); shown.body["overridden"] != nil {
		t.Errorf("the override of an earlier visit is shown: %s", shown.raw)
	}
}

// The appointment is at eight in UTC, on the next day.
func TestClientsDoNotMoveAfterTheCutOff(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	service := acc.path + "/services/" + acc.service
	shown := w.must(200, acc.staff, "GET", service, nil)
	policy := shown.body["policy"].(object)
	policy["move_cutoff_min"] = 25 * 60
	w.must(200, acc.owner, "PUT", service, policy, "If-Match", shown.header.Get("ETag"))
	path := acc.path + "/appointments"
	path += "/" + w.must(201, acc.staff, "POST", path, acc.booking("2026-03-06T09:00")).text("id")
	w.refused(409, "past_cut_off", acc.staff, "POST", path+"/move", object{"local": "2026-03-06T10:00", "by": "client"})
	w.must(200, acc.staff, "POST", path+"/move", object{"local": "2026-03-06T11:00", "by": "staff"})
	w.must(200, acc.staff, "POST", path+"/move", object{"local": "2026-03-06T12:00"})
}
