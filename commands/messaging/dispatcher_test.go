package messaging_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

func TestReminderIsSentAndChargedOnce(t *testing.T) {
	w := commandstest.NewWorld(t)
	booked := w.Book("a", commandstest.Tuesday)
	id := w.Remind(booked)
	w.Settle()
	w.Remind(booked) // the same reminder again
	w.Settle()
	state := w.Message(id)
	if state.Status() != message.Sent || len(w.Alpha.Sent) != 1 || len(w.Beta.Sent) != 0 {
		t.Fatalf("the message is %s after %d and %d texts; want sent after 1 and 0",
			state.Status(), len(w.Alpha.Sent), len(w.Beta.Sent))
	}
	text := w.Alpha.Sent[0]
	want := messaging.Text{
		Reference: messaging.ReferenceOf(id, 1), To: "+5527900000001", Country: "BR",
		Body:       "Ana, a reminder: Visit with Room on 3 May 2016 at 12:00. Clinic",
		ValidUntil: time.Date(2016, 5, 3, 15, 0, 0, 0, time.UTC),
	}
	if !reflect.DeepEqual(text, want) {
		t.Errorf("the text is %+v, want %+v", text, want)
	}
	if charge := w.Charge(id); charge.Stage != credit.Captured {
		t.Errorf("the charge is at stage %v, want captured", charge.Stage)
	}
}

func TestResultsOfProviders(t *testing.T) {
	down, permanent := []error{commandstest.Refused("provider")}, []error{commandstest.Refused("permanent")}
	transient, lost := []error{commandstest.Refused("transient")}, []error{commandstest.ErrLost}
	for _, c := range []struct {
		name        string
		alpha, beta []error
		status      message.Status
		texts       [2]int
		mails       int
		stage       credit.Stage
	}{
		{"accepted", nil, nil, message.Sent, [2]int{1, 0}, 0, credit.Captured},
		{"one provider down: the next one sends", down, nil, message.Sent, [2]int{1, 1}, 0, credit.Captured},
		{"both down: email", down, down, message.Failed, [2]int{1, 1}, 1, credit.Failed},
		{"bad number: no other provider", permanent, nil, message.Failed, [2]int{1, 0}, 1, credit.Failed},
		{"busy: queued", transient, nil, message.Queued, [2]int{1, 0}, 0, credit.Held},
		{"lost: in doubt", lost, nil, message.Attempted, [2]int{1, 0}, 0, credit.Held},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			w.Alpha.Results, w.Beta.Results = c.alpha, c.beta
			id := w.Remind(w.Book("a", commandstest.Tuesday))
			w.Settle()
			if got := w.Message(id).Status(); got != c.status {
				t.Errorf("the message is %s, want %s", got, c.status)
			}
			if got := [2]int{len(w.Alpha.Sent), len(w.Beta.Sent)}; got != c.texts {
				t.Errorf("alpha and beta got %v texts, want %v", got, c.texts)
			}
			if len(w.Mails) != c.mails {
				t.Errorf("%d emails, want %d: %v", len(w.Mails), c.mails, w.Mails)
			}
			if got := w.Charge(id).Stage; got != c.stage {
				t.Errorf("the charge is at stage %v, want %v", got, c.stage)
			}
		})
	}
}

// waitingAt is a read model in which these messages wait at any time.
type waitingAt []messaging.WaitingMessage

func (q waitingAt) WaitingSince(context.Context, time.Time, int) ([]messaging.WaitingMessage, error) {
	return q, nil
}

func TestBusyProviderGetsThreeAttempts(t *testing.T) {
	w := commandstest.NewWorld(t)
	busy := commandstest.Refused("transient")
	w.Alpha.Results = []error{busy, busy, busy}
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	for attempt := 1; attempt < 3; attempt++ {
		waiting := waitingAt{{Message: id, Account: w.Account, Attempts: attempt, Since: w.Now}}
		acted, err := w.Dispatch.RetryWaiting(t.Context(), waiting)
		w.Ok(err)
		if acted != 0 {
			t.Fatal("a busy provider was called again at once")
		}
		w.Now = w.Now.Add(time.Duration(attempt*attempt) * time.Minute)
		_, err = w.Dispatch.RetryWaiting(t.Context(), waiting)
		w.Ok(err)
		w.Settle()
	}
	if got := w.Message(id).Status(); got != message.Failed || len(w.Alpha.Sent) != 3 {
		t.Fatalf("the message is %s after %d texts, want failed after 3", got, len(w.Alpha.Sent))
	}
}

