package messaging_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
)

// TestSuppressionIsNeverBypassed runs random weeks of bookings, reminders, replies, repeated replies, busy providers
// and crashes. Between a STOP and the next START Ana gets one text, which says that no more will come. Whatever she
// writes, an appointment is cancelled only by one of the words that mean it.
func TestSuppressionIsNeverBypassed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMailbox(t)
		m.text("first", commandstest.Tuesday)
		var (
			stopped  bool
			mayEnd   bool     // a word that cancels was sent
			received []func() // earlier replies, to be received again
			sent     = len(m.Alpha.Sent)
			visits   []domain.AppointmentID
		)
		check := func(step string, confirms int) {
			rt.Helper()
			m.Settle()
			for _, text := range append(m.Alpha.Sent[sent:], m.Beta.Sent...) {
				if confirmation := strings.Contains(text.Body, "you will get no more texts"); confirmation && confirms > 0 {
					confirms--
				} else if stopped || confirmation {
					rt.Fatalf("%s: Ana gets %q, stopped %t", step, text.Body, stopped)
				}
			}
			sent, m.Beta.Sent = len(m.Alpha.Sent), nil
			for _, id := range visits {
				state, _, err := commands.Load(t.Context(), m.Engine, appointment.Decider, appointment.StreamOf(id))
				m.Ok(err)
				if state.Status == appointment.StatusCancelled && !mayEnd {
					rt.Fatalf("%s: an appointment was cancelled", step)
				}
			}
		}
		n := 0
		actions := map[string]func(*rapid.T){
			"book and remind": func(rt *rapid.T) {
				if n++; len(m.Free(commandstest.Tuesday)) == 0 {
					rt.Skip("the room is full")
				}
				visit := m.Book(fmt.Sprint("visit ", n), commandstest.Tuesday)
				visits = append(visits, visit)
				m.Remind(visit)
				check("remind", 0)
			},
			"remind, and the provider is busy": func(rt *rapid.T) {
				if n++; len(m.Free(commandstest.Tuesday)) == 0 {
					rt.Skip("the room is full")
				}
				visit := m.Book(fmt.Sprint("visit ", n), commandstest.Tuesday)
				visits = append(visits, visit)
				m.Alpha.Results = []error{commandstest.Refused("transient")}
				id := m.Remind(visit)
				m.Settle()
				m.Alpha.Results = nil
				sent = len(m.Alpha.Sent)
				received = append(received, func() { m.Ok(m.Dispatch.Send(t.Context(), m.Origin(), id)) })
			},
			"reply": func(rt *rapid.T) {
				words := rapid.SampledFrom([]string{
					"STOP", "stop.", "Cancel", "START", "C", "X", "no", "hello", "please stop by", "👍", "",
				}).Draw(rt, "words")
				m.Now = m.Now.Add(time.Second)
				inbound := m.next(words)
				confirms := 0
				switch words {
				case "STOP", "stop.", "Cancel":
					if !stopped {
						confirms = 1
					}
					stopped = true
				case "START":
					stopped = false
				case "X", "no":
					mayEnd = true
				}
				m.Ok(m.inbox.Receive(t.Context(), inbound))
				if !strings.HasPrefix(strings.ToLower(words), "stop") && words != "Cancel" {
					received = append(received, func() { m.Ok(m.inbox.Receive(t.Context(), inbound)) })
				}
				check("reply "+words, confirms)
			},
			"again": func(rt *rapid.T) {
				if len(received) == 0 {
					rt.Skip("nothing came")
				}
				rapid.SampledFrom(received).Draw(rt, "which")()
				check("again", 0)
			},
			"crash": func(*rapid.T) {
				m.Restart()
				m.wire()
			},
		}
		rt.Repeat(actions)
	})
}

// A reply that is received again at any time has its effect once, also when the first time was cut off in the middle.
func TestRepeatedStopSendsOneText(t *testing.T) {
	m := newMailbox(t)
	m.text("one", commandstest.Tuesday)
	inbound := m.next("STOP")
	for range 3 {
		m.receive(inbound)
	}
	if got := m.texts(1); len(got) != 1 {
		t.Errorf("Ana gets %q", got)
	}
	if kind := message.KindOptOut; m.Message(domain.MessageID{UUID: domain.DeriveUUID(
		"reply", "text "+kind, inbound.Provider, inbound.ID, m.Account)}).Kind != kind {
		t.Error("the confirmation has another id")
	}
}
