package viewstest

import (
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
)

// due is what wakes up until the end of the month, one line a row: appointment, rule, channel, when, why not.
func (w *world) due() []string {
	w.t.Helper()
	w.catchUp()
	rows, err := projections.Due{DB: w.db}.DueBefore(w.t.Context(), monday.AddDate(0, 1, 0), 100)
	w.ok(err)
	var lines []string
	for _, r := range rows {
		line := string(rune('0'+r.Appointment.UUID[15]-100)) + " " + r.Rule + " " + r.Channel + " " +
			r.DueAt.Format("02 15:04")
		if r.Suppressed != "" {
			line += " " + r.Suppressed
		}
		lines = append(lines, line)
	}
	return lines
}

func (w *world) rules(at time.Time, rules ...account.ReminderRule) {
	w.happened(acme, at, account.Stream(acme), account.ReminderRulesSet{Account: acme, Rules: rules})
}

func dueIsWhatIsPlanned(t *testing.T, s Suite) {
	dayBefore := account.ReminderRule{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"}
	twoHours := account.ReminderRule{ID: "two-hours", LeadMin: 120, Channel: "sms"}
	friday := monday.AddDate(0, 0, 4) // 12:00 UTC is nine in the morning in São Paulo
	for _, c := range []struct {
		name string
		then func(w *world)
		want []string
	}{
		{"booked", func(*world) {}, []string{"1 day-before sms 05 12:00"}},
		{"booked late", func(w *world) {
			w.booked(visitID(2), bruno, friday.Add(-time.Hour), friday)
		}, []string{"1 day-before sms 05 12:00", "2 day-before sms 05 12:00 booked_late"}},
		{"only asked for", func(w *world) {
			w.requested(visitID(2), bruno, monday, friday)
		}, []string{"1 day-before sms 05 12:00"}},
		{"cancelled", func(w *world) {
			w.happened(acme, monday, streamOf(visitID(1)), appointment.Cancelled{Appointment: visitID(1), Client: anna, Sequence: 1})
		}, nil},
		{"moved", func(w *world) {
			w.moved(visitID(1), anna, monday, friday, friday.AddDate(0, 0, 1))
		}, []string{"1 day-before sms 06 12:00"}},
		{"queued", func(w *world) {
			w.queuedOnce()
		}, nil},
		{"queued before it was moved", func(w *world) {
			w.queuedOnce()
			w.moved(visitID(1), anna, monday, friday, friday.AddDate(0, 0, 1))
		}, []string{"1 day-before sms 06 12:00"}},
		{"suppressed for an old revision", func(w *world) {
			w.moved(visitID(1), anna, monday, friday, friday.AddDate(0, 0, 1))
			w.happened(acme, monday, message.Stream(messageID(1)), message.MessageSuppressed{
				Message: messageID(1), Account: acme, Appointment: visitID(1), Sequence: 0, Rule: "day-before", Reason: "moved",
			})
		}, []string{"1 day-before sms 06 12:00"}},
		{"another rule", func(w *world) {
			w.rules(monday, dayBefore, twoHours)
		}, []string{"1 day-before sms 05 12:00", "1 two-hours sms 05 23:45"}},
		{"a rule changed when the first was obeyed", func(w *world) {
			w.queuedOnce()
			w.rules(monday, dayBefore, twoHours)
		}, []string{"1 two-hours sms 05 23:45"}},
		{"a rule made too late", func(w *world) {
			w.rules(friday.Add(-time.Hour), twoHours)
		}, []string{"1 two-hours sms 05 23:45 booked_late"}},
		{"due already when the rules changed", func(w *world) {
			w.rules(friday.Add(-time.Hour), dayBefore)
		}, []string{"1 day-before sms 05 12:00"}},
		{"no rules, then some", func(w *world) {
			w.rules(monday)
			w.booked(visitID(2), bruno, monday, friday)
			w.rules(monday, dayBefore)
		}, []string{"1 day-before sms 05 12:00", "2 day-before sms 05 12:00"}},
		{"the client lives elsewhere", func(w *world) {
			w.happened(acme, monday, client.Stream(anna), client.ContactChanged{Client: anna, Contact: client.Contact{
				Phone: domain.Secret("+5527999990001"), Zone: "America/Los_Angeles",
			}})
		}, []string{"1 day-before sms 05 03:45"}},
		{"the account moved", func(w *world) {
			w.happened(acme, monday, account.Stream(acme), account.AccountSettingsChanged{Account: acme, Settings: account.Settings{
				Zone: "America/Los_Angeles",
			}})
		}, []string{"1 day-before sms 05 03:45"}},
		{"no texts, please", func(w *world) {
			w.happened(acme, monday, client.Stream(anna), client.SmsOptedOut{Client: anna})
		}, []string{"1 day-before email 05 12:00"}},
		{"no address", func(w *world) {
			w.happened(acme, monday, client.Stream(anna), client.ContactChanged{Client: anna})
		}, []string{"1 day-before sms 05 12:00 no_address"}},
		{"texts again", func(w *world) {
			w.happened(acme, monday, client.Stream(anna), client.SmsOptedOut{Client: anna}, client.SmsOptedIn{Client: anna})
		}, []string{"1 day-before sms 05 12:00"}},
		{"erased", func(w *world) {
			w.happened(acme, monday, client.Stream(anna), client.ClientErased{Client: anna, Account: acme})
		}, []string{"1 day-before sms 05 12:00 erased"}},
		{"fulfilled", func(w *world) {
			w.happened(acme, monday, streamOf(visitID(1)), appointment.Fulfilled{Appointment: visitID(1)})
		}, nil},
		{"closed", func(w *world) {
			w.happened(acme, monday, account.Stream(acme), account.AccountClosed{Account: acme})
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, s)
			opened(w)
			w.booked(visitID(1), anna, monday, friday)
			c.then(w)
			got := w.due()
			if !sameLines(got, c.want) {
				t.Fatalf("due is\n got: %q\nwant: %q", got, c.want)
			}
			results, err := w.projector.Rebuild(t.Context(), nil, "due")
			w.ok(err)
			if !results[0].Same() || !reflect.DeepEqual(w.due(), got) {
				t.Fatal("made anew it is something else")
			}
		})
	}
}

