package installation

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/outages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/projections"
)

// schedule is a clinic whose providers fail at random. Its own record of what they accepted is the truth that the log
// is compared with.
type schedule struct {
	*alertWorld
	t        *rapid.T
	calls    []string          // references, in the order of the calls
	accepted map[string]string // the provider that accepted a reference
	queued   []domain.MessageID
	booked   []domain.AppointmentID
	reached  bool // the end: providers are not called any more, or the test fails
}

// crash is what a call panics with when the server dies during it.
type crash struct{}

// carrier is one of the providers of a schedule. What it says is true.
type carrier struct {
	*schedule
	name string
}

// What can become of a call, besides the faults.
const (
	accepts      = "accepts"
	loses        = "lost on the way there"
	losesReply   = "accepted, and the reply is lost"
	crashes      = "a crash before the provider has it"
	crashesAfter = "a crash after the provider accepted it"
	reportsFirst = "a receipt before the reply"
	busy         = "busy without a reason"
)

func outcomes() []string {
	all := []string{accepts, accepts, loses, losesReply, losesReply, crashes, crashesAfter, reportsFirst, busy}
	for _, fault := range message.Faults() {
		all = append(all, string(fault))
	}
	return all
}

// Send implements messaging.Provider.
func (c carrier) Send(_ context.Context, text messaging.Text) (messaging.Accepted, error) {
	if slices.Contains(c.calls, text.Reference) || c.reached {
		c.t.Fatalf("%s was called for %s again, or after the end", c.name, text.Reference)
	}
	c.calls = append(c.calls, text.Reference)
	outcome := rapid.SampledFrom(outcomes()).Draw(c.t, "outcome")
	switch outcome {
	case accepts, losesReply, crashesAfter, reportsFirst:
		c.accepted[text.Reference] = c.name
	}
	switch outcome {
	case accepts:
	case loses, losesReply:
		return messaging.Accepted{}, commandstest.ErrLost
	case crashes, crashesAfter:
		panic(crash{})
	case reportsFirst:
		c.receive(c.name, text.Reference, "delivered", c.Now)
	case busy:
		return messaging.Accepted{}, commandstest.Refused(message.Transient)
	default:
		return messaging.Accepted{}, messaging.Reject(message.Fault(outcome), "x")
	}
	return messaging.Accepted{ProviderID: text.Reference, At: c.Now}, nil
}

// Status implements messaging.Provider.
func (c carrier) Status(_ context.Context, inquiry messaging.Inquiry) (messaging.Standing, error) {
	switch {
	case rapid.Bool().Draw(c.t, "cannot tell"):
		return messaging.Standing{}, messaging.ErrCannotTell
	case c.accepted[inquiry.Reference] != c.name:
		return messaging.Standing{}, messaging.Reject(message.FaultUnknown, "never seen")
	}
	return messaging.Standing{Accepted: messaging.Accepted{ProviderID: inquiry.Reference, At: c.Now}}, nil
}

func newSchedule(t *testing.T, rt *rapid.T) *schedule {
	s := &schedule{alertWorld: newAlertWorld(t), t: rt, accepted: make(map[string]string)}
	s.restart()
	s.Do(account.SetTextLimits{Account: s.Account, Limits: account.TextLimits{
		PossibleDuplicates: rapid.Bool().Draw(rt, "possible duplicates"),
	}})
	return s
}

func (s *schedule) restart() {
	s.Restart()
	s.wire()
	s.Dispatch.Providers = messaging.ByKind{"scripted": func(name string) messaging.Provider { return carrier{s, name} }}
	s.Dispatch.Cells = outages.Cells{Engine: s.Engine}
	s.Dispatch.Unreceipted = trafficRows{projections.Messages{DB: s.views}}
}

// settle does what follows from the log. It restarts the server each time it crashes.
func (s *schedule) settle() {
	for !s.survives(s.Settle) {
		s.restart()
	}
	s.catchUp()
}

func (s *schedule) survives(work func()) (survived bool) {
	defer func() {
		if broken := recover(); broken != nil {
			if _, ok := broken.(crash); !ok {
				panic(broken)
			}
		}
	}()
	work()
	return true
}

