package projections_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func TestMessagesReturnTheStatusOfEach(t *testing.T) {
	letter := ReminderTo(Anna, Visit(1), "+5527999990001", "See you tomorrow at nine")
	row := func(n byte, who domain.ClientID, name, number string) projections.Message {
		return projections.Message{
			ID: Message(n), Account: Acme, Client: who, Appointment: Visit(1), Kind: "reminder", Rule: "day-before",
			Channel: "sms", Address: number, Text: "See you tomorrow at nine", Country: "BR", Segments: 1, Price: 1_000_000,
			ScheduledFor: letter.ScheduledFor, QueuedAt: Monday.Add(time.Duration(n-1) * time.Minute), Provider: "alpha", Attempts: 1, ClientName: name,
		}
	}
	delivered := row(1, Anna, "Anna Conceição", "+5527999990001")
	delivered.Status, delivered.ChangedAt = message.Delivered, Monday.Add(time.Second)
	delivered.SentAt = Monday
	failed := row(2, Anna, "Anna Conceição", "+5527999990001")
	failed.Status, failed.ChangedAt, failed.Reason = message.Failed, Monday.Add(2*time.Second), "permanent: 21211"
	inDoubt := row(3, Bruno, "Bruno Álvares", "+5527999990002")
	inDoubt.Status, inDoubt.ChangedAt = message.Attempted, Monday
	suppressed := projections.Message{
		ID: Message(4), Account: Acme, Client: Bruno, Appointment: Visit(2), Kind: "reminder", Rule: "day-before",
		Channel: "sms", QueuedAt: Monday.Add(4 * time.Minute), Status: message.Suppressed,
		ChangedAt: Monday.Add(4 * time.Minute), Reason: "opted_out", Country: "BR", ClientName: "Bruno Álvares",
	}
	erased := inDoubt
	erased.Address, erased.Text, erased.ClientName = "", "", ""
	one := func(account domain.AccountID, n byte) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return Found(read.Messages.One(ctx, account, Message(n)))
		}
	}
	Run(t, Texts(), []Example{
		{
			Name: "the history, newest first",
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				return read.Messages.Find(ctx, Acme, projections.MessageFilter{})
			},
			Want: []projections.Message{suppressed, inDoubt, failed, delivered},
		},
		{Name: "one", Query: one(Acme, 2), Want: failed},
		{Name: "one of another account", Query: one(Other, 2)},
		{
			Name:  "one of an erased client",
			Given: []Append{On(client.Stream(Bruno), Monday, client.ClientErased{Client: Bruno, Account: Acme})},
			Query: one(Acme, 3), Want: erased,
		},
		{
			Name: "counts by status, suppressed ones by reason",
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				return read.Messages.Tally(ctx, Acme, "", domain.Interval{})
			},
			Want: []projections.MessageCount{
				{Channel: "sms", Status: message.Attempted, Count: 1},
				{Channel: "sms", Status: message.Delivered, Count: 1},
				{Channel: "sms", Status: message.Failed, Count: 1},
				{Channel: "sms", Status: message.Suppressed, Reason: "opted_out", Count: 1},
			},
		},
		{
			Name: "counts of a country and an interval, whose end is excluded",
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				return read.Messages.Tally(ctx, Acme, "BR", domain.Interval{Start: Monday, End: Monday.Add(time.Minute)})
			},
			Want: []projections.MessageCount{{Channel: "sms", Status: message.Delivered, Count: 1}},
		},
	})
}

// messageNumbers turns rows into the numbers of their messages.
func messageNumbers(found []projections.Message, err error) (any, error) {
	var got []byte
	for _, m := range found {
		got = append(got, m.ID.UUID[15]-200)
	}
	return got, err
}

