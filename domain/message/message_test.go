package message_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
)

type example = domaintest.Example[message.Command, message.Event]

var (
	id          = domain.DeriveID[domain.MessageID]("reminder of ana")
	account     = domain.DeriveID[domain.AccountID]("clinic")
	ana         = domain.DeriveID[domain.ClientID]("ana")
	appointment = domain.DeriveID[domain.AppointmentID]("check-up of ana")
	due         = time.Date(2016, 5, 9, 11, 30, 0, 0, time.UTC)
	start       = due.Add(24 * time.Hour)

	text = message.Letter{
		Account: account, Client: ana, Appointment: appointment, Sequence: 1, Channel: message.SMS,
		To: domain.Secret("+5527999998888"), Country: "BR", Text: domain.Secret("Ana, 10/05/2016 às 08:30"),
		Segments: 1, UnitPrice: 800_000, ScheduledFor: due, UsefulUntil: start,
	}
	mail = message.Letter{
		Account: account, Client: ana, Appointment: appointment, Sequence: 1, Channel: message.Email,
		To: domain.Secret("ana@example.com"), Title: domain.Secret("Lembrete"), Text: domain.Secret("Ana, 10/05/2016"),
		ScheduledFor: due, UsefulUntil: start,
	}
	about = message.About{
		Account: account, Client: ana, Appointment: appointment, Sequence: 1, Rule: "day-before", Channel: message.SMS,
	}

	queued  = message.ReminderQueued{Message: id, Letter: text, Rule: "day-before"}
	mailing = message.NoticeQueued{Message: id, Letter: mail, Kind: "confirmation"}
	first   = attempted(1, "alpha", due)
	second  = attempted(2, "beta", due.Add(time.Minute))
)

func given(events ...message.Event) []message.Event { return events }

func attempted(n int, provider string, at time.Time) message.SmsAttempted {
	reference := id.String() + "." + string(rune('0'+n))
	return message.SmsAttempted{Message: id, Attempt: n, Reference: reference, Provider: provider, Country: "BR", At: at}
}

func sent(a message.SmsAttempted, providerID string, at time.Time) message.SmsSent {
	return message.SmsSent{
		Message: id, Account: account, Attempt: a.Attempt, Provider: a.Provider, Country: "BR",
		ProviderID: providerID, SentAt: at,
	}
}

func rejected(a message.SmsAttempted, class, code string) message.SmsAttemptFailed {
	return message.SmsAttemptFailed{
		Message: id, Attempt: a.Attempt, Provider: a.Provider, Country: "BR", Class: class, Code: code,
	}
}

func failed(a message.SmsAttempted, class, code string) message.SmsFailed {
	return message.SmsFailed{
		Message: id, Account: account, Attempt: a.Attempt, Provider: a.Provider, Country: "BR", Class: class, Code: code,
	}
}

func reported(a message.SmsAttempted, state string, at time.Time, counted bool) message.DeliveryReported {
	return message.DeliveryReported{
		Message: id, Account: account, Attempt: a.Attempt, Provider: a.Provider, Country: "BR", State: state,
		Code: "000", At: at, Counted: counted,
	}
}

func suppressed(reason string) message.MessageSuppressed {
	return message.MessageSuppressed{
		Message: id, Account: account, Client: ana, Appointment: appointment, Sequence: 1, Rule: "day-before",
		Channel: message.SMS, Reason: reason,
	}
}

func attempt(a message.SmsAttempted) message.Command {
	return message.StartAttempt{
		Message: id, Attempt: a.Attempt, Provider: a.Provider, Country: "BR", Reference: a.Reference, At: a.At,
	}
}

func reject(n int, class string, final bool) message.Command {
	return message.RejectAttempt{Message: id, Attempt: n, Class: class, Code: "E1", Final: final}
}

func report(n int, state string, at time.Time) message.Command {
	return message.Report{Message: id, Attempt: n, State: state, Code: "000", At: at}
}

func TestMessage(t *testing.T) {
	var examples []example
	for _, part := range [][]example{
		queueing(), badLetters(), suppressing(), deferring(), replacing(), attempting(), outcomes(), receipts(), losses(),
		mails(), faults(), duplicates(), contacting(), notices(), alertExamples(), replies(),
	} {
		examples = append(examples, part...)
	}
	domaintest.Run(t, message.Decider, examples)
}

