package viewstest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func messageID(n byte) domain.MessageID { return domain.MessageID{UUID: id(200 + n)} }

// reminderTo is the text of a reminder of an appointment tomorrow.
func reminderTo(who domain.ClientID, about domain.AppointmentID, number, words string) message.Letter {
	return message.Letter{
		Account: acme, Client: who, Appointment: about, Channel: message.SMS, To: domain.Secret(number), Country: "BR",
		Text: domain.Secret(words), Segments: 1, UnitPrice: 1_000_000, ScheduledFor: monday,
		UsefulUntil: monday.Add(24 * time.Hour),
	}
}

// texts are four reminders: delivered, failed, in doubt, suppressed.
func texts(w *world) {
	opened(w)
	at := monday
	for n, number := range []string{"+5527999990001", "+5527999990001", "+5527999990002"} {
		who := []domain.ClientID{anna, anna, bruno}[n]
		m := messageID(byte(n + 1))
		w.happened(acme, at.Add(time.Duration(n)*time.Minute), message.Stream(m), message.ReminderQueued{
			Message: m, Letter: reminderTo(who, visitID(1), number, "See you tomorrow at nine"), Rule: "day-before",
		}, message.SmsAttempted{Message: m, Attempt: 1, Reference: m.String(), Provider: "alpha", Country: "BR", At: at})
	}
	w.happened(acme, at.Add(time.Second), message.Stream(messageID(1)),
		message.SmsSent{Message: messageID(1), Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", SentAt: at},
		message.DeliveryReported{
			Message: messageID(1), Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", State: "delivered",
			At: at.Add(7 * time.Second), Counted: true,
		})
	w.happened(acme, at.Add(2*time.Second), message.Stream(messageID(2)),
		message.SmsAttemptFailed{Message: messageID(2), Attempt: 1, Provider: "alpha", Country: "BR", Class: "permanent", Code: "21211"},
		message.SmsFailed{Message: messageID(2), Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", Class: "permanent", Code: "21211"})
	w.happened(acme, at.Add(4*time.Minute), message.Stream(messageID(4)), message.MessageSuppressed{
		Message: messageID(4), Account: acme, Client: bruno, Appointment: visitID(2), Rule: "day-before",
		Channel: message.SMS, Reason: "opted_out",
	})
}

func messagesTellHowFarEachCame(t *testing.T, s Suite) {
	w := newWorld(t, s)
	texts(w)
	w.catchUp()
	got, err := projections.Messages{DB: w.db}.Find(t.Context(), acme, projections.MessageFilter{})
	w.ok(err)
	letter := reminderTo(anna, visitID(1), "+5527999990001", "See you tomorrow at nine")
	row := func(n byte, who domain.ClientID, name, number string) projections.Message {
		return projections.Message{
			ID: messageID(n), Account: acme, Client: who, Appointment: visitID(1), Kind: "reminder", Rule: "day-before",
			Channel: "sms", Address: number, Text: "See you tomorrow at nine", Country: "BR", Segments: 1, Price: 1_000_000,
			ScheduledFor: letter.ScheduledFor, UsefulUntil: letter.UsefulUntil,
			QueuedAt: monday.Add(time.Duration(n-1) * time.Minute), Provider: "alpha", Attempts: 1, ClientName: name,
		}
	}
	delivered := row(1, anna, "Anna Conceição", "+5527999990001")
	delivered.Status, delivered.ChangedAt = message.Delivered, monday.Add(time.Second)
	delivered.SentAt, delivered.Revision = monday, 3
	failed := row(2, anna, "Anna Conceição", "+5527999990001")
	failed.Status, failed.ChangedAt, failed.Reason = message.Failed, monday.Add(2*time.Second), "permanent: 21211"
	failed.Revision = 3
	open := row(3, bruno, "Bruno Álvares", "+5527999990002")
	open.Status, open.ChangedAt, open.Revision = message.Attempted, monday, 1
	suppressed := projections.Message{
		ID: messageID(4), Account: acme, Client: bruno, Appointment: visitID(2), Kind: "reminder", Rule: "day-before",
		Channel: "sms", QueuedAt: monday.Add(4 * time.Minute), Status: message.Suppressed,
		ChangedAt: monday.Add(4 * time.Minute), Reason: "opted_out", ClientName: "Bruno Álvares",
	}
	if want := []projections.Message{suppressed, open, failed, delivered}; !reflect.DeepEqual(got, want) {
		t.Fatalf("the history reads\n got: %+v\nwant: %+v", got, want)
	}
}

func messagesNarrow(t *testing.T, s Suite) {
	w := newWorld(t, s)
	texts(w)
	w.booked(visitID(1), anna, monday, monday.Add(24*time.Hour))
	w.catchUp()
	history := projections.Messages{DB: w.db}
	for name, c := range map[string]struct {
		of   domain.AccountID
		in   projections.MessageFilter
		want []byte
	}{
		"nothing of another account": {other, projections.MessageFilter{}, nil},
		"status":                     {acme, projections.MessageFilter{Statuses: []message.Status{"failed", "delivered"}}, []byte{2, 1}},
		"client":                     {acme, projections.MessageFilter{Client: bruno}, []byte{4, 3}},
		"appointment and provider":   {acme, projections.MessageFilter{Appointment: visitID(1), Provider: "alpha", Limit: 2}, []byte{2, 1}},
		"the page after":             {acme, projections.MessageFilter{After: readmodel.Cursor{At: monday.Add(time.Minute), ID: messageID(2).UUID}}, []byte{1}},
		"when queued":                {acme, projections.MessageFilter{Queued: domain.Interval{Start: monday.Add(time.Minute), End: monday.Add(2 * time.Minute)}}, []byte{2}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := history.Find(t.Context(), c.of, c.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			for _, m := range found {
				got = append(got, m.ID.UUID[15]-200)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Fatalf("found %v, want %v", got, c.want)
			}
		})
	}
	doubts, err := history.InDoubt(t.Context(), monday, 10)
	w.ok(err)
	if len(doubts) != 1 || doubts[0].ID != messageID(3) {
		t.Fatalf("in doubt are %+v", doubts)
	}
	waiting, err := history.Waiting(t.Context(), monday.Add(time.Hour), 10)
	w.ok(err)
	if waiting != nil { // one has failed for good, the others were never put back
		t.Fatalf("waiting are %+v", waiting)
	}
	w.happened(acme, monday.Add(time.Hour), message.Stream(messageID(3)), message.SmsAttemptFailed{
		Message: messageID(3), Attempt: 1, Provider: "alpha", Country: "BR", Class: "transient",
	})
	w.catchUp()
	waiting, err = history.Waiting(t.Context(), monday.Add(time.Hour), 10)
	w.ok(err)
	if len(waiting) != 1 || waiting[0].ID != messageID(3) || waiting[0].Attempts != 1 {
		t.Fatalf("waiting are %+v", waiting)
	}
}

func aMessagesStoryIsItsStream(t *testing.T, s Suite) {
	w := newWorld(t, s)
	texts(w)
	w.catchUp()
	tell := func(of domain.AccountID) (types []string) {
		for r, err := range (projections.Messages{DB: w.db}).Story(t.Context(), w.store, w.codec, of, messageID(1)) {
			w.ok(err)
			types = append(types, r.Event.EventType())
		}
		return types
	}
	if got, want := tell(acme), []string{"ReminderQueued", "SmsAttempted", "SmsSent", "DeliveryReported"}; !reflect.DeepEqual(got, want) {
		t.Fatalf("the story is %v, want %v", got, want)
	}
	if got := tell(other); got != nil {
		t.Fatalf("another account was told %v", got)
	}
}

// The row follows the fold of the stream, whatever happened: late receipts, refused attempts that were taken after
// all, a second attempt, a suppression in between.
func messageStatusIsThatOfTheStream(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		m := domain.MessageID{UUID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, runs))}
		var state message.State
		wishes := []message.Command{message.QueueReminder{
			Message: m, Letter: reminderTo(anna, visitID(1), "+5527999990001", "Tomorrow"), Rule: "day-before",
		}}
		for range rapid.IntRange(1, 14).Draw(rt, "wishes") {
			attempt := rapid.IntRange(1, 3).Draw(rt, "attempt")
			wishes = append(wishes, rapid.SampledFrom([]message.Command{
				message.StartAttempt{Message: m, Attempt: attempt, Provider: "alpha", Country: "BR", Reference: fmt.Sprint(attempt), At: monday},
				message.Accept{Message: m, Attempt: attempt, At: monday},
				message.RejectAttempt{Message: m, Attempt: attempt, Class: "transient", Final: rapid.Bool().Draw(rt, "final")},
				message.Report{Message: m, Attempt: attempt, State: rapid.SampledFrom([]string{
					"delivered", "undelivered", "expired", "unknown",
				}).Draw(rt, "receipt"), At: monday.Add(time.Minute)},
				message.Suppress{Message: m, Reason: "cancelled"},
			}).Draw(rt, "wish"))
		}
		for _, wish := range wishes {
			events, err := message.Decide(state, wish)
			if err != nil {
				continue
			}
			for _, event := range events {
				state = message.Evolve(state, event)
				w.happened(acme, monday, message.Stream(m), event)
			}
		}
		w.catchUp()
		row, ok, err := projections.Messages{DB: w.db}.One(t.Context(), acme, m)
		w.ok(err)
		if !ok || row.Status != state.Status() {
			rt.Fatalf("the row says %q, the stream %q after %+v", row.Status, state.Status(), wishes)
		}
	})
}