// sameLines compares what is due at the same instant in any order: messages decide it, and their ids are hashes.
func sameLines(got, want []string) bool {
	count := make(map[string]int)
	for _, line := range got {
		count[line]++
	}
	for _, line := range want {
		count[line]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func (w *world) queuedOnce() {
	w.happened(acme, monday, message.Stream(messageID(1)), message.ReminderQueued{
		Message: messageID(1), Letter: reminderTo(anna, visitID(1), "+5527999990001", "Tomorrow"), Rule: "day-before",
	})
}

func nextDueIsTheSoonest(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	w.catchUp()
	if at, ok, err := (projections.Due{DB: w.db}).NextDue(t.Context()); ok || err != nil {
		t.Fatalf("with nothing booked %v is due (%v)", at, err)
	}
	w.booked(visitID(1), anna, monday, monday.AddDate(0, 0, 4))
	w.booked(visitID(2), bruno, monday, monday.AddDate(0, 0, 3))
	w.catchUp()
	at, ok, err := projections.Due{DB: w.db}.NextDue(t.Context())
	if want := monday.AddDate(0, 0, 2); !ok || err != nil || !at.Equal(want) {
		t.Fatalf("next due is %v, %v, %v, want %v", at, ok, err, want)
	}
	none, err := projections.Due{DB: w.db}.DueBefore(t.Context(), at.Add(-time.Microsecond), 10)
	if none != nil || err != nil {
		t.Fatalf("a moment before, %+v is due (%v)", none, err)
	}
}
