package messaging_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/service"
)

const anasNumber = "+5527900000001"

// mailbox is a world with an inbox. Its read model reads the log each time.
type mailbox struct {
	*commandstest.World
	inbox messaging.Inbox
	came  int // replies so far
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	m := &mailbox{World: commandstest.NewWorld(t)}
	m.wire()
	return m
}

func (m *mailbox) wire() {
	m.inbox = messaging.Inbox{Engine: m.Engine, OptOuts: m.OptOuts, Sent: sentTexts{m.World}, Visits: visits{m.Bookings}}
	m.Dispatch.Pages = messaging.Pages{message.KindReply: m.inbox.Page}
}

// sentTexts is a read model that is never late.
type sentTexts struct{ *commandstest.World }

func (s sentTexts) SentTo(_ context.Context, number string, until time.Time, _ int) ([]messaging.SentText, error) {
	var sent []messaging.SentText
	filter := domain.Filter{Types: domain.NamesOf(message.SmsSent{})}
	for entry, err := range s.Log.ReadAll(s.T.Context(), domain.Position{}, filter) {
		s.Ok(err)
		recorded, err := s.Codec.Decode(entry)
		s.Ok(err)
		e := recorded.Event.(message.SmsSent)
		text := s.Message(e.Message)
		if text.To.Reveal() == number && !recorded.Meta.OccurredAt.After(until) {
			sent = append(sent, messaging.SentText{
				Message: e.Message, Account: text.Account, Appointment: text.Appointment, Sequence: text.Sequence,
				Provider: e.Provider, At: recorded.Meta.OccurredAt,
			})
		}
	}
	slices.Reverse(sent)
	return sent, nil
}

type visits struct{ booking.Bookings }

func (v visits) CancelByClient(
	ctx context.Context, origin commands.Origin, of domain.AccountID, id domain.AppointmentID,
) (commands.Outcome, error) {
	return v.Cancel(ctx, origin, booking.Cancellation{Appointment: id, Account: of, By: appointment.Client})
}

// text books Ana, reminds her by text, and returns the appointment.
func (m *mailbox) text(key string, day time.Time) (domain.AppointmentID, domain.MessageID) {
	m.T.Helper()
	visit := m.Book(key, day)
	id := m.Remind(visit)
	m.Settle()
	if status := m.Message(id).Status(); status != message.Sent {
		m.T.Fatalf("the reminder is %s", status)
	}
	return visit, id
}

// reply receives what Ana writes, and everything that follows.
func (m *mailbox) reply(words string) messaging.Inbound {
	m.T.Helper()
	inbound := m.next(words)
	m.receive(inbound)
	return inbound
}

// next returns the next reply of Ana's.
func (m *mailbox) next(words string) messaging.Inbound {
	m.came++
	return messaging.Inbound{
		Provider: "alpha", ID: fmt.Sprint("in-", m.came), From: anasNumber, To: "+5527111", Text: words, At: m.Now,
	}
}

func (m *mailbox) receive(inbound messaging.Inbound) {
	m.T.Helper()
	m.Ok(m.inbox.Receive(m.T.Context(), inbound))
	m.Settle()
}

func (m *mailbox) visit(id domain.AppointmentID) appointment.State {
	m.T.Helper()
	state, _, err := commands.Load(m.T.Context(), m.Engine, appointment.Decider, appointment.StreamOf(id))
	m.Ok(err)
	return state
}

// texts returns the texts that were sent after the first n.
func (m *mailbox) texts(n int) (bodies []string) {
	for _, text := range m.Alpha.Sent[n:] {
		bodies = append(bodies, text.Body)
	}
	return bodies
}

