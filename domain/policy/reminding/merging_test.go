package reminding_test

import (
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

func rule(id string, lead time.Duration, channel string) account.ReminderRule {
	return account.ReminderRule{ID: id, LeadMin: int(lead / time.Minute), Channel: channel}
}

// sentBy returns the rules of a plan whose reminders are sent, and the reasons of the others.
func sentBy(plan []reminding.Reminder) (lines []string) {
	for _, r := range plan {
		line := r.Rule + " " + r.Channel
		if r.Suppressed != "" {
			line += " " + r.Suppressed
		}
		lines = append(lines, line)
	}
	return lines
}

func TestOneReminderAMinute(t *testing.T) {
	const sms, email = message.SMS, message.Email
	ten, four, two := rule("ten", 10*time.Hour, sms), rule("four", 4*time.Hour, sms), rule("two", 2*time.Hour, sms)
	for _, c := range []struct {
		name  string
		rules []account.ReminderRule
		reach reminding.Reach
		want  []string
	}{
		{
			// 22:30, 04:30 and 06:30 are moved to 20:45
			"moved before the quiet time",
			[]account.ReminderRule{two, ten, four},
			reminding.Reach{Phone: true},
			[]string{"two sms same_minute", "ten sms", "four sms same_minute"},
		},
		{
			"by two channels",
			[]account.ReminderRule{ten, rule("mail", 4*time.Hour, email), two},
			reminding.Reach{Phone: true, Email: true},
			[]string{"ten sms", "mail email", "two sms same_minute"},
		},
		{
			"asked for twice",
			[]account.ReminderRule{rule("a", 24*time.Hour, sms), rule("b", 24*time.Hour, sms)},
			reminding.Reach{Phone: true},
			[]string{"a sms", "b sms same_minute"},
		},
		{
			"one of them there without being moved",
			[]account.ReminderRule{ten, rule("evening", 11*time.Hour+45*time.Minute, sms)},
			reminding.Reach{Phone: true},
			[]string{"ten sms same_minute", "evening sms"},
		},
		{
			"a minute apart",
			[]account.ReminderRule{ten, rule("before", 11*time.Hour+46*time.Minute, sms)},
			reminding.Reach{Phone: true},
			[]string{"ten sms", "before sms"},
		},
		{
			"emails in place of texts",
			[]account.ReminderRule{ten, two},
			reminding.Reach{Email: true},
			[]string{"ten email", "two email same_minute"},
		},
		{
			"an email in place of a text, an hour after that of a rule",
			[]account.ReminderRule{rule("mail", 24*time.Hour, email), rule("text", 23*time.Hour, sms)},
			reminding.Reach{Phone: true, Email: true, OptedOut: true},
			[]string{"mail email", "text sms opted_out"},
		},
		{
			"and more than an hour after it",
			[]account.ReminderRule{rule("mail", 24*time.Hour, email), rule("text", 23*time.Hour-time.Minute, sms)},
			reminding.Reach{Phone: true, Email: true, OptedOut: true},
			[]string{"mail email", "text email"},
		},
	} {
		f := facts(t)
		f.Rules, f.Reach = c.rules, c.reach
		if got := sentBy(reminding.Plan(f)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// After a downtime the reminders that were missed meet, though they were due at different times.
func TestMissedRemindersMeet(t *testing.T) {
	f := facts(t)
	f.Rules = []account.ReminderRule{
		rule("day", 24*time.Hour, message.SMS), rule("half", 12*time.Hour, message.SMS), rule("mail", 20*time.Hour, message.Email),
	}
	plan := reminding.Plan(f)
	sent, beaten := reminding.Meet(plan, start.Add(-90*time.Minute))
	if got, want := sentBy(sent), []string{"half sms", "mail email"}; !slices.Equal(got, want) {
		t.Errorf("%q are sent, want %q", got, want)
	}
	if got, want := sentBy(beaten), []string{"day sms same_minute"}; !slices.Equal(got, want) {
		t.Errorf("%q are not, want %q", got, want)
	}
}

func TestOvertaken(t *testing.T) {
	f := facts(t) // by rules a day and two hours before; the second is due at 20:45 the evening before
	evening := start.Add(-11*time.Hour - 45*time.Minute)
	early := text
	early.ScheduledFor = evening.Add(-time.Minute)
	deferred := message.MessageDeferred{Message: textID, Until: start.Add(-30 * time.Minute)}
	waited := func(rule string) []message.Event {
		return []message.Event{message.ReminderQueued{Message: textID, Letter: early, Rule: rule}, deferred}
	}
	for _, c := range []struct {
		name   string
		events []message.Event
		now    time.Time
		want   bool
	}{
		{"the other one is due", waited("day-before"), evening, true},
		{"not yet", waited("day-before"), evening.Add(-1), false},
		{"never waited", []message.Event{queued}, start, false},
		{"the other one itself", waited("two-hours"), evening, false},
	} {
		if got := reminding.Overtaken(state(c.events...), reminding.Plan(f), c.now); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
