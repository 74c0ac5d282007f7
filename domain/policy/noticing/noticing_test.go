package noticing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/policy/noticing"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

var (
	owner  = domain.DeriveID[domain.AccountID]("clinic")
	ana    = domain.DeriveID[domain.ClientID]("ana")
	visit  = domain.DeriveID[domain.AppointmentID]("visit")
	bia    = domain.DeriveID[domain.ResourceID]("bia")
	caio   = domain.DeriveID[domain.ResourceID]("caio")
	room   = domain.DeriveID[domain.ResourceID]("room")
	names  = map[domain.ResourceID]string{{}: "client", bia: "bia", caio: "caio", room: "room"}
	noon   = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	night  = time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
	later  = noon.Add(48 * time.Hour)
	usual  = account.UsualNotices
	texts  = account.Notices{Booked: account.Notice{SMS: true}}
	both   = account.Notices{Booked: account.Notice{SMS: true, Email: true}}
	all    = reminding.Reach{Phone: true, Email: true}
	phone  = reminding.Reach{Phone: true}
	mail   = reminding.Reach{Email: true}
	nobody = reminding.Reach{}
)

func at(start time.Time, resources ...domain.ResourceID) appointment.Visit {
	v := appointment.Visit{Start: start, End: start.Add(time.Hour), Zone: "UTC"}
	for _, id := range resources {
		v.Legs = append(v.Legs, appointment.Leg{
			Resource: id, Units: 1, Interval: domain.Interval{Start: v.Start, End: v.End},
		})
	}
	return v
}

func booked(silent bool) appointment.Event {
	return appointment.Booked{Appointment: visit, Account: owner, Client: ana, Visit: at(later, bia, room), Silent: silent}
}

func moved(cause string, silent bool) appointment.Event {
	return appointment.Rescheduled{
		Appointment: visit, Account: owner, Client: ana, Sequence: 1, Visit: at(later, caio, room),
		Before: at(later, bia, room), Cause: cause, Silent: silent,
	}
}

func cancelled(silent bool) appointment.Event {
	return appointment.Cancelled{
		Appointment: visit, Account: owner, Client: ana, Sequence: 2, Visit: at(later, bia, room), Silent: silent,
	}
}

// given is an event with what is known when it is handled.
type given struct {
	event   appointment.Event
	channel string // of the actor
	now     time.Time
	notices account.Notices
	reach   reminding.Reach
}

func (g given) plan() []noticing.Notice {
	state := appointment.State{
		Account: owner, Client: ana, Status: appointment.StatusPending,
		Attempts: []appointment.Attempt{{Visit: at(later, bia, room)}},
	}
	change, told := noticing.ChangeOf(domain.Recorded{
		Event: g.event, Meta: domain.Metadata{Account: owner, Actor: domain.Actor{Channel: g.channel}},
	}, state)
	if !told {
		return nil
	}
	return noticing.Plan(noticing.Facts{
		Change: change, Now: g.now, Notices: g.notices, Reach: g.reach, Zone: time.UTC, Quiet: reminding.Nights,
		Mailed: []domain.ResourceID{bia, caio},
	})
}