func TestYesConfirms(t *testing.T) {
	m := newMailbox(t)
	visit, reminder := m.text("one", commandstest.Tuesday)
	inbound := m.reply("Yes!")
	m.receive(inbound)
	if !m.visit(visit).Confirmed {
		t.Error("the appointment is not confirmed")
	}
	replies := m.Message(reminder).Replies
	if len(replies) != 1 || replies[0].Text.Reveal() != "Yes!" || replies[0].Meaning != "yes" {
		t.Errorf("the reminder has the replies %+v", replies)
	}
	if len(m.Mails) != 0 || len(m.Alpha.Sent) != 1 {
		t.Errorf("%d emails and %d texts followed, want none", len(m.Mails), len(m.Alpha.Sent)-1)
	}
}

func TestNoCancels(t *testing.T) {
	m := newMailbox(t)
	visit, _ := m.text("one", commandstest.Tuesday)
	m.receive(m.reply("x"))
	state := m.visit(visit)
	if state.Status != appointment.StatusCancelled {
		t.Errorf("the appointment is %s", state.Status)
	}
	if history := m.History(appointment.StreamOf(visit)); slices.Index(history, "Cancelled") < 0 {
		t.Errorf("the history is %v", history)
	}
	if len(m.Mails) != 0 {
		t.Errorf("%d emails followed, want none", len(m.Mails))
	}
}

func TestNoAfterTheCutOffTellsBoth(t *testing.T) {
	m := newMailbox(t)
	m.Do(service.Change{Service: m.Service, Policy: service.Policy{
		Name: "Visit", DurationMin: 60, CancelCutoffMin: 2880, Requirements: []service.Requirement{
			{AnyOf: []service.Choice{{Resource: m.Room, Units: 1}}},
		},
	}})
	visit, _ := m.text("one", commandstest.Tuesday)
	m.receive(m.reply("no"))
	if state := m.visit(visit); state.Status != appointment.StatusBooked {
		t.Errorf("the appointment is %s", state.Status)
	}
	if got := m.texts(1); len(got) != 1 || !strings.Contains(got[0], "too late to cancel by text") {
		t.Errorf("Ana gets %q", got)
	}
	if len(m.Mails) != 1 || !strings.Contains(m.Mails[0].Body, "Ana, "+anasNumber) ||
		!strings.Contains(m.Mails[0].Body, "\nno\n") {
		t.Errorf("the owner gets %+v", m.Mails)
	}
}

// A cancellation is not guessed when several appointments may be meant; a confirmation is of the latest text.
func TestReplyWithSeveralAppointments(t *testing.T) {
	m := newMailbox(t)
	first, _ := m.text("one", commandstest.Tuesday)
	m.Now = m.Now.Add(time.Minute)
	second, _ := m.text("two", commandstest.Tuesday)
	m.reply("No")
	for _, id := range []domain.AppointmentID{first, second} {
		if state := m.visit(id); state.Status != appointment.StatusBooked {
			t.Errorf("an appointment is %s", state.Status)
		}
	}
	if len(m.Mails) != 1 || m.Mails[0].To != "owner@example.com" || !strings.Contains(m.Mails[0].Body, "Visit, 3 May 2016 ") {
		t.Fatalf("the owner gets %+v", m.Mails)
	}
	m.reply("C")
	if m.visit(first).Confirmed || !m.visit(second).Confirmed {
		t.Error("not the appointment of the latest text is confirmed")
	}
}

func TestReplyAboutAnEarlierTimeIsForwarded(t *testing.T) {
	m := newMailbox(t)
	visit, _ := m.text("one", commandstest.Tuesday)
	_, err := m.Bookings.Move(t.Context(), m.Origin().WithID(domain.DeriveUUID("move")), booking.Move{
		Appointment: visit, Account: m.Account, Start: commandstest.Tuesday.AddDate(0, 0, 7), By: appointment.Staff,
	})
	m.Ok(err)
	for _, words := range []string{"yes", "no"} {
		m.reply(words)
	}
	if state := m.visit(visit); state.Confirmed || state.Status != appointment.StatusBooked {
		t.Errorf("the moved appointment is %s, confirmed %t", state.Status, state.Confirmed)
	}
	if len(m.Mails) != 2 {
		t.Errorf("the owner gets %d emails, want 2", len(m.Mails))
	}
}