func queueing() []example {
	uncounted := text
	uncounted.Segments = 7 // ignored: the segments are counted from the text
	priced := mail
	priced.Segments, priced.UnitPrice, priced.Country = 1, 5, "BR"
	other := text
	other.Text = domain.Secret("something else")
	return []example{
		{
			Name: "a reminder is queued, its segments counted here",
			When: message.QueueReminder{Message: id, Letter: uncounted, Rule: "day-before"}, Then: given(queued),
		},
		{
			Name: "once, even if the second command differs", Given: given(queued),
			When: message.QueueReminder{Message: id, Letter: other, Rule: "day-before"},
		},
		{
			Name: "not after it was suppressed", Given: given(suppressed("booked_late")),
			When: message.QueueReminder{Message: id, Letter: text, Rule: "day-before"},
		},
		{
			Name: "an email costs nothing",
			When: message.QueueNotice{Message: id, Letter: priced, Kind: "confirmation"}, Then: given(mailing),
		},
		{
			Name: "of no rule", When: message.QueueReminder{Message: id, Letter: text},
			Refused: message.ErrLetter,
		},
		{
			Name: "of no kind", When: message.QueueNotice{Message: id, Letter: text, Kind: "poem"},
			Refused: message.ErrLetter,
		},
	}
}

func badLetters() []example {
	var examples []example
	for name, spoil := range map[string]func(*message.Letter){
		"no account":            func(l *message.Letter) { l.Account = domain.AccountID{} },
		"no channel":            func(l *message.Letter) { l.Channel = "pigeon" },
		"no address":            func(l *message.Letter) { l.To = domain.Private{} },
		"no text":               func(l *message.Letter) { l.Text = domain.Private{} },
		"no country":            func(l *message.Letter) { l.Country = "" },
		"more than ten parts":   func(l *message.Letter) { l.Text = domain.Secret(strings.Repeat("a", 1531)) },
		"a negative price":      func(l *message.Letter) { l.UnitPrice = -1 },
		"a price that explodes": func(l *message.Letter) { l.UnitPrice = 1 << 62 },
		"no use when due":       func(l *message.Letter) { l.UsefulUntil = l.ScheduledFor },
	} {
		letter := text
		spoil(&letter)
		examples = append(examples, example{
			Name: "a letter with " + name, When: message.QueueReminder{Message: id, Letter: letter, Rule: "day-before"},
			Refused: message.ErrLetter,
		})
	}
	return examples
}

func suppressing() []example {
	inBrazil := func(reason string) message.MessageSuppressed {
		event := suppressed(reason)
		event.Country = "BR"
		return event
	}
	abroad := about
	abroad.Country = "BR"
	byMail := abroad
	byMail.Channel = message.Email
	mailed := suppressed("no_address")
	mailed.Channel = message.Email
	suppress := func(reason string) message.Command {
		return message.Suppress{Message: id, About: about, Reason: reason}
	}
	return []example{
		{Name: "never queued", When: suppress("booked_late"), Then: given(suppressed("booked_late"))},
		{
			Name: "queued: About is ignored", Given: given(queued),
			When: message.Suppress{Message: id, Reason: "cancelled"}, Then: given(inBrazil("cancelled")),
		},
		{
			Name: "a text has the country of its number",
			When: message.Suppress{Message: id, About: abroad, Reason: "opted_out"}, Then: given(inBrazil("opted_out")),
		},
		{
			Name: "an email has no country",
			When: message.Suppress{Message: id, About: byMail, Reason: "no_address"}, Then: given(mailed),
		},
		{Name: "the first reason stays", Given: given(suppressed("moved")), When: suppress("cancelled")},
		{
			Name: "between two attempts", Given: given(queued, first, rejected(first, "transient", "E1")),
			When: suppress("moved"), Then: given(inBrazil("moved")),
		},
		{Name: "on its way", Given: given(queued, first), When: suppress("cancelled"), Refused: message.ErrOpen},
		{
			Name: "sent", Given: given(queued, first, sent(first, "p1", due)), When: suppress("cancelled"),
			Refused: message.ErrOver,
		},
		{
			Name:  "failed",
			Given: given(queued, first, rejected(first, "permanent", "E1"), failed(first, "permanent", "E1")),
			When:  suppress("cancelled"), Refused: message.ErrOver,
		},
		{Name: "for no reason", Given: given(queued), When: suppress("bored"), Refused: message.ErrReason},
		{
			Name: "without an account", When: message.Suppress{Message: id, Reason: "booked_late"},
			Refused: message.ErrUnknown,
		},
	}
}