func TestNotices(t *testing.T) {
	declined := appointment.Declined{Appointment: visit, Client: ana}
	reinstated := appointment.Reinstated{Appointment: visit, Sequence: 2, Visit: at(later, bia)}
	for _, c := range []struct {
		name  string
		given given
		want  string // each notice as "kind to whom by channel" and why it is suppressed
	}{
		{"an account without settings tells nobody", given{event: booked(false), now: noon, reach: all}, ""},
		{
			"booked: the client and the staff",
			given{booked(false), "api", noon, usual, all},
			"confirmation to client by email; confirmation to bia by email",
		},
		{"silently booked: nobody", given{booked(true), "api", noon, usual, all}, ""},
		{"imported: nobody", given{booked(false), "import", noon, usual, all}, ""},
		{
			"cancelled",
			given{cancelled(false), "api", noon, usual, all},
			"cancellation to client by email; cancellation to bia by email",
		},
		{"silently cancelled: nobody", given{cancelled(true), "api", noon, usual, all}, ""},
		{
			"moved to another person: one comes, one goes",
			given{moved("", false), "api", noon, usual, all},
			"move to client by email; confirmation to caio by email; cancellation to bia by email",
		},
		{"silently moved: nobody", given{moved("", true), "api", noon, usual, all}, ""},
		{"moved by the rules of its zone: nobody", given{moved("zone_rules", false), "policy", noon, usual, all}, ""},
		{
			"reinstated: like booked",
			given{reinstated, "api", noon, usual, all},
			"confirmation to client by email; confirmation to bia by email",
		},
		{"declined: the client", given{declined, "api", noon, usual, all}, "decline to client by email"},
		{"the visit has started: nobody", given{booked(false), "api", later, usual, all}, ""},
		{
			"no address",
			given{booked(false), "api", noon, usual, phone},
			"confirmation to client by email: no_address; confirmation to bia by email",
		},
		{
			"erased",
			given{booked(false), "api", noon, usual, reminding.Reach{Email: true, Erased: true}},
			"confirmation to client by email: erased; confirmation to bia by email",
		},
		{"by text", given{booked(false), "api", noon, texts, all}, "confirmation to client by sms"},
		{
			"by both",
			given{booked(false), "api", noon, both, all},
			"confirmation to client by sms; confirmation to client by email",
		},
		{
			"by text at night: an email instead",
			given{booked(false), "api", night, texts, all},
			"confirmation to client by sms: quiet_hours; confirmation to client by email",
		},
		{
			"by text at night without an address: it waits",
			given{booked(false), "api", night, texts, phone},
			"confirmation to client by sms",
		},
		{
			"by both at night: one email",
			given{booked(false), "api", night, both, all},
			"confirmation to client by sms: quiet_hours; confirmation to client by email",
		},
		{"by text to a landline", given{booked(false), "api", noon, texts, reminding.Reach{
			Phone: true, Email: true, NoTexts: "landline",
		}}, "confirmation to client by sms: landline; confirmation to client by email"},
		{
			"by text without a number",
			given{booked(false), "api", noon, texts, mail},
			"confirmation to client by sms: no_address; confirmation to client by email",
		},
		{"opted out without an address", given{booked(false), "api", noon, texts, reminding.Reach{
			Phone: true, OptedOut: true,
		}}, "confirmation to client by sms: opted_out"},
		{
			"by both to nobody",
			given{booked(false), "api", noon, both, nobody},
			"confirmation to client by sms: no_address; confirmation to client by email: no_address",
		},
		{"a kind that the account leaves out", given{cancelled(false), "api", noon, texts, all}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := c.given.plan()
			var got []string
			for _, n := range plan {
				line := fmt.Sprintf("%s to %s by %s", n.Kind, names[n.Staff], n.Channel)
				if n.Suppressed != "" {
					line += ": " + n.Suppressed
				}
				got = append(got, line)
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), c.want)
			}
			if again := c.given.plan(); !slices.Equal(plan, again) {
				t.Errorf("planned again: %v, want %v", again, plan)
			}
		})
	}
}

// No two notices of any changes have the same id, so none takes the place of another.
func TestIdsDiffer(t *testing.T) {
	seen := make(map[domain.MessageID]bool)
	everything := account.Notice{Email: true, SMS: true, Staff: true}
	notices := account.Notices{Booked: everything, Moved: everything, Cancelled: everything, Declined: everything}
	n := 0
	for _, event := range []appointment.Event{
		booked(false), moved("", false), cancelled(false), appointment.Declined{Appointment: visit},
	} {
		for _, notice := range (given{event, "api", noon, notices, all}).plan() {
			seen[notice.Message] = true
			n++
		}
	}
	if n != 13 || len(seen) != n {
		t.Errorf("%d notices have %d ids, want 13", n, len(seen))
	}
}