func TestOtherWordsAreForwardedAndForgotten(t *testing.T) {
	m := newMailbox(t)
	m.text("one", commandstest.Tuesday)
	inbound := m.reply("I am five minutes late, sorry")
	m.receive(inbound)
	if len(m.Mails) != 1 {
		t.Fatalf("the owner gets %d emails, want 1", len(m.Mails))
	}
	mail := m.Mails[0]
	for _, want := range []string{"Ana, " + anasNumber, "I am five minutes late, sorry", "Visit, 3 May 2016"} {
		if !strings.Contains(mail.Body, want) {
			t.Errorf("the email lacks %q:\n%s", want, mail.Body)
		}
	}
	if strings.Contains(mail.Subject, "Ana") {
		t.Errorf("the subject names the client: %q", mail.Subject)
	}
	for entry, err := range m.Log.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		m.Ok(err)
		if strings.Contains(string(entry.Data), "five minutes") {
			t.Errorf("%s in %s has the words of the client", entry.Type, entry.Stream)
		}
	}
}

func TestStopIsConfirmedOnceAndHolds(t *testing.T) {
	m := newMailbox(t)
	m.text("one", commandstest.Tuesday)
	m.receive(m.reply("STOP"))
	m.reply("stop")
	if got := m.texts(1); len(got) != 1 || !strings.HasPrefix(got[0], "Clinic: you will get no more texts") {
		t.Fatalf("Ana gets %q", got)
	}
	second := m.Book("two", commandstest.Tuesday)
	reminder := m.Remind(second)
	m.Settle()
	if state := m.Message(reminder); state.Reason != "opted_out" {
		t.Errorf("the second reminder is %s, %q", state.Status(), state.Reason)
	}
	m.reply("START")
	third := m.Book("three", commandstest.Tuesday)
	m.Remind(third)
	m.Settle()
	if got := m.texts(2); len(got) != 1 {
		t.Errorf("after START Ana gets %q", got)
	}
	m.reply("Stop.")
	if got := m.texts(3); len(got) != 1 || !strings.Contains(got[0], "no more texts") {
		t.Errorf("after another STOP Ana gets %q", got)
	}
}

// A text that was queued before STOP and not sent yet is not sent.
func TestStopHoldsForATextThatWaits(t *testing.T) {
	m := newMailbox(t)
	m.text("one", commandstest.Tuesday)
	m.Alpha.Results = []error{commandstest.Refused("transient")}
	waiting := m.Remind(m.Book("two", commandstest.Tuesday))
	m.Settle()
	sent := len(m.Alpha.Sent)
	m.reply("STOP")
	m.Ok(m.Dispatch.Send(t.Context(), m.Origin(), waiting))
	m.Settle()
	if got := m.texts(sent); len(got) != 1 || !strings.Contains(got[0], "no more texts") {
		t.Errorf("after STOP Ana gets %q", got)
	}
}

func TestCancelWordStopsAndIsForwarded(t *testing.T) {
	m := newMailbox(t)
	visit, _ := m.text("one", commandstest.Tuesday)
	m.reply("CANCEL")
	if state := m.visit(visit); state.Status != appointment.StatusBooked {
		t.Errorf("the appointment is %s", state.Status)
	}
	if len(m.Mails) != 1 || !strings.Contains(m.Mails[0].Body, "gets no more texts now") || len(m.texts(1)) != 1 {
		t.Errorf("the owner gets %+v, Ana %q", m.Mails, m.texts(1))
	}
}

func TestHelpIsAnsweredOnceADay(t *testing.T) {
	m := newMailbox(t)
	settings, err := account.NewSettings(account.Form{
		Name: "Clinic", Phone: "+5527900000009", Zone: "America/Sao_Paulo", Locale: "pt-BR", Country: "BR",
	})
	m.Ok(err)
	m.Do(account.ChangeSettings{Account: m.Account, Settings: settings})
	m.text("one", commandstest.Tuesday)
	m.reply("AJUDA")
	m.reply("help")
	if got := m.texts(1); len(got) != 1 || !strings.Contains(got[0], "+5527900000009 Responda STOP") {
		t.Errorf("Ana gets %q", got)
	}
}