func deferring() []example {
	night := domain.Microseconds(due.Add(10 * time.Hour))
	wait := message.Defer{Message: id, About: about, Until: night}
	deferred := message.MessageDeferred{
		Message: id, Account: account, Client: ana, Appointment: appointment, Sequence: 1, Rule: "day-before", Until: night,
	}
	later := deferred
	later.Until = night.Add(time.Hour)
	byMail := about
	byMail.Channel = message.Email
	return []example{
		{Name: "not queued yet", When: wait, Then: given(deferred)},
		{Name: "then queued", Given: given(deferred), When: message.QueueReminder{
			Message: id, Letter: text, Rule: "day-before",
		}, Then: given(queued)},
		{Name: "then suppressed", Given: given(deferred), When: message.Suppress{
			Message: id, About: about, Reason: "moved",
		}, Then: given(suppressed("moved"))},
		{
			Name: "queued: About is ignored", Given: given(queued), When: message.Defer{Message: id, Until: night},
			Then: given(deferred),
		},
		{
			Name: "to another hour", Given: given(queued, deferred),
			When: message.Defer{Message: id, Until: later.Until}, Then: given(later),
		},
		{
			Name:  "between two attempts",
			Given: given(queued, first, rejected(first, "transient", "E1")), When: wait, Then: given(deferred),
		},
		{Name: "on its way to a provider", Given: given(queued, first), When: wait, Refused: message.ErrOpen},
		{
			Name: "sent already", Given: given(queued, first, sent(first, "p1", due)), When: wait,
			Refused: message.ErrOver,
		},
		{Name: "suppressed already", Given: given(suppressed("moved")), When: wait, Refused: message.ErrOver},
		{
			Name: "until it is too late", Given: given(queued), When: message.Defer{Message: id, Until: start},
			Refused: message.ErrTooLate,
		},
		{
			Name: "an email", When: message.Defer{Message: id, About: byMail, Until: night},
			Refused: message.ErrChannel,
		},
		{Name: "unknown", When: message.Defer{Message: id, Until: night}, Refused: message.ErrUnknown},
	}
}

func replacing() []example {
	email := domain.DeriveID[domain.MessageID]("email to ana")
	replace := message.Replace{Message: id, By: email}
	replaced := message.MessageReplaced{Message: id, Account: account, By: email}
	lost := given(queued, first, rejected(first, "permanent", "E1"), failed(first, "permanent", "E1"))
	return []example{
		{Name: "by an email", Given: lost, When: replace, Then: given(replaced)},
		{Name: "suppressed before it was queued", Given: given(suppressed("quiet_hours")), When: replace, Then: given(replaced)},
		{
			Name: "by one email only", Given: append(lost, replaced),
			When: message.Replace{Message: id, By: domain.DeriveID[domain.MessageID]("another")},
		},
		{Name: "an email", Given: given(mailing), When: replace, Refused: message.ErrChannel},
		{Name: "unknown", When: replace, Refused: message.ErrUnknown},
	}
}

// TestSuppressedTextsAreStoredWithTheirCountry pins the form with a country. Texts that were suppressed before it was
// stored have none.
func TestSuppressedTextsAreStoredWithTheirCountry(t *testing.T) {
	codec, err := domain.NewCodec(domaintest.NewVault(), message.Types)
	if err != nil {
		t.Fatal(err)
	}
	event := suppressed("opted_out")
	event.Country = "BR"
	stored, err := codec.Encode(domain.DeriveUUID("event"), event, domain.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/events/MessageSuppressed.country.json")
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, stored.Data, "", "  "); err != nil {
		t.Fatal(err)
	}
	if got := indented.String() + "\n"; got != string(want) {
		t.Errorf("stored as %s, want %s", got, want)
	}
}

func TestGoldenEventsAreOneOfEachType(t *testing.T) {
	events := domaintest.GoldenEvents(t, message.Types)
	if len(events) != len(message.Types) {
		t.Fatalf("got %d golden events of %d types", len(events), len(message.Types))
	}
	for i, event := range events {
		if name := event.EventType(); name != message.Types[i].Name {
			t.Errorf("golden event %d is a %s, want a %s", i, name, message.Types[i].Name)
		}
	}
	if queued := events[0].(message.ReminderQueued); queued.To.Reveal() != text.To.Reveal() {
		t.Errorf("the golden reminder goes to %q: its private text was not opened", queued.To.Reveal())
	}
}