// pass lets time pass and does what a server does then.
func (s *schedule) pass(d time.Duration) {
	s.Now = s.Now.Add(d)
	s.catchUp()
	rows := WaitingRows{projections.Messages{DB: s.views}}
	for !s.survives(func() {
		_, err := s.Dispatch.RetryWaiting(s.T.Context(), rows)
		s.Ok(err)
	}) {
		s.restart()
	}
	s.settle()
}

// try runs commands that may be refused: a schedule also asks for what is not possible any more.
func (s *schedule) try(cmds ...domain.Command) {
	for _, cmd := range cmds {
		_, err := s.Engine.Do(s.T.Context(), s.Origin(), cmd)
		if _, refused := domain.AsRefusal(err); err != nil && !refused {
			s.t.Fatalf("%T: %v", cmd, err)
		}
	}
}

func (s *schedule) receive(name, reference, state string, at time.Time) {
	_, err := messaging.Receive(s.T.Context(), s.Engine, messaging.Receipt{
		Provider: name, Reference: reference, State: state, ProviderID: reference, At: at,
	})
	if _, refused := domain.AsRefusal(err); err != nil && !refused {
		s.t.Fatalf("a receipt of %s: %v", reference, err)
	}
}

// actions are what can happen between two calls.
func (s *schedule) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"remind": func(*rapid.T) { s.remind() },
		"pass": func(t *rapid.T) {
			s.pass(rapid.SampledFrom([]time.Duration{
				time.Minute, 5 * time.Minute, 16 * time.Minute, 2 * time.Hour, 9 * time.Hour,
			}).Draw(t, "pass"))
		},
		"receipt": s.receipt,
		"opt out": func(t *rapid.T) {
			number := s.OptOuts.Number(s.Account, "+5527900000001")
			s.try(rapid.SampledFrom([]domain.Command{
				client.OptOut{Client: s.Ana}, client.OptOut{Client: s.Ana, Number: number}, client.OptIn{Client: s.Ana},
			}).Draw(t, "opt"))
		},
		"cancel": func(t *rapid.T) {
			if len(s.booked) > 0 {
				one := rapid.IntRange(0, len(s.booked)-1).Draw(t, "which")
				s.Cancel(s.booked[one])
				s.booked = slices.Delete(s.booked, one, one+1)
			}
		},
		"erase": func(t *rapid.T) {
			if rapid.IntRange(0, 9).Draw(t, "really") == 0 {
				s.try(client.Erase{Client: s.Ana})
			}
		},
		"outage": func(t *rapid.T) {
			cell := outage.Cell{Provider: s.draw(t, "alpha", "beta"), Region: "LA", Country: "BR"}
			s.try(outage.Detect{Cell: cell, ChangePoint: s.Now.Add(-time.Hour), At: s.Now, Cause: outage.Silent})
			s.settle()
		},
		"clear": func(t *rapid.T) {
			s.try(outage.Clear{
				Cell: outage.Cell{Provider: s.draw(t, "alpha", "beta"), Region: "LA", Country: "BR"}, At: s.Now,
			})
		},
		"switch": func(t *rapid.T) {
			name := s.draw(t, "alpha", "beta")
			s.try(rapid.SampledFrom([]domain.Command{
				route.Switch{Country: "BR", Provider: name, By: "operator", Reason: "ban"},
				provider.Disable{Provider: name, Reason: "ban"},
				provider.Enable{Provider: name},
				provider.Enable{Provider: name},
			}).Draw(t, "switch"))
		},
		"read the log again": func(*rapid.T) { s.replay() },
	}
}

func (s *schedule) draw(t *rapid.T, from ...string) string {
	return rapid.SampledFrom(from).Draw(t, "one")
}

// remind books a visit of the next 24 hours and queues its reminder. The balance pays for twelve texts.
func (s *schedule) remind() {
	day := s.Now.Truncate(24 * time.Hour).Add(24 * time.Hour)
	ana, _, err := commands.Load(s.T.Context(), s.Engine, client.Decider, client.Stream(s.Ana))
	s.Ok(err)
	if weekday := day.Weekday(); ana.Erased || weekday == time.Saturday || weekday == time.Sunday || len(s.queued) >= 6 {
		return
	}
	booked := s.Book(fmt.Sprint("visit", len(s.queued)), day)
	s.booked, s.queued = append(s.booked, booked), append(s.queued, s.Remind(booked))
	s.settle()
}

