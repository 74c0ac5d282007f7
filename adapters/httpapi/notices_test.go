package httpapi_test

import (
	"encoding/json"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// The notices of an account, as JSON.
const (
	usualNotices = `{"approved":{"client":["email"]},"booked":{"client":["email"],"staff":true},` +
		`"cancelled":{"client":["email"],"staff":true},"declined":{"client":["email"]},` +
		`"moved":{"client":["email"],"staff":true}}`
	textedNotices = `{"booked":{"client":["email","sms"]}}`
)

func (w *world) notices(acc fixture, what, want string) {
	w.t.Helper()
	settings, _ := w.must(200, acc.owner, "GET", acc.path, nil).body["settings"].(object)
	got, err := json.Marshal(settings["notices"])
	if err != nil || string(got) != want {
		w.t.Errorf("%s the notices are %s, %v, want %s", what, got, err, want)
	}
}

func TestNoticesOfAnAccount(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.notices(acc, "at first", usualNotices)
	settings := object{"name": "Salon", "zone": "UTC", "locale": "en", "country": "BR"}
	w.must(200, acc.owner, "PUT", acc.path+"/settings", settings, "If-Match", "*")
	w.notices(acc, "after settings without them", usualNotices)
	settings["notices"] = object{"booked": object{"client": []string{"sms", "email"}}}
	w.must(200, acc.owner, "PUT", acc.path+"/settings", settings, "If-Match", "*")
	w.notices(acc, "after other ones", textedNotices)
	settings["notices"] = object{"booked": object{"client": []string{"pigeon"}}}
	w.refused(422, "value_invalid", acc.owner, "PUT", acc.path+"/settings", settings, "If-Match", "*")
}

func TestApproval(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/appointments"
	ask := func(local string) string {
		wanted := acc.booking(local)
		wanted["approval"] = true
		got := w.must(201, acc.staff, "POST", path, wanted)
		if got.text("status") != "pending" {
			t.Fatalf("it is %s", got.raw)
		}
		return path + "/" + got.text("id")
	}
	first, second := ask("2026-03-06T09:00"), ask("2026-03-06T11:00")
	w.refused(409, "slot_taken", acc.staff, "POST", path, acc.booking("2026-03-06T09:00"))
	if got := w.must(200, acc.staff, "POST", first+"/approve", nil); got.text("status") != "booked" {
		t.Errorf("approved it is %s", got.raw)
	}
	w.must(200, acc.staff, "POST", first+"/approve", object{"notify": false})
	w.refused(409, "already_decided", acc.staff, "POST", first+"/decline", nil)
	declined := w.must(200, acc.staff, "POST", second+"/decline", object{"reason": "full"})
	if declined.text("status") != "cancelled" {
		t.Errorf("declined it is %s", declined.raw)
	}
	w.refused(409, "request_declined", acc.staff, "POST", second+"/approve", object{})
	w.must(201, acc.staff, "POST", path, acc.booking("2026-03-06T11:00"))
	other := w.newAccount()
	w.refused(404, "appointment_unknown", other.staff, "POST",
		other.path+first[len(acc.path):]+"/approve", nil)
}

func TestNotifyFalseIsRecorded(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/appointments"
	silence := func(body object) object { body["notify"] = false; return body }
	id := w.must(201, acc.staff, "POST", path, silence(acc.booking("2026-03-06T09:00"))).text("id")
	path += "/" + id
	w.must(200, acc.staff, "POST", path+"/move", silence(object{"local": "2026-03-06T11:00"}))
	w.must(200, acc.staff, "POST", path+"/cancel", silence(object{"by": "staff"}))
	w.must(200, acc.staff, "POST", path+"/reinstate", silence(object{}))
	w.must(200, acc.staff, "POST", path+"/cancel", object{"by": "staff", "notify": true})
	w.must(200, acc.staff, "POST", path+"/reinstate", nil)
	parsed, err := domain.ParseID[domain.AppointmentID](id)
	w.ok(err)
	var silent []bool
	for r, err := range w.engine.History(t.Context(), appointment.StreamOf(parsed)) {
		w.ok(err)
		switch e := r.Event.(type) {
		case appointment.Booked:
			silent = append(silent, e.Silent)
		case appointment.Rescheduled:
			silent = append(silent, e.Silent)
		case appointment.Cancelled:
			silent = append(silent, e.Silent)
		case appointment.Reinstated:
			silent = append(silent, e.Silent)
		}
	}
	want := []bool{true, true, true, true, false, false}
	if len(silent) != len(want) {
		t.Fatalf("silent are %v, want %v", silent, want)
	}
	for i := range want {
		if silent[i] != want[i] {
			t.Fatalf("silent are %v, want %v", silent, want)
		}
	}
}
