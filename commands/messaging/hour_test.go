package messaging_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

// clock returns a time of the Monday of the tests, or of the days after it, on the clock of São Paulo (UTC-3).
func clock(days, hour, minute int) time.Time {
	return time.Date(2016, 5, 2+days, hour+3, minute, 0, 0, time.UTC)
}

// mailless takes the address of Ana away and changes her zone, "" for that of the account.
func mailless(w *commandstest.World, zone string) domain.Command {
	contact, err := client.NewContact(client.Form{Name: "Ana", Phone: "+5527900000001", Country: "BR", Zone: zone})
	w.Ok(err)
	return client.ChangeContact{Client: w.Ana, Contact: contact}
}

// retry lets the waiting text make its next attempt, as if a read model had it waiting for ten minutes.
func retry(w *commandstest.World, id domain.MessageID, attempts int) {
	w.T.Helper()
	waiting := waitingAt{{Message: id, Account: w.Account, Attempts: attempts, Since: w.Now.Add(-10 * time.Minute)}}
	_, err := w.Dispatch.RetryWaiting(w.T.Context(), waiting)
	w.Ok(err)
	w.Settle()
}

// After a downtime a reminder is not queued in the night: it waits for the morning, without a charge.
func TestReminderThatMissedTheEveningWaitsForTheMorning(t *testing.T) {
	w := commandstest.NewWorld(t)
	booked := w.Book("a", clock(1, 13, 0))
	w.Now = clock(0, 21, 4)
	id := w.Remind(booked)
	w.Remind(booked) // the server restarts
	w.Settle()
	state := w.Message(id)
	if state.Exists() || !state.Until.Equal(clock(1, 8, 0)) || w.Owned() != commandstest.Balance {
		t.Fatalf("at night the reminder is %q until %s and %d are owned; want it unqueued until 08:00 at no cost",
			state.Status(), state.Until, w.Owned())
	}
	if got := w.History(message.Stream(id)); len(got) != 1 {
		t.Errorf("asked twice, the log says %v, want one MessageDeferred", got)
	}
	w.Now = clock(1, 8, 0)
	w.Remind(booked)
	w.Settle()
	if status := w.Message(id).Status(); status != message.Sent || len(w.Alpha.Sent) != 1 {
		t.Fatalf("in the morning the reminder is %q after %d texts, want sent after 1", status, len(w.Alpha.Sent))
	}
}

func TestMorningIsTooLate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*commandstest.World) domain.Command
		reason string
		mails  int
	}{
		{"with an address", nil, "quiet_hours", 1},
		{"without", func(w *commandstest.World) domain.Command { return mailless(w, "") }, "too_late", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			booked := w.Book("a", clock(1, 8, 0)) // the quiet time ends when the visit starts
			if c.change != nil {
				w.Do(c.change(w))
			}
			w.Now = clock(1, 2, 0)
			id := w.Remind(booked)
			w.Settle()
			if state := w.Message(id); state.Reason != c.reason || len(w.Alpha.Sent) != 0 || len(w.Mails) != c.mails {
				t.Fatalf("the text is %q (%s) after %d texts and %d emails; want %s after 0 and %d",
					state.Status(), state.Reason, len(w.Alpha.Sent), len(w.Mails), c.reason, c.mails)
			}
		})
	}
}

// Whatever a queued text waits for, the hour is asked before a provider gets it.
func TestQueuedTextWaitsForTheMorning(t *testing.T) {
	outage := commandstest.Refused("provider")
	for _, c := range []struct {
		name     string
		prepare  func(*commandstest.World)
		meantime func(*commandstest.World)
		attempts int
	}{
		{
			"a busy provider", func(w *commandstest.World) { w.Alpha.Results = []error{commandstest.Refused("transient")} },
			func(*commandstest.World) {}, 1,
		},
		{
			"no provider, then a switch", func(w *commandstest.World) {
				w.Operate(provider.Disable{Provider: "alpha"}, provider.Disable{Provider: "beta"})
			},
			func(w *commandstest.World) {
				w.Operate(provider.Enable{Provider: "beta"},
					route.Switch{Country: "BR", Provider: "beta", By: "operator", Reason: "ban"})
			}, 0,
		},
		{
			"an attempt in doubt that fails at night, and then the next provider", func(w *commandstest.World) {
				w.Alpha.Results = []error{commandstest.ErrLost}
			},
			func(w *commandstest.World) {
				waiting := waitingAt{{Account: w.Account, Attempts: 1, Since: w.Now.Add(-time.Hour), InDoubt: true}}
				waiting[0].Message, _, _ = messaging.ParseReference(w.Alpha.Sent[0].Reference)
				w.Alpha.Statuses = map[string]error{w.Alpha.Sent[0].Reference: outage}
				_, err := w.Dispatch.RetryWaiting(w.T.Context(), waiting)
				w.Ok(err)
				w.Settle()
			}, 1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			booked := w.Book("a", clock(1, 13, 0))
			w.Now = clock(0, 20, 59)
			c.prepare(w)
			id := w.Remind(booked)
			w.Settle()
			before := len(w.Alpha.Sent) + len(w.Beta.Sent)
			w.Now = clock(0, 21, 10)
			c.meantime(w)
			retry(w, id, c.attempts)
			state, night := w.Message(id), len(w.Alpha.Sent)+len(w.Beta.Sent)
			if state.Status() != message.Queued || !state.Until.Equal(clock(1, 8, 0)) || night != before {
				t.Fatalf("at night the text is %s until %s, and a provider got %d more; want it queued until 08:00",
					state.Status(), state.Until, night-before)
			}
			w.Restart()
			w.Now = clock(1, 8, 1)
			retry(w, id, c.attempts)
			if got := w.Message(id).Status(); got != message.Sent {
				t.Fatalf("in the morning the text is %s, want sent", got)
			}
		})
	}
}

// The hour is that of the zone that the client, or without one the account, has when the text is sent.
func TestHourIsThatOfTheZoneOfNow(t *testing.T) {
	for _, c := range []struct {
		name string
		zone func(*commandstest.World) domain.Command
		want message.Status
	}{
		{"the client moved into the night", func(w *commandstest.World) domain.Command {
			return mailless(w, "Europe/Berlin")
		}, message.Queued},
		{"the client moved into the day", func(w *commandstest.World) domain.Command {
			return mailless(w, "Asia/Tokyo")
		}, message.Sent},
		{"the account moved into the night", func(w *commandstest.World) domain.Command {
			settings, err := account.NewSettings(account.Form{
				Name: "Clinic", Zone: "Europe/Berlin", Locale: "en", Country: "BR",
			})
			w.Ok(err)
			return account.ChangeSettings{Account: w.Account, Settings: settings}
		}, message.Queued},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			w.Alpha.Results = []error{commandstest.Refused("transient")}
			booked := w.Book("a", clock(1, 13, 0))
			w.Now = clock(0, 19, 30) // half past midnight in Berlin, half past seven in Tokyo
			id := w.Remind(booked)
			w.Settle()
			w.Do(c.zone(w))
			w.Now = clock(0, 20, 10) // ten past eight in Tokyo
			retry(w, id, 1)
			if got := w.Message(id).Status(); got != c.want {
				t.Fatalf("the text is %s, want %s", got, c.want)
			}
		})
	}
}