// receipt is a report on any text that was accepted: early or late, once or twice, true or of the wrong provider.
func (s *schedule) receipt(t *rapid.T) {
	if len(s.calls) == 0 {
		return
	}
	reference := s.draw(t, s.calls...)
	name, known := s.accepted[reference]
	if rapid.IntRange(0, 4).Draw(t, "forged") == 0 || !known {
		name = map[string]string{"alpha": "beta", "beta": "alpha"}[name]
		if name == "" {
			name = "gamma"
		}
	}
	state := s.draw(t, "delivered", "undelivered", "expired", "unknown", "sent")
	at := s.Now.Add(-rapid.SampledFrom([]time.Duration{0, time.Minute, 72 * time.Hour}).Draw(t, "late"))
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		s.receive(name, reference, state, at)
	}
	s.settle()
}

// replay gives the whole log to every handler again, as after the loss of all checkpoints.
func (s *schedule) replay() {
	s.Saved = make(map[string]domain.Position)
	s.restart()
	s.settle()
}

// TestTextsOverRandomSchedules checks what holds whatever providers, clients, operators and crashes do: no text is
// accepted twice unless its attempt says so, none is forgotten, none goes to a client who wants none, and reading the
// log again changes nothing.
func TestTextsOverRandomSchedules(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newSchedule(t, rt)
		s.remind()
		rt.Repeat(s.actions())
		for range 3 {
			s.pass(24 * time.Hour)
			s.pass(16 * time.Minute)
		}
		s.reached = true
		s.checkEnds()
		s.checkLog()
		before := s.log()
		s.replay()
		if after := s.log(); len(after) != len(before) {
			rt.Fatalf("reading the log again recorded %T", after[len(before)].Event)
		}
	})
}

// checkEnds checks that each text has ended or is for the staff to follow up.
func (s *schedule) checkEnds() {
	calls, err := s.read.CallSheet.Of(s.T.Context(), s.Account, commandstest.Monday)
	s.Ok(err)
	for _, id := range s.queued {
		state := s.Message(id)
		switch state.Status() {
		case message.Queued, message.Attempted:
			if !slices.ContainsFunc(calls, func(c projections.Call) bool { return c.Appointment == state.Appointment }) {
				s.t.Fatalf("the text %s is %s after its time, and nobody is told to call", id, state.Status())
			}
		default: // "" is a reminder that waited for the morning, before it was queued
		}
	}
}

// checkLog checks the attempts of the log in order, beside what providers accepted.
func (s *schedule) checkLog() {
	var unwanted, erased bool
	cancelled, about := make(map[domain.AppointmentID]bool), make(map[domain.MessageID]domain.AppointmentID)
	took := make(map[domain.MessageID]bool)
	for _, r := range s.log() {
		switch e := r.Event.(type) {
		case client.SmsOptedOut:
			unwanted = true
		case client.SmsOptedIn:
			unwanted = false
		case client.ClientErased:
			erased = true
		case appointment.Cancelled:
			cancelled[e.Appointment] = true
		case message.ReminderQueued:
			about[e.Message] = e.Appointment
		case message.SmsAttempted:
			if unwanted || erased || cancelled[about[e.Message]] {
				s.t.Fatalf("%s was attempted: opted out %v, erased %v", e.Reference, unwanted, erased)
			}
			if s.accepted[e.Reference] == "" {
				continue
			}
			if took[e.Message] && !e.PossibleDuplicate {
				s.t.Fatalf("%s was accepted after another attempt and is not marked", e.Reference)
			}
			took[e.Message] = true
		}
	}
}

// log returns the whole log.
func (s *schedule) log() (events []domain.Recorded) {
	for entry, err := range s.Log.ReadAll(s.T.Context(), domain.Position{}, domain.Filter{}) {
		s.Ok(err)
		recorded, err := s.Codec.Decode(entry)
		s.Ok(err)
		events = append(events, recorded)
	}
	return events
}
