package reminding_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

var (
	dayBefore = account.ReminderRule{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"}
	byMail    = account.ReminderRule{ID: "by-mail", LeadMin: 48 * 60, Channel: "email"}
	twoHours  = account.ReminderRule{ID: "two-hours", LeadMin: 120, Channel: "sms"}
	start     = time.Date(2016, 5, 10, 11, 30, 0, 0, time.UTC) // 08:30 in São Paulo
)

func facts(t *testing.T) reminding.Facts {
	zone, err := domain.ParseZone("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	return reminding.Facts{
		Account: domain.DeriveID[domain.AccountID]("clinic"), Client: domain.DeriveID[domain.ClientID]("ana"),
		Appointment: domain.DeriveID[domain.AppointmentID]("check-up"), Sequence: 1, Start: start,
		BookedAt: start.AddDate(0, 0, -20), Rules: []account.ReminderRule{dayBefore, byMail, twoHours},
		Zone: zone, Quiet: reminding.Nights, Reach: reminding.Reach{Phone: true, Email: true},
	}
}

func TestPlan(t *testing.T) {
	f := facts(t)
	quietDue := time.Date(2016, 5, 9, 23, 45, 0, 0, time.UTC) // 06:30 is in the quiet time, so 20:45 on the evening before
	want := []reminding.Reminder{
		{
			Message: reminding.MessageID(f, "day-before", "sms"), Rule: "day-before", Channel: "sms",
			Wanted: start.Add(-24 * time.Hour), DueAt: start.Add(-24 * time.Hour), UsefulUntil: start,
		},
		{
			Message: reminding.MessageID(f, "by-mail", "email"), Rule: "by-mail", Channel: "email",
			Wanted: start.Add(-48 * time.Hour), DueAt: start.Add(-48 * time.Hour), UsefulUntil: start,
		},
		{
			Message: reminding.MessageID(f, "two-hours", "sms"), Rule: "two-hours", Channel: "sms",
			Wanted: start.Add(-2 * time.Hour), DueAt: quietDue, UsefulUntil: start,
		},
	}
	if got := reminding.Plan(f); !reflect.DeepEqual(got, want) {
		t.Errorf("Plan\n got: %+v\nwant: %+v", got, want)
	}
	if again := reminding.Plan(facts(t)); !reflect.DeepEqual(again, want) {
		t.Errorf("planned again it is %+v", again)
	}
}

func TestBookedLate(t *testing.T) {
	for _, c := range []struct {
		name   string
		booked time.Time
		rule   account.ReminderRule
		want   string
	}{
		{"long before", start.AddDate(0, 0, -9), dayBefore, ""},
		{"at the very moment", start.Add(-24 * time.Hour), dayBefore, ""},
		{"a moment later", start.Add(-24*time.Hour + time.Microsecond), dayBefore, "booked_late"},
		// due at 06:30 moves to 20:45 of the evening before, when it was not booked yet
		{"after the quiet began", start.Add(-10 * time.Hour), twoHours, "booked_late"},
		{"on the day itself", start.Add(-time.Hour), twoHours, "booked_late"},
	} {
		f := facts(t)
		f.BookedAt, f.Rules = c.booked, []account.ReminderRule{c.rule}
		if got := reminding.Plan(f)[0].Suppressed; got != c.want {
			t.Errorf("%s: suppressed %q, want %q", c.name, got, c.want)
		}
	}
}

// TestPastVisitsHaveNoReminders plans visits that were recorded at or after their start.
func TestPastVisitsHaveNoReminders(t *testing.T) {
	for name, c := range map[string]struct {
		booked time.Time
		want   int
	}{
		"just before the start": {start.Add(-time.Microsecond), 1},
		"at the start":          {start, 0},
		"a month later":         {start.AddDate(0, 1, 0), 0},
	} {
		f := facts(t)
		f.BookedAt, f.Rules = c.booked, []account.ReminderRule{dayBefore}
		if got := reminding.Plan(f); len(got) != c.want {
			t.Errorf("%s: %d reminders, want %d", name, len(got), c.want)
		}
	}
}

func TestReach(t *testing.T) {
	type reach = reminding.Reach
	for _, c := range []struct {
		name    string
		rule    account.ReminderRule
		reach   reach
		channel string
		reason  string
	}{
		{"a phone", dayBefore, reach{Phone: true}, "sms", ""},
		{"both, the rule decides", dayBefore, reach{Phone: true, Email: true}, "sms", ""},
		{"no phone but an address", dayBefore, reach{Email: true}, "email", ""},
		{"opted out with an address", dayBefore, reach{Phone: true, Email: true, OptedOut: true}, "email", ""},
		{"opted out without", dayBefore, reach{Phone: true, OptedOut: true}, "sms", "opted_out"},
		{"nothing", dayBefore, reach{}, "sms", "no_address"},
		{"an email without an address", byMail, reach{Phone: true}, "email", "no_address"},
		{"an email though opted out of texts", byMail, reach{Phone: true, Email: true, OptedOut: true}, "email", ""},
		{"erased", dayBefore, reach{Phone: true, Email: true, Erased: true}, "sms", "erased"},
	} {
		f := facts(t)
		f.Rules, f.Reach = []account.ReminderRule{c.rule}, c.reach
		got := reminding.Plan(f)[0]
		if got.Channel != c.channel || got.Suppressed != c.reason {
			t.Errorf("%s: %s %q, want %s %q", c.name, got.Channel, got.Suppressed, c.channel, c.reason)
		}
		if got.Message != reminding.MessageID(f, c.rule.ID, c.channel) {
			t.Errorf("%s: the id does not name the channel it goes by", c.name)
		}
	}
}

// An email is not also sent in place of the text that another rule asks for at the same time.
func TestNoSecondEmail(t *testing.T) {
	f := facts(t)
	mailToo := account.ReminderRule{ID: "mail-too", LeadMin: dayBefore.LeadMin, Channel: "email"}
	f.Rules, f.Reach = []account.ReminderRule{dayBefore, mailToo}, reminding.Reach{Email: true}
	plan := reminding.Plan(f)
	if plan[0].Suppressed != "no_address" || plan[1].Suppressed != "" {
		t.Errorf("planned %+v", plan)
	}
}

func TestMessageIDsDiffer(t *testing.T) {
	f := facts(t)
	moved, others := f, f
	moved.Sequence = 2
	others.Client = domain.DeriveID[domain.ClientID]("bia")
	seen := map[domain.MessageID]bool{}
	for _, id := range []domain.MessageID{
		reminding.MessageID(f, "a", "sms"), reminding.MessageID(f, "b", "sms"), reminding.MessageID(f, "a", "email"),
		reminding.MessageID(moved, "a", "sms"), reminding.MessageID(others, "a", "sms"),
	} {
		if seen[id] {
			t.Errorf("%s names two messages", id)
		}
		seen[id] = true
	}
}

func TestSuppress(t *testing.T) {
	f := facts(t)
	reminder := reminding.Plan(f)[0]
	events, err := message.Decide(message.State{}, reminding.Suppress(f, reminder, "booked_late"))
	want := []message.Event{message.MessageSuppressed{
		Message: reminder.Message, Account: f.Account, Client: f.Client, Appointment: f.Appointment, Sequence: 1,
		Rule: "day-before", Channel: "sms", Reason: "booked_late",
	}}
	if err != nil || !reflect.DeepEqual(events, want) {
		t.Errorf("suppressed with %+v, %v; want %+v", events, err, want)
	}
}
