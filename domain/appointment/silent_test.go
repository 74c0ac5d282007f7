package appointment_test

import (
	"testing"

	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// The events of silent commands.
var (
	silentlyBooked = appointment.Booked{
		Appointment: id, Account: account, Client: client, Service: service, Visit: monday, Silent: true,
	}
	silentlyMoved = appointment.Rescheduled{
		Appointment: id, Account: account, Client: client, Service: service, Sequence: 1, Visit: tuesday, Before: monday,
		Silent: true,
	}
	silentlyCancelled = appointment.Cancelled{
		Appointment: id, Account: account, Client: client, Sequence: 1, Visit: monday, By: appointment.Staff, Silent: true,
	}
	silentlyDeclined   = appointment.Declined{Appointment: id, Client: client, Silent: true}
	silentlyReinstated = appointment.Reinstated{
		Appointment: id, Account: account, Client: client, Service: service, Sequence: 2, Visit: monday, Silent: true,
	}
)

func silences() []example {
	again := appointment.RescheduleRequested{
		Appointment: id, RequestID: moveID, Sequence: 2, Visit: monday, Until: at(2, 9),
	}
	return []example{
		{
			Name: "booked in silence", Given: events{requested},
			When: appointment.Book{Appointment: id, Silent: true}, Then: events{silentlyBooked},
		},
		{
			Name: "moved in silence", Given: moving,
			When: appointment.Reschedule{Appointment: id, Sequence: 1, Silent: true}, Then: events{silentlyMoved},
		},
		{
			Name: "cancelled in silence", Given: booking,
			When: appointment.Cancel{Appointment: id, By: appointment.Staff, At: at(2, 8), Silent: true},
			Then: events{silentlyCancelled},
		},
		{
			Name: "declined in silence", Given: events{requested},
			When: appointment.Decline{Appointment: id, Silent: true}, Then: events{silentlyDeclined},
		},
		{
			Name: "reinstated in silence", Given: append(booking, cancelled, again),
			When: appointment.Reschedule{Appointment: id, Sequence: 2, Silent: true}, Then: events{silentlyReinstated},
		},
	}
}

// What needs approval.
var (
	askFor = appointment.Request{
		Appointment: id, Account: account, Client: client, Service: service, Terms: terms, Visit: monday, Until: at(4, 10),
		Approval: true,
	}
	awaiting = appointment.Requested{
		Appointment: id, Account: account, Client: client, Service: service, Terms: terms, Visit: monday, Until: at(4, 10),
		Approval: true,
	}
	approved = appointment.Booked{
		Appointment: id, Account: account, Client: client, Service: service, Visit: monday, Approved: true,
	}
)

func approvals() []example {
	approve, declined := appointment.Approve{Appointment: id}, appointment.Declined{Appointment: id, Client: client}
	return []example{
		{Name: "requested for approval", When: askFor, Then: events{awaiting}},
		{
			Name: "nobody else confirms it", Given: events{awaiting}, When: appointment.Book{Appointment: id},
			Refused: appointment.ErrApproval,
		},
		{Name: "approved", Given: events{awaiting}, When: approve, Then: events{approved}},
		{Name: "approved again", Given: events{awaiting, approved}, When: approve},
		{
			Name: "approved after it was declined", Given: events{awaiting, declined}, When: approve,
			Refused: appointment.ErrDeclined,
		},
		{
			Name: "approved after its start", Given: events{awaiting, abandoned("expired")}, When: approve,
			Refused: appointment.ErrExpired,
		},
		{Name: "unknown cannot be approved", When: approve, Refused: appointment.ErrUnknown},
		{
			Name: "declined", Given: events{awaiting}, When: appointment.Decline{Appointment: id}, Then: events{declined},
		},
	}
}

func TestStoredApproval(t *testing.T) {
	domaintest.GoldenForm(t, appointment.Types, awaiting, "approval")
	domaintest.GoldenForm(t, appointment.Types, approved, "approved")
}

func TestStoredSilence(t *testing.T) {
	for _, event := range []appointment.Event{
		silentlyBooked, silentlyMoved, silentlyCancelled, silentlyDeclined, silentlyReinstated,
	} {
		domaintest.GoldenForm(t, appointment.Types, event, "silent")
	}
}