func deliveriesCountByTheDayOfTheAttempt(t *testing.T, s Suite) {
	w := newWorld(t, s)
	texts(w)
	late := monday.Add(30 * time.Hour) // a receipt of the next day counts on the day of its attempt
	w.happened(acme, late, message.Stream(messageID(3)),
		message.SmsSent{Message: messageID(3), Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", SentAt: monday},
		message.DeliveryReported{
			Message: messageID(3), Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", State: "undelivered",
			At: late, Counted: true,
		},
		message.SmsFailed{
			Message: messageID(3), Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", Class: "undelivered",
		}) // which its receipt has counted already
	w.catchUp()
	report := func(in projections.DeliveryFilter) []projections.Delivery {
		lines, err := projections.Deliveries{DB: w.db}.Report(t.Context(), in)
		w.ok(err)
		return lines
	}
	lines := report(projections.DeliveryFilter{Account: acme, By: projections.By{Provider: true, Country: true, Day: true}})
	if len(lines) != 3 {
		t.Fatalf("the report has lines %+v", lines)
	}
	alpha := lines[2]
	counts := []int{alpha.Attempted, alpha.Refused, alpha.Sent, alpha.Delivered, alpha.Undelivered, alpha.Expired, alpha.Failed, alpha.Unknown()}
	if want := []int{3, 1, 2, 1, 1, 0, 1, 0}; !reflect.DeepEqual(counts, want) || alpha.Provider != "alpha" {
		t.Fatalf("%s counts %v, want %v", alpha.Provider, counts, want)
	}
	if day := time.Date(2016, 5, 2, 0, 0, 0, 0, time.UTC); !alpha.Day.Equal(day) || alpha.Country != "BR" {
		t.Fatalf("the line is of %v in %s", alpha.Day, alpha.Country)
	}
	if p50 := alpha.Latency(0.5); p50 != 10*time.Second {
		t.Fatalf("half arrived within %v, want the bucket of 10 s", p50)
	}
	whole := report(projections.DeliveryFilter{})
	if len(whole) != 1 || whole[0].Queued != 3 || whole[0].Suppressed != 1 || whole[0].Sent != 2 {
		t.Fatalf("the whole installation reads %+v", whole)
	}
	if none := report(projections.DeliveryFilter{Account: other}); none != nil {
		t.Fatalf("another account reads %+v", none)
	}
}