func TestAnswerIsSentAtNight(t *testing.T) {
	m := newMailbox(t)
	m.text("one", commandstest.Tuesday)
	m.Now = time.Date(2016, 5, 3, 3, 0, 0, 0, time.UTC) // midnight in São Paulo
	m.reply("STOP")
	if got := m.texts(1); len(got) != 1 {
		t.Errorf("Ana gets %q", got)
	}
}

// Two accounts send from the same provider. STOP holds for both; the latest text's account confirms it.
func TestStopHoldsForEveryAccountOfTheSender(t *testing.T) {
	m := newMailbox(t)
	m.text("one", commandstest.Tuesday)
	other := domain.DeriveID[domain.AccountID]("school")
	m.inbox.Sent = added{sentTexts{m.World}, other}
	m.reply("STOP")
	for _, of := range []domain.AccountID{m.Account, other} {
		holds, err := m.OptOuts.HoldsNumber(t.Context(), of, anasNumber)
		m.Ok(err)
		if !holds {
			t.Errorf("account %s may still send texts", of)
		}
	}
	if got := m.texts(1); len(got) != 1 {
		t.Errorf("Ana gets %q", got)
	}
}

// added adds an older text of another account.
type added struct {
	sentTexts
	account domain.AccountID
}

func (a added) SentTo(ctx context.Context, number string, until time.Time, n int) ([]messaging.SentText, error) {
	sent, err := a.sentTexts.SentTo(ctx, number, until, n)
	older := sent[len(sent)-1]
	older.Account, older.Appointment, older.At = a.account, domain.AppointmentID{}, older.At.AddDate(0, -6, 0)
	return append(sent, older), err
}

func TestReplyToNothingIsUnmatched(t *testing.T) {
	m := newMailbox(t)
	m.text("one", commandstest.Tuesday)
	for name, inbound := range map[string]messaging.Inbound{
		"another number": {Provider: "alpha", ID: "1", From: "+5527900000777", Text: "STOP", At: m.Now},
		"before the text": {
			Provider: "alpha", ID: "2", From: anasNumber, Text: "STOP", At: m.Now.Add(-time.Hour),
		},
	} {
		if err := m.inbox.Receive(t.Context(), inbound); !errors.Is(err, messaging.ErrUnmatched) {
			t.Errorf("%s: %v, want ErrUnmatched", name, err)
		}
	}
}

func TestReplyWithoutIDOrTimeIsRecognised(t *testing.T) {
	m := newMailbox(t)
	_, reminder := m.text("one", commandstest.Tuesday)
	inbound := messaging.Inbound{Provider: "alpha", From: anasNumber, Text: "hello\xff"}
	m.receive(inbound)
	m.receive(inbound)
	replies := m.Message(reminder).Replies
	if len(replies) != 1 || !replies[0].At.Equal(m.Now) || replies[0].Text.Reveal() != "hello\ufffd" {
		t.Errorf("the replies are %+v", replies)
	}
	if len(m.Mails) != 1 {
		t.Errorf("the owner gets %d emails, want 1", len(m.Mails))
	}
}

// A flood of replies is not kept, and STOP in it holds.
func TestStopHoldsInAFlood(t *testing.T) {
	m := newMailbox(t)
	_, reminder := m.text("one", commandstest.Tuesday)
	for n := range 105 {
		m.Ok(m.inbox.Receive(t.Context(), messaging.Inbound{
			Provider: "alpha", ID: "flood" + string(rune('0'+n)), From: anasNumber, Text: "C", At: m.Now,
		}))
	}
	m.reply("STOP")
	holds, err := m.OptOuts.HoldsNumber(t.Context(), m.Account, anasNumber)
	m.Ok(err)
	if !holds || len(m.Message(reminder).Replies) != 100 {
		t.Errorf("held %t, kept %d replies", holds, len(m.Message(reminder).Replies))
	}
}
