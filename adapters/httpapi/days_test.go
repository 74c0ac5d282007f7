package httpapi_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

func TestCalendarShowsHowTheMessagesStand(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	told := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T10:00")).text("id")
	w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T11:00"))
	entry := func(n int) object {
		t.Helper()
		items := w.must(200, acc.staff, "GET", acc.path+"/calendar?from=2026-03-09&to=2026-03-10&after="+w.head().String(),
			nil).items()
		return items[n]["message"].(object)
	}
	if got := entry(0); !reflect.DeepEqual(got, object{"standing": "none"}) {
		t.Errorf("without a message it is %v", got)
	}
	lost := w.fail(acc, told)
	want := object{"standing": "failed", "message": lost.String(), "to_call": true}
	if got := entry(0); !reflect.DeepEqual(got, want) {
		t.Errorf("after a failed reminder it is %v, want %v", got, want)
	}
	if got := entry(1); !reflect.DeepEqual(got, object{"standing": "none"}) {
		t.Errorf("the other appointment is %v", got)
	}
	listed := w.must(200, acc.staff, "GET", acc.path+"/clients/"+acc.client+"/appointments?after="+w.head().String(),
		nil).items()
	if got := listed[0]["message"]; !reflect.DeepEqual(got, want) {
		t.Errorf("in the file of the client it is %v, want %v", got, want)
	}
	_, err := w.engine.Do(t.Context(), commands.ForInstallation(domain.Actor{}),
		message.MarkContacted{Message: lost, By: message.ByStaff, At: start})
	w.ok(err)
	if got := entry(0); !reflect.DeepEqual(got, object{"standing": "failed", "message": lost.String()}) {
		t.Errorf("after a call it is %v", got)
	}
	w.must(200, acc.staff, "POST", acc.path+"/appointments/"+told+"/move", object{"local": "2026-03-09T09:00"})
	if got := entry(0); !reflect.DeepEqual(got, object{"standing": "none"}) {
		t.Errorf("what was said before a move still counts as %v", got)
	}
}

func TestMessagesThatNeedAPerson(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	list := func(query string) (ids []string) {
		t.Helper()
		for _, item := range w.must(200, acc.staff, "GET", acc.path+"/messages?after="+w.head().String()+query, nil).items() {
			ids = append(ids, item["id"].(string))
		}
		return ids
	}
	if got := list("&needs_person=true"); got != nil {
		t.Errorf("without a failure %v need a person", got)
	}
	visit := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T10:00")).text("id")
	lost, sent := w.fail(acc, visit), w.sent(acc)
	for query, want := range map[string][]string{
		"&needs_person=true": {lost.String()}, "&needs_person=true&q=wieck": {lost.String()}, "&q=nobody": nil,
		"&q=0151%2023456789&state=delivered": {sent.String()}, "&needs_person=true&state=delivered": nil,
	} {
		if got := list(query); !slices.Equal(got, want) {
			t.Errorf("%s lists %v, want %v", query, got, want)
		}
	}
	_, err := w.engine.Do(t.Context(), commands.ForInstallation(domain.Actor{}),
		message.MarkContacted{Message: lost, By: message.ByStaff, At: start})
	w.ok(err)
	if got := list("&needs_person=true"); got != nil {
		t.Errorf("after a call %v need a person", got)
	}
}

