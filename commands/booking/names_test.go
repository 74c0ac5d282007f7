package booking

import (
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// The ids of events derive from the names of steps, so a name never changes: a retry after an upgrade must be
// recognised.
func TestNamesOfStepsStay(t *testing.T) {
	id := domain.DeriveID[domain.AppointmentID]("a")
	for _, c := range []struct {
		step domain.Command
		want string
	}{
		{appointment.Book{Appointment: id}, "appointment.Book{Appointment:" + id.String() + "}"},
		{appointment.Book{Appointment: id, Silent: true}, "appointment.Book{Appointment:" + id.String() + " Silent:true}"},
		{appointment.Reschedule{Appointment: id, Sequence: 2}, "appointment.Reschedule{Appointment:" + id.String() + " Sequence:2}"},
		{appointment.Decline{Appointment: id}, "appointment.Decline{Appointment:" + id.String() + " Reason:}"},
	} {
		if got := nameOf(c.step); got != c.want {
			t.Errorf("the name is %s, want %s", got, c.want)
		}
	}
	request := nameOf(appointment.Request{Appointment: id})
	if want := "Until:0001-01-01 00:00:00 +0000 UTC}"; request[len(request)-len(want):] != want {
		t.Errorf("a request ends with %s, want %s", request[len(request)-len(want):], want)
	}
}