// A crash between SmsAttempted and the provider's result leaves the attempt open. After the restart the provider is
// asked, and no text is lost or sent twice.
func TestCrashLeavesAttemptInDoubt(t *testing.T) {
	for _, c := range []struct {
		name   string
		known  bool
		status error
		want   message.Status
		texts  int
	}{
		{"the provider accepted it", true, nil, message.Sent, 1},
		{"the provider never got it", true, commandstest.Refused("transient"), message.Queued, 1},
		{"the provider cannot tell", false, nil, message.Attempted, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			id := w.Remind(w.Book("a", commandstest.Tuesday))
			w.Alpha.During = func() { panic("crash") }
			func() {
				defer func() { _ = recover() }()
				w.Settle()
			}()
			w.Alpha.During = nil
			if c.known {
				w.Alpha.Statuses = map[string]error{messaging.ReferenceOf(id, 1): c.status}
			}
			w.Restart()
			w.Settle()
			texts := len(w.Alpha.Sent) + len(w.Beta.Sent)
			if got := w.Message(id).Status(); got != c.want || texts != c.texts {
				t.Fatalf("the message is %s after %d texts, want %s after %d", got, texts, c.want, c.texts)
			}
		})
	}
}

// An attempt in doubt is settled by its provider or by a receipt. When neither comes in time, the text fails and an
// email goes instead; another provider gets it only if the account accepts that the client may get it twice.
func TestAttemptInDoubtTimesOut(t *testing.T) {
	for _, c := range []struct {
		name   string
		allow  bool
		status message.Status
		texts  int
		mails  int
	}{
		{"no second text", false, message.Failed, 0, 1},
		{"a possible duplicate", true, message.Sent, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			w.Do(account.SetTextLimits{Account: w.Account, Limits: account.TextLimits{PossibleDuplicates: c.allow}})
			w.Alpha.Results = []error{commandstest.ErrLost}
			id := w.Remind(w.Book("a", commandstest.Tuesday))
			w.Settle()
			waiting := waitingAt{{Message: id, Account: w.Account, Attempts: 1, Since: w.Now, InDoubt: true}}
			for _, later := range []time.Duration{14 * time.Minute, time.Minute} {
				w.Now = w.Now.Add(later)
				_, err := w.Dispatch.RetryWaiting(t.Context(), waiting)
				w.Ok(err)
				w.Settle()
				if later > time.Minute && w.Message(id).Status() != message.Attempted {
					t.Fatal("the attempt failed before its timeout")
				}
			}
			if got := w.Message(id).Status(); got != c.status || len(w.Beta.Sent) != c.texts || len(w.Mails) != c.mails {
				t.Fatalf("the message is %s after %d texts by beta and %d emails, want %s, %d and %d", got,
					len(w.Beta.Sent), len(w.Mails), c.status, c.texts, c.mails)
			}
			// A late receipt of alpha says that it accepted the text. The client is charged once.
			_, err := messaging.Receive(t.Context(), w.Engine, messaging.Receipt{
				Reference: messaging.ReferenceOf(id, 1), State: "delivered", At: w.Now,
			})
			w.Ok(err)
			w.Settle()
			if got := w.Message(id).Status(); got != message.Delivered {
				t.Errorf("the message is %s, want delivered", got)
			}
			if charges := w.Charges(id); charges > 1 || c.allow && charges != 1 {
				t.Errorf("the message was charged %d times", charges)
			}
		})
	}
}

// During the call to a provider, the handler of SmsAttempted must not ask it for an outcome that it cannot know yet.
func TestAttemptIsNotResolvedDuringItsCall(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Alpha.Statuses = map[string]error{messaging.ReferenceOf(id, 1): commandstest.Refused("transient")}
	w.Alpha.During = func() { w.Ok(w.Dispatch.Resolve(t.Context(), w.Origin(), id, false)) }
	w.Settle()
	if got := w.Message(id).Status(); got != message.Sent {
		t.Fatalf("the message is %s, want sent", got)
	}
}

func TestObsoleteReminderIsSuppressed(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*commandstest.World, domain.AppointmentID)
		reason string
	}{
		{"cancelled", func(w *commandstest.World, id domain.AppointmentID) {
			w.Cancel(id)
		}, "cancelled"},
		{"opted out", func(w *commandstest.World, _ domain.AppointmentID) {
			w.Do(client.OptOut{Client: w.Ana})
		}, "opted_out"},
		{"erased", func(w *commandstest.World, _ domain.AppointmentID) { w.Do(client.Erase{Client: w.Ana}) }, "erased"},
		{"too late", func(w *commandstest.World, _ domain.AppointmentID) { w.Now = w.Now.Add(25 * time.Hour) }, "too_late"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			booked := w.Book("a", commandstest.Tuesday)
			id := w.Remind(booked)
			c.change(w, booked)
			w.Settle()
			state, texts := w.Message(id), len(w.Alpha.Sent)
			if state.Status() != message.Suppressed || state.Reason != c.reason || texts != 0 {
				t.Fatalf("the message is %s (%s) after %d texts, want suppressed (%s) after 0",
					state.Status(), state.Reason, texts, c.reason)
			}
			if stage := w.Charge(id).Stage; stage != credit.Failed || w.Owned() != commandstest.Balance {
				t.Fatalf("the charge is at stage %v and %d are owned, want failed and the whole balance", stage, w.Owned())
			}
		})
	}
}