func TestDaysAreCounted(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	ann := w.must(201, acc.owner, "POST", acc.path+"/resources", object{"name": "Ann", "kind": "staff"})
	w.must(200, acc.owner, "PUT", acc.path+"/resources/"+ann.text("id")+"/hours", object{
		"zone": "Europe/Berlin", "hours": []object{{"days": []int{0, 1}, "from": "10:00", "to": "12:00"}},
	}, "If-Match", ann.header.Get("ETag"))
	w.must(201, acc.staff, "POST", acc.path+"/resources/"+acc.resource+"/blocks", object{
		"start": "2026-03-09T11:00:00Z", "end": "2026-03-09T12:00:00Z", "available": false,
	})
	visit := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T09:00")).text("id")
	gone := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T10:00")).text("id")
	w.must(200, acc.staff, "POST", acc.path+"/appointments/"+gone+"/cancel", object{"by": "staff"})
	w.fail(acc, visit)
	got := w.must(200, acc.staff, "GET",
		acc.path+"/calendar/days?from=2026-03-07&to=2026-03-10&after="+w.head().String(), nil).items()
	anna, room := ann.text("id"), acc.resource
	of := func(id string, appointments, booked, open, call float64, more object) any {
		o := object{"resource": id, "appointments": appointments, "booked_min": booked, "open_min": open, "to_call": call}
		maps.Copy(o, more)
		return o
	}
	span := func(from, to string) any { return object{"from": from, "to": to} }
	day := func(date string, appointments, booked, open, call float64, resources ...any) object {
		return object{
			"day": date, "appointments": appointments, "booked_min": booked, "open_min": open, "to_call": call,
			"resources": append([]any{}, resources...),
		}
	}
	want := []map[string]any{
		day("2026-03-07", 0, 0, 0, 0),
		day("2026-03-08", 0, 0, 120, 0, of(anna, 0, 0, 120, 0, object{
			"open": []any{span("2026-03-08T10:00", "2026-03-08T12:00")},
		})),
		day("2026-03-09", 1, 0, 120, 1, of(anna, 0, 0, 120, 0, object{
			"open": []any{span("2026-03-09T10:00", "2026-03-09T12:00")},
		}), of(room, 1, 60, 420, 1, object{
			"open": []any{span("2026-03-09T09:00", "2026-03-09T12:00"), span("2026-03-09T13:00", "2026-03-09T17:00")},
			"off":  []any{span("2026-03-09T12:00", "2026-03-09T13:00")},
		})),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the days are\n%v\nwant\n%v", got, want)
	}
	w.refused(422, "window_invalid", acc.staff, "GET", acc.path+"/calendar/days?from=2026-03-07&to=2026-07-07", nil)
}

func TestSummary(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for _, name := range []string{"alpha", "beta"} {
		w.must(201, w.admin, "POST", "/providers", object{"provider": name, "kind": "simulated"})
	}
	summary := func(key string) object {
		t.Helper()
		return w.must(200, key, "GET", acc.path+"/summary?after="+w.head().String(), nil).body
	}
	first := summary(acc.owner)
	if _, has := first["carrier"]; has || first["name"] != "Music school" || first["carriers"] != "simulated" ||
		first["local"] != "2026-03-05T09:00:00" || first["calls"] != 0.0 {
		t.Errorf("the summary of a new account is %v", first)
	}
	w.must(200, w.admin, "PUT", "/routes/DE", object{"providers": []string{"alpha", "beta"}})
	w.must(201, w.admin, "POST", acc.path+"/credits/purchases", object{"amount_micro": 5_000_000})
	w.sent(acc)
	w.fail(acc, w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T10:00")).text("id"))
	shown := summary(acc.owner)
	if got := shown["carrier"]; !reflect.DeepEqual(got, object{"provider": "alpha"}) || shown["calls"] != 1.0 {
		t.Errorf("alpha carries the texts and one client must be called, not %v", shown)
	}
	// One text of 1 credit in 28 days, so the four that are left last 112 days.
	want := object{"available_micro": 4_000_000.0, "per_day_micro": 35_714.0, "days": 112.0, "low": false}
	if got := shown["credits"]; !reflect.DeepEqual(got, want) {
		t.Errorf("the credits are %v, want %v", got, want)
	}
	if got := summary(acc.staff)["credits"]; !reflect.DeepEqual(got, object{"days": 112.0, "low": false}) {
		t.Errorf("the staff see %v of the credits", got)
	}
	w.must(200, w.admin, "POST", "/providers/alpha/overrides", object{
		"country": "DE", "mode": "down", "reason": "drill", "until": "2026-03-06T08:00:00Z",
	})
	if got := summary(acc.staff)["carrier"].(object); got["provider"] != "beta" || got["instead_of"] != "alpha" {
		t.Errorf("with alpha down the carrier is %v", got)
	}
	w.must(200, w.admin, "POST", "/providers/beta/disable", object{"reason": "invoice"})
	if got := summary(acc.staff)["carrier"].(object); got["provider"] != "alpha" || got["down"] != true {
		t.Errorf("with nobody left the carrier is %v", got)
	}
}