func TestMessagesFilter(t *testing.T) {
	minute := func(from, to int) domain.Interval {
		return domain.Interval{
			Start: Monday.Add(time.Duration(from) * time.Minute), End: Monday.Add(time.Duration(to) * time.Minute),
		}
	}
	given := append(Texts(), Booked(Visit(1), Anna, Monday, Monday.Add(24*time.Hour))...)
	var examples []Example
	for _, c := range []struct {
		name    string
		account domain.AccountID
		in      projections.MessageFilter
		want    []byte
	}{
		{"nothing of another account", Other, projections.MessageFilter{}, nil},
		{"statuses", Acme, projections.MessageFilter{Statuses: []message.Status{"failed", "delivered"}}, []byte{2, 1}},
		{"a client", Acme, projections.MessageFilter{Client: Bruno}, []byte{4, 3}},
		{"an appointment and a provider", Acme, projections.MessageFilter{
			Appointment: Visit(1), Provider: "alpha", Limit: 2,
		}, []byte{2, 1}},
		{"the next page", Acme, projections.MessageFilter{
			After: readmodel.Cursor{At: Monday.Add(time.Minute), ID: Message(2).UUID},
		}, []byte{1}},
		{"when queued", Acme, projections.MessageFilter{Queued: minute(1, 2)}, []byte{2}},
		{"channel, kind and country", Acme, projections.MessageFilter{
			Channel: message.SMS, Kind: "reminder", Country: "BR",
		}, []byte{4, 3, 2, 1}},
		{"undelivered", Acme, projections.MessageFilter{Undelivered: Monday}, []byte{2}},
	} {
		example := Example{Name: c.name, Query: func(ctx context.Context, read projections.Reader) (any, error) {
			return messageNumbers(read.Messages.Find(ctx, c.account, c.in))
		}}
		if c.want != nil {
			example.Want = c.want
		}
		examples = append(examples, example)
	}
	Run(t, given, examples)
}

func TestMessagesInDoubtAndWaiting(t *testing.T) {
	inDoubt := func(at time.Time) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return messageNumbers(read.Messages.InDoubt(ctx, at, 10))
		}
	}
	waiting := func(ctx context.Context, read projections.Reader) (any, error) {
		return messageNumbers(read.Messages.Waiting(ctx, Monday.Add(time.Hour), 10))
	}
	retried := []Append{On(message.Stream(Message(3)), Monday.Add(time.Hour), message.SmsAttemptFailed{
		Message: Message(3), Attempt: 1, Provider: "alpha", Country: "BR", Class: "transient",
	})}
	deferred := func(until time.Time) []Append {
		return []Append{On(message.Stream(Message(3)), Monday.Add(-time.Hour), message.MessageDeferred{
			Message: Message(3), Account: Acme, Until: until,
		})}
	}
	replaced := []Append{On(message.Stream(Message(2)), Monday.Add(-time.Hour), message.MessageReplaced{
		Message: Message(2), Account: Acme, By: Message(9),
	})}
	Run(t, Texts(), []Example{
		{
			Name: "the email in place of a text", Given: replaced,
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				text, _, err := read.Messages.One(ctx, Acme, Message(2))
				return text.Fallback, err
			},
			Want: Message(9),
		},
		{
			Name: "the text of an email", Given: replaced,
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				return read.Messages.Replaced(ctx, projections.Message{ID: Message(9), Client: Anna, Channel: "email"})
			},
			Want: []domain.MessageID{Message(2)},
		},
		{Name: "in doubt", Query: inDoubt(Monday), Want: []byte{3}},
		{Name: "in doubt a moment before", Query: inDoubt(Monday.Add(-time.Microsecond))},
		{Name: "none waits: one has failed, no other is back in the queue", Query: waiting},
		{Name: "waiting after a failed attempt", Given: retried, Query: waiting, Want: []byte{3}},
		{Name: "until the morning", Given: Story(retried, deferred(Monday.Add(time.Hour+time.Microsecond))), Query: waiting},
		{
			Name: "in the morning", Given: Story(retried, deferred(Monday.Add(time.Hour))), Query: waiting, Want: []byte{3},
		},
		{
			Name: "the attempts of the waiting one", Given: retried,
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				found, err := read.Messages.Waiting(ctx, Monday.Add(time.Hour), 10)
				return len(found) == 1 && found[0].Attempts == 1, err
			},
			Want: true,
		},
	})
}

// mailsOf returns emails: an agenda that was put off until a minute later, an alert that was queued, one that
// was sent and bounced, and one that was refused.
func mailsOf() []Append {
	var given []Append
	for n, kind := range []string{"agenda", "alert", "agenda", "agenda"} {
		id := Message(byte(n + 1))
		given = append(given, On(message.Stream(id), Monday, message.NoticeQueued{Message: id, Kind: kind, Letter: message.Letter{
			Account: Acme, Channel: message.Email, To: domain.Secret("owner@example.com"), Title: domain.Secret("Monday"),
			Text: domain.Secret("Hello"), ScheduledFor: Monday, UsefulUntil: Monday.Add(time.Hour),
		}}))
	}
	add := func(n byte, event domain.Event) {
		given = append(given, On(message.Stream(Message(n)), Monday.Add(time.Second), event))
	}
	add(1, message.MailDelayed{
		Message: Message(1), Account: Acme, Attempt: 1, Code: "451 4.3.0", Until: Monday.Add(time.Minute),
	})
	add(3, message.MailSent{Message: Message(3), Account: Acme, SentAt: Monday})
	add(3, message.MailBounced{Message: Message(3), Account: Acme, Permanent: true, Code: "5.1.1", At: Monday})
	add(4, message.MailFailed{Message: Message(4), Account: Acme, Code: "550"})
	return given
}

