package projections_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

var (
	dayBefore = account.ReminderRule{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"}
	twoHours  = account.ReminderRule{ID: "two-hours", LeadMin: 120, Channel: "sms"}
	friday    = Monday.AddDate(0, 0, 4) // 12:00 UTC is nine in the morning in São Paulo
	saturday  = friday.AddDate(0, 0, 1)
)

func rules(at time.Time, rules ...account.ReminderRule) []Append {
	return []Append{On(account.Stream(Acme), at, account.ReminderRulesSet{Account: Acme, Rules: rules})}
}

func aboutAnna(events ...domain.Event) []Append {
	return []Append{On(client.Stream(Anna), Monday, events...)}
}

func aboutVisit(event domain.Event) []Append {
	return []Append{On(appointment.StreamOf(Visit(1)), Monday, event)}
}

func aboutAccount(event domain.Event) []Append {
	return []Append{On(account.Stream(Acme), Monday, event)}
}

// queued queues the reminder of the first revision.
func queued() []Append {
	return []Append{On(message.Stream(Message(1)), Monday, message.ReminderQueued{
		Message: Message(1), Letter: ReminderTo(Anna, Visit(1), "+5527999990001", "Tomorrow"), Rule: "day-before",
	})}
}

// inTheNight is eleven at night in São Paulo, before the visit on Friday.
var inTheNight = friday.Add(-10 * time.Hour)

// night defers the reminder of the first revision to eight in the morning of São Paulo.
func night() []Append {
	return []Append{On(message.Stream(Message(1)), inTheNight, message.MessageDeferred{
		Message: Message(1), Account: Acme, Client: Anna, Appointment: Visit(1), Rule: "day-before",
		Until: friday.Add(-time.Hour),
	})}
}

func anna(at time.Time, zone, phone string) []Append {
	return []Append{On(client.Stream(Anna), at, client.ContactChanged{Client: Anna, Contact: client.Contact{
		Name: domain.Secret("Anna"), Phone: domain.Secret(phone), Zone: zone,
	}})}
}

// adjusted moves Anna's visit by an hour, and keeps its local time.
func adjusted() []Append {
	return Adjusted(Visit(1), Anna, Monday.Add(time.Hour), friday, friday.Add(time.Hour))
}

// dueLines returns what is due before the end of the month, one sorted line per row: appointment, rule, channel,
// when, and why it will not be sent.
func dueLines(ctx context.Context, read projections.Reader) (any, error) {
	rows, err := read.Due.DueBefore(ctx, Monday.AddDate(0, 1, 0), 100)
	var lines []string
	for _, r := range rows {
		line := string(rune('0'+r.Appointment.UUID[15]-100)) + " " + r.Rule + " " + r.Channel + " " +
			r.DueAt.Format("02 15:04")
		if r.Suppressed != "" {
			line += " " + r.Suppressed
		}
		lines = append(lines, line)
	}
	slices.Sort(lines) // rows due at the same time are in the order of message ids, which are hashes
	return lines, err
}

func TestDuePlansReminders(t *testing.T) {
	var examples []Example
	for _, c := range []struct {
		name string
		then []Append
		want []string
	}{
		{"booked", nil, []string{"1 day-before sms 05 12:00"}},
		{
			"booked late", Booked(Visit(2), Bruno, friday.Add(-time.Hour), friday),
			[]string{"1 day-before sms 05 12:00", "2 day-before sms 05 12:00 booked_late"},
		},
		{
			"recorded after it took place", Booked(Visit(2), Bruno, friday.Add(time.Hour), friday),
			[]string{"1 day-before sms 05 12:00"},
		},
		{
			"recorded after it took place, then another rule",
			Story(Booked(Visit(2), Bruno, friday.Add(time.Hour), friday), rules(friday.Add(time.Hour), twoHours)),
			[]string{"1 day-before sms 05 12:00"},
		},
		{"only requested", Requested(Visit(2), Bruno, Monday, friday), []string{"1 day-before sms 05 12:00"}},
		{
			"cancelled", aboutVisit(appointment.Cancelled{Appointment: Visit(1), Client: Anna, Sequence: 1}),
			nil,
		},
		{"moved", Moved(Visit(1), Anna, Monday, friday, saturday), []string{"1 day-before sms 06 12:00"}},
		{"the law moved it by an hour", adjusted(), []string{"1 day-before sms 05 13:00"}},
		{"queued, then the law moved it", Story(queued(), adjusted()), nil},
		{"queued", queued(), nil},
		{
			"queued before it was moved", Story(queued(), Moved(Visit(1), Anna, Monday, friday, saturday)),
			[]string{"1 day-before sms 06 12:00"},
		},
		{
			"suppressed for an old revision",
			append(Moved(Visit(1), Anna, Monday, friday, saturday),
				On(message.Stream(Message(1)), Monday, message.MessageSuppressed{
					Message: Message(1), Account: Acme, Appointment: Visit(1), Sequence: 0, Rule: "day-before", Reason: "moved",
				})),
			[]string{"1 day-before sms 06 12:00"},
		},
		{
			"another rule", rules(Monday, dayBefore, twoHours),
			[]string{"1 day-before sms 05 12:00", "1 two-hours sms 05 23:45"},
		},
		{
			"another rule after the first reminder was queued", Story(queued(), rules(Monday, dayBefore, twoHours)),
			[]string{"1 two-hours sms 05 23:45"},
		},
		{
			"a rule set too late", rules(friday.Add(-time.Hour), twoHours),
			[]string{"1 two-hours sms 05 23:45 booked_late"},
		},
		{
			"already due when the rules changed", rules(friday.Add(-time.Hour), dayBefore),
			[]string{"1 day-before sms 05 12:00"},
		},
		{
			"no rules, then some",
			Story(rules(Monday), Booked(Visit(2), Bruno, Monday, friday), rules(Monday, dayBefore)),
			[]string{"1 day-before sms 05 12:00", "2 day-before sms 05 12:00"},
		},
		{
			"the client lives in another zone", aboutAnna(client.ContactChanged{Client: Anna, Contact: client.Contact{
				Phone: domain.Secret("+5527999990001"), Zone: "America/Los_Angeles",
			}}), []string{"1 day-before sms 05 03:45"},
		},
		{
			"the account moves to another zone",
			aboutAccount(account.AccountSettingsChanged{Account: Acme, Settings: account.Settings{
				Zone: "America/Los_Angeles",
			}}),
			[]string{"1 day-before sms 05 03:45"},
		},
		{
			"opted out of texts", aboutAnna(client.SmsOptedOut{Client: Anna}),
			[]string{"1 day-before email 05 12:00"},
		},
		{
			"without an address", aboutAnna(client.ContactChanged{Client: Anna}),
			[]string{"1 day-before sms 05 12:00 no_address"},
		},
		{
			"opted in again", aboutAnna(client.SmsOptedOut{Client: Anna}, client.SmsOptedIn{Client: Anna}),
			[]string{"1 day-before sms 05 12:00"},
		},
		{
			"erased", aboutAnna(client.ClientErased{Client: Anna, Account: Acme}),
			[]string{"1 day-before sms 05 12:00 erased"},
		},
		{"deferred in the night", night(), []string{"1 day-before sms 06 11:00"}},
		{
			"deferred, and queued in the morning", Story(night(), queued()), nil,
		},
		{
			"deferred for an old revision",
			Story(Moved(Visit(1), Anna, Monday, friday, saturday), night()),
			[]string{"1 day-before sms 06 12:00"},
		},
		{
			"deferred, then the client moves further west",
			Story(night(), anna(inTheNight, "America/Los_Angeles", "+5527999990001")),
			[]string{"1 day-before sms 06 02:00"}, // there it is evening: at once
		},
		{
			"deferred, then the client moves a little east", // where the morning comes half an hour earlier
			Story(night(), anna(inTheNight, "America/St_Johns", "+5527999990001")),
			[]string{"1 day-before sms 06 10:30"},
		},
		{
			"deferred, then the client moves a little west", // where the morning is too late: at once, by email
			Story(night(), anna(inTheNight, "America/Manaus", "+5527999990001")),
			[]string{"1 day-before sms 06 02:00"},
		},
		{
			"deferred, then the client has no phone", Story(night(), anna(inTheNight, "", "")),
			[]string{"1 day-before sms 06 02:00 no_address"},
		},
		{
			"deferred, then other rules", Story(night(), rules(inTheNight, dayBefore, twoHours)),
			[]string{"1 day-before sms 06 11:00", "1 two-hours sms 05 23:45 booked_late"},
		},
		{"deferred, then no rules", Story(night(), rules(inTheNight)), nil},
		{"fulfilled", aboutVisit(appointment.Fulfilled{Appointment: Visit(1)}), nil},
		{"account closed", aboutAccount(account.AccountClosed{Account: Acme}), nil},
	} {
		example := Example{Name: c.name, Given: c.then, Query: dueLines}
		if c.want != nil {
			example.Want = c.want
		}
		examples = append(examples, example)
	}
	Run(t, Story(Opened(), Booked(Visit(1), Anna, Monday, friday)), examples)
}

func TestDueReturnsTheSoonestReminder(t *testing.T) {
	thursday, wednesday := friday.AddDate(0, 0, -1), friday.AddDate(0, 0, -2)
	next := func(ctx context.Context, read projections.Reader) (any, error) { return Found(read.Due.NextDue(ctx)) }
	visits := func(rows []projections.Reminder, err error) (any, error) {
		var got []domain.AppointmentID
		for _, row := range rows {
			got = append(got, row.Appointment)
		}
		return got, err
	}
	before := func(at time.Time, limit int) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return visits(read.Due.DueBefore(ctx, at, limit))
		}
	}
	of := func(account domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return visits(read.Due.Of(ctx, account, thursday, readmodel.Cursor{}, 10))
		}
	}
	Run(t, Opened(), []Example{{Name: "nothing booked", Query: next}})
	Run(t, Story(Opened(), Booked(Visit(1), Anna, Monday, friday), Booked(Visit(2), Bruno, Monday, thursday)), []Example{
		{Name: "next", Query: next, Want: wednesday},
		{Name: "at the moment it is due", Query: before(wednesday, 10), Want: []domain.AppointmentID{Visit(2)}},
		{Name: "a moment before", Query: before(wednesday.Add(-time.Microsecond), 10)},
		{Name: "both, soonest first", Query: before(thursday, 10), Want: []domain.AppointmentID{Visit(2), Visit(1)}},
		{Name: "a limit", Query: before(thursday, 1), Want: []domain.AppointmentID{Visit(2)}},
		{Name: "of the account", Query: of(Acme), Want: []domain.AppointmentID{Visit(2), Visit(1)}},
		{Name: "of another account", Query: of(Other)},
	})
}
