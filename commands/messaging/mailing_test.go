package messaging_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

var (
	busy = &messaging.MailRefused{Code: "451 4.3.0"}
	gone = &messaging.MailRefused{Permanent: true, Code: "550 5.1.1"}
)

// mailed is a world in which an email to Ana is queued. It is useful for a day.
type mailed struct {
	*commandstest.World
	id domain.MessageID
}

func newMailed(t *testing.T, results ...error) mailed {
	t.Helper()
	w := commandstest.NewWorld(t)
	w.MailResults = results
	m := mailed{w, domain.DeriveID[domain.MessageID]("a notice")}
	w.Do(message.QueueNotice{Message: m.id, Kind: "confirmation", Letter: message.Letter{
		Account: w.Account, Client: w.Ana, Channel: message.Email, To: domain.Secret("ana@example.com"),
		Title: domain.Secret("Booked"), Text: domain.Secret("Dear Ana,\n\nsee you <soon>."), ScheduledFor: w.Now,
		UsefulUntil: w.Now.Add(24 * time.Hour),
	}})
	return m
}

// MailsWaiting is a read model in which the email waits for nothing.
func (m mailed) MailsWaiting(context.Context, time.Time, time.Time, int) ([]messaging.WaitingMail, error) {
	return []messaging.WaitingMail{
		{Message: m.id, Account: m.Account, Attempts: m.Message(m.id).Delays},
	}, nil
}

func (m mailed) retry() {
	m.T.Helper()
	_, err := m.Dispatch.RetryMail(m.T.Context(), m)
	m.Ok(err)
}

// types returns the types of the events of the message.
func (m mailed) types() string { return strings.Join(m.History(message.Stream(m.id)), " ") }

func TestMailThatIsPutOffIsTriedAgain(t *testing.T) {
	m := newMailed(t, busy, busy, nil)
	m.Settle()
	for range 2 {
		m.Now = m.Now.Add(10 * time.Minute)
		m.retry()
	}
	m.retry() // it is sent: nothing is left to do
	if got, want := m.types(), "NoticeQueued MailDelayed MailDelayed MailSent"; got != want {
		t.Errorf("the log says %s, want %s", got, want)
	}
	if len(m.Mails) != 3 || m.Mails[0].Reference != m.Mails[2].Reference {
		t.Errorf("submitted %v, want one reference three times", m.Mails)
	}
}

func TestRefusedMailFails(t *testing.T) {
	m := newMailed(t, busy, gone)
	m.Settle()
	m.retry()
	m.retry()
	if got, want := m.types(), "NoticeQueued MailDelayed MailFailed"; got != want {
		t.Errorf("the log says %s, want %s", got, want)
	}
	if len(m.Mails) != 2 {
		t.Errorf("submitted %d times, want 2", len(m.Mails))
	}
}

// Each delay is longer than the last until they are half an hour, and the email fails when it would come too late.
func TestMailFailsWhenItIsNoLongerUseful(t *testing.T) {
	m := newMailed(t, slices.Repeat([]error{busy}, 200)...)
	m.Settle()
	end := m.Now.Add(24 * time.Hour)
	var waits []time.Duration
	for m.Message(m.id).Status() == message.Queued {
		delays := m.Message(m.id).Delays
		waits = append(waits, min(time.Duration(delays*delays)*time.Minute, 30*time.Minute))
		m.Now = m.Now.Add(waits[len(waits)-1])
		if m.Now.After(end) {
			t.Fatal("the email is tried after it is useful")
		}
		m.retry()
	}
	if got := m.types(); !strings.HasSuffix(got, "MailDelayed MailFailed") {
		t.Errorf("the log says %s", got)
	}
	if len(waits) < 40 || waits[0] != time.Minute || waits[10] != 30*time.Minute {
		t.Errorf("it waited %v", waits)
	}
}

// The server was down from the first attempt until after the useful time.
func TestDelayedMailFoundTooLateFails(t *testing.T) {
	m := newMailed(t, busy)
	m.Settle()
	m.Now = m.Now.Add(48 * time.Hour)
	m.retry()
	if got, want := m.types(), "NoticeQueued MailDelayed MailFailed"; got != want {
		t.Errorf("the log says %s, want %s", got, want)
	}
}

func TestMailThatCannotBeWrittenIsPutOff(t *testing.T) {
	m := newMailed(t)
	m.Dispatch.Pages = messaging.Pages{"confirmation": func(context.Context, message.State) (messaging.Page, error) {
		return messaging.Page{}, errors.New("the read model is away")
	}}
	if _, err := m.Dispatch.RetryMail(t.Context(), m); err == nil {
		t.Error("the fault was not reported")
	}
	if got, want := m.types(), "NoticeQueued MailDelayed"; got != want {
		t.Errorf("the log says %s, want %s", got, want)
	}
}

func TestMailIsComposed(t *testing.T) {
	m := newMailed(t)
	m.Settle()
	if len(m.Mails) != 1 {
		t.Fatalf("%d emails, want 1", len(m.Mails))
	}
	got := m.Mails[0]
	if got.FromName != "Clinic" || got.ReplyTo != "owner@example.com" || got.Body != "Dear Ana,\n\nsee you <soon>." {
		t.Errorf("from %q: %q", got.FromName, got.Body)
	}
	if !strings.Contains(got.HTML, `<html lang="en">`) || !strings.Contains(got.HTML, "<p>see you &lt;soon&gt;.</p>") {
		t.Errorf("the HTML is %s", got.HTML)
	}
}

// mailerFunc is a mail system as a function.
type mailerFunc func(context.Context, messaging.Mail) error

func (f mailerFunc) Mail(ctx context.Context, mail messaging.Mail) error { return f(ctx, mail) }

// The loop finds an email that a reactor is handing to the mail system at that moment. It leaves it alone.
func TestMailIsSubmittedByOneAtATime(t *testing.T) {
	m := newMailed(t)
	submitted := 0
	m.Dispatch.Mailer = mailerFunc(func(context.Context, messaging.Mail) error {
		submitted++
		m.retry()
		return nil
	})
	m.Settle()
	if got, want := m.types(), "NoticeQueued MailSent"; got != want || submitted != 1 {
		t.Errorf("submitted %d times, and the log says %s", submitted, got)
	}
}

// Whatever the mail system replies, an email ends: it is sent once, or it has failed. Restarts in between change
// nothing.
func TestEveryMailEnds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMailed(t)
		accepted, steps := 0, 0
		m.Dispatch.Mailer = mailerFunc(func(context.Context, messaging.Mail) error {
			result := rapid.SampledFrom([]error{busy, busy, busy, gone, nil}).Draw(rt, "reply")
			if result == nil {
				accepted++
			}
			return result
		})
		if rapid.Bool().Draw(rt, "a reactor came first") {
			m.Settle()
		}
		for m.Message(m.id).Status() == message.Queued {
			if steps++; steps > 200 {
				rt.Fatalf("after %d tries the log says %s", steps, m.types())
			}
			if rapid.IntRange(0, 9).Draw(rt, "restart") == 0 {
				mailer := m.Dispatch.Mailer
				m.Restart()
				m.Dispatch.Mailer = mailer
			}
			m.Now = m.Now.Add(time.Duration(rapid.IntRange(1, 120).Draw(rt, "minutes")) * time.Minute)
			m.retry()
		}
		m.retry()
		status := m.Message(m.id).Status()
		if sent := status == message.Sent; accepted > 1 || sent != (accepted == 1) ||
			!sent && status != message.Failed && status != message.Suppressed {
			rt.Fatalf("accepted %d times, and the log says %s", accepted, m.types())
		}
	})
}