func TestMailThatWaitsOrFailed(t *testing.T) {
	waiting := func(queued, now time.Time) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return messageNumbers(read.Messages.WaitingMail(ctx, queued, now, 10))
		}
	}
	fate := func(n byte) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			m, _, err := read.Messages.One(ctx, Acme, Message(n))
			return fmt.Sprint(m.Status, " ", m.Attempts, " ", m.Reason), err
		}
	}
	Run(t, append(Opened(), mailsOf()...), []Example{
		{Name: "alerts first", Query: waiting(Monday, Monday.Add(time.Minute)), Want: []byte{2, 1}},
		{Name: "put off until later", Query: waiting(Monday, Monday.Add(time.Minute-1)), Want: []byte{2}},
		{Name: "queued too recently", Query: waiting(Monday.Add(-time.Second), Monday.Add(time.Hour))},
		{Name: "delayed", Query: fate(1), Want: "queued 1 451 4.3.0"},
		{Name: "bounced", Query: fate(3), Want: "failed 0 bounced: 5.1.1"},
		{Name: "refused", Query: fate(4), Want: "failed 0 550"},
	})
}

// TestMessageStatusEqualsFoldedState decides random commands on one message after the other: late receipts, refused
// attempts that were accepted after all, a second attempt, a suppression in between. The row's status must be that of
// the state folded from the same events.
func TestMessageStatusEqualsFoldedState(t *testing.T) {
	w := New(t, Opened()...)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		m := domain.MessageID{UUID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, runs))}
		var state message.State
		letter := ReminderTo(Anna, Visit(1), "+5527999990001", "Tomorrow")
		if rapid.Bool().Draw(rt, "by email") {
			letter.Channel = message.Email
		}
		commands := []message.Command{message.QueueReminder{Message: m, Letter: letter, Rule: "day-before"}}
		for range rapid.IntRange(1, 14).Draw(rt, "commands") {
			commands = append(commands, drawMessageCommand(rt, m))
		}
		for _, command := range commands {
			events, err := message.Decide(state, command)
			if err != nil {
				continue // refused
			}
			for _, event := range events {
				state = message.Evolve(state, event)
				w.Append(On(message.Stream(m), Monday, event))
			}
		}
		w.CatchUp()
		row, ok, err := w.Read.Messages.One(t.Context(), Acme, m)
		if err != nil {
			rt.Fatal(err)
		}
		if !ok || row.Status != state.Status() {
			rt.Fatalf("the row has status %q, the state %q, after %+v", row.Status, state.Status(), commands)
		}
	})
}

func drawMessageCommand(rt *rapid.T, m domain.MessageID) message.Command {
	attempt := rapid.IntRange(1, 3).Draw(rt, "attempt")
	return rapid.SampledFrom([]message.Command{
		message.StartAttempt{Message: m, Attempt: attempt, Provider: "alpha", Country: "BR", Reference: fmt.Sprint(attempt), At: Monday},
		message.Accept{Message: m, Attempt: attempt, At: Monday},
		message.RejectAttempt{Message: m, Attempt: attempt, Class: "transient", Final: rapid.Bool().Draw(rt, "final")},
		message.Report{Message: m, Attempt: attempt, State: rapid.SampledFrom([]string{
			"delivered", "undelivered", "expired", "unknown",
		}).Draw(rt, "receipt"), At: Monday.Add(time.Minute)},
		message.Suppress{Message: m, Reason: "cancelled"},
		message.Mailed{Message: m, At: Monday},
		message.DelayMail{Message: m, Attempt: attempt, Code: "451", Until: Monday.Add(time.Minute)},
		message.FailMail{Message: m, Code: "550"},
		message.Bounce{Message: m, Permanent: true, Code: "5.1.1", At: Monday},
	}).Draw(rt, "command")
}
