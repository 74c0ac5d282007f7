package httpapi_test

import (
	"context"
	"testing"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
)

// ahead is the booking.Ahead of a world.
type ahead struct {
	w     *world
	views *projector.Projector
	read  projections.Reader
}

func (a ahead) Ahead(
	ctx context.Context, account domain.AccountID, what booking.Touching,
) ([]domain.AppointmentID, error) {
	if err := a.views.Wait(ctx, a.w.head()); err != nil {
		return nil, err
	}
	selection := projections.Selection{
		Client: what.Client, Service: what.Service, Statuses: []appointment.Status{appointment.StatusBooked},
	}
	if !what.Resource.IsZero() {
		selection.Resources = []domain.ResourceID{what.Resource}
	}
	rows, err := a.read.Calendar.Find(ctx, account, selection)
	var ids []domain.AppointmentID
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids, err
}

// reasonsIn returns the reasons of the only appointment in a list of work, "" if the list is empty.
func reasonsIn(t *testing.T, list any) string {
	t.Helper()
	items, _ := list.([]any)
	if len(items) == 0 {
		return ""
	}
	item := items[0].(object)
	all := item["local"].(string)
	for _, reason := range item["reasons"].([]any) {
		all += " " + reason.(object)["reason"].(string)
	}
	return all
}

func TestWriteOverAppointmentsListsThem(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T10:00"))
	w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T10:00"))
	room := acc.path + "/resources/" + acc.resource
	const first = "2026-03-06T10:00:00"
	expect := func(what string, got result, want string) {
		t.Helper()
		if in := reasonsIn(t, got.body["needs_attention"]); in != want {
			t.Errorf("%s answered %q, want %q: %s", what, in, want, got.raw)
		}
		work := w.must(200, acc.staff, "GET", acc.path+"/work", nil)
		if in := reasonsIn(t, work.body["items"]); in != want {
			t.Errorf("after %s the work list has %q, want %q", what, in, want)
		}
	}
	off := w.must(201, acc.staff, "POST", room+"/blocks",
		object{"start": "2026-03-06T00:00:00Z", "end": "2026-03-07T00:00:00Z", "available": false})
	expect("a time off", off, first+" time_off")
	hours := func(to string) result {
		return w.must(200, acc.staff, "PUT", room+"/hours", object{"zone": "Europe/London", "hours": []object{
			{"days": []int{1, 2, 3, 4}, "from": "08:00", "to": "18:00"}, {"days": []int{5}, "from": "08:00", "to": to},
		}}, "If-Match", "*")
	}
	expect("shorter hours", hours("09:00"), first+" outside_hours time_off")
	count := w.must(200, acc.staff, "GET", acc.path+"/work/count", nil)
	if count.body["total"] != 1.0 || len(count.body["by_reason"].([]any)) != 2 {
		t.Errorf("the count is %s", count.raw)
	}
	if in := reasonsIn(t, w.must(200, acc.staff, "GET", acc.path+"/work?reason=client_erased", nil).body["items"]); in != "" {
		t.Errorf("the list for another reason has %q", in)
	}
	expect("the old hours", hours("18:00"), first+" time_off")
	expect("the end of the time off", w.must(200, acc.staff, "DELETE", room+"/blocks/"+off.text("id"), nil), "")
	expect("retiring", w.must(200, acc.owner, "POST", room+"/retire", nil), first+" resource_retired")
}

func TestErasedClientIsListedWithoutName(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	id := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T10:00")).text("id")
	erased := w.must(200, acc.owner, "POST", acc.path+"/clients/"+acc.client+"/erase", nil)
	if in := reasonsIn(t, erased.body["needs_attention"]); in != "2026-03-06T10:00:00 client_erased" {
		t.Errorf("erasing answered %q", in)
	}
	retired := w.must(200, acc.owner, "POST", acc.path+"/services/"+acc.service+"/retire", nil)
	if in := reasonsIn(t, retired.body["needs_attention"]); in != "2026-03-06T10:00:00 client_erased service_retired" {
		t.Errorf("retiring the service answered %q", in)
	}
	path := acc.path + "/appointments/" + id + "/resolve"
	w.refused(422, "value_invalid", acc.staff, "POST", path, object{"note": ""})
	w.must(200, acc.staff, "POST", path, object{"note": "she comes anyway"})
	if in := reasonsIn(t, w.must(200, acc.staff, "GET", acc.path+"/work", nil).body["items"]); in != "" {
		t.Errorf("after it was resolved the work list has %q", in)
	}
}