func TestWithoutCreditEmailIsSent(t *testing.T) {
	w := commandstest.NewWorld(t)
	var last domain.MessageID
	for i := range 13 { // the balance pays for twelve texts
		w.Now = commandstest.Monday.Add(time.Duration(i*7*24) * time.Hour)
		last = w.Remind(w.Book(string(rune('a'+i)), w.Now.Add(24*time.Hour)))
		w.Settle()
	}
	if state := w.Message(last); state.Reason != "no_credit" || len(w.Alpha.Sent) != 12 || len(w.Mails) != 1 {
		t.Fatalf("the last is %s (%s) after %d texts and %d emails, want no_credit after 12 and 1",
			state.Status(), state.Reason, len(w.Alpha.Sent), len(w.Mails))
	}
}

func TestRouteSwitchAndDisabledProviderApply(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Operate(route.Switch{Country: "BR", Provider: "beta", By: "operator", Reason: "ban"})
	w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	w.Operate(provider.Disable{Provider: "beta", Reason: "ban"})
	w.Now = w.Now.Add(7 * 24 * time.Hour)
	w.Remind(w.Book("b", w.Now.Add(24*time.Hour)))
	w.Settle()
	if len(w.Beta.Sent) != 1 || len(w.Alpha.Sent) != 1 {
		t.Fatalf("beta got %d texts and alpha %d, want 1 each", len(w.Beta.Sent), len(w.Alpha.Sent))
	}
}

func TestTextWaitsForAnEnabledProvider(t *testing.T) {
	w := commandstest.NewWorld(t)
	for _, name := range []string{"alpha", "beta"} {
		w.Operate(provider.Disable{Provider: name, Reason: "ban"})
	}
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	waiting := waitingAt{{Message: id, Account: w.Account, Since: w.Now}}
	for _, enabled := range []bool{false, true} {
		if enabled {
			w.Operate(provider.Enable{Provider: "beta"})
		}
		w.Now = w.Now.Add(time.Minute)
		_, err := w.Dispatch.RetryWaiting(t.Context(), waiting)
		w.Ok(err)
		w.Settle()
		if got := w.Message(id).Status() == message.Sent; got != enabled {
			t.Fatalf("with a provider enabled %v the message is %s", enabled, w.Message(id).Status())
		}
	}
}

func TestTextIsNotSentBeforeItsHold(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Remind(w.Book("a", commandstest.Tuesday)) // queued, and no credits are held yet
	w.Ok(w.Dispatch.Send(t.Context(), w.Origin(), id))
	if len(w.Alpha.Sent) != 0 {
		t.Fatal("the text was sent before its credits were held")
	}
}

func TestBrokenTextDoesNotDelayOthers(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Alpha.Results = []error{commandstest.Refused("transient")}
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	foreign := domain.DeriveID[domain.MessageID]("foreign")
	stored, err := w.Codec.Encode(domain.DeriveUUID("foreign"), client.SmsOptedOut{Client: w.Ana}, domain.Metadata{})
	w.Ok(err)
	_, err = w.Log.Append(t.Context(), message.Stream(foreign), domain.NoStream, []domain.Stored{stored})
	w.Ok(err)
	since := w.Now
	w.Now = w.Now.Add(time.Minute)
	acted, err := w.Dispatch.RetryWaiting(t.Context(), waitingAt{
		{Message: foreign, Account: w.Account, Attempts: 1, Since: since},
		{Message: id, Account: w.Account, Attempts: 1, Since: since},
	})
	if err == nil || acted != 1 || w.Message(id).Status() != message.Sent {
		t.Fatalf("acted on %d, %v; the intact text is %s, want 1, an error and sent", acted, err, w.Message(id).Status())
	}
}

func TestSuppressedEmailKeepsItsChannel(t *testing.T) {
	w := commandstest.NewWorld(t)
	due := messaging.DueReminder{
		Message: domain.DeriveID[domain.MessageID]("late"), Account: w.Account,
		Appointment: w.Book("a", commandstest.Tuesday),
		Rule:        "day-before", Channel: message.Email, DueAt: w.Now, Suppressed: "booked_late",
	}
	_, err := (&messaging.Reminders{Engine: w.Engine, OptOuts: w.OptOuts, Due: commandstest.DueNow{due}}).QueueDue(t.Context())
	w.Ok(err)
	if state := w.Message(due.Message); state.Channel != message.Email || state.Reason != "booked_late" {
		t.Fatalf("the message is a suppressed %s (%s), want email (booked_late)", state.Channel, state.Reason)
	}
}
