package messaging_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

func TestAReminderGoesFromQueueToChargeOnce(t *testing.T) {
	w := commandstest.NewWorld(t)
	booked := w.Book("a", commandstest.Tuesday)
	id := w.Remind(booked)
	w.Settle()
	w.Remind(booked) // asked again
	w.Settle()
	state := w.Message(id)
	if state.Status() != message.Sent || len(w.Alpha.Sent) != 1 || len(w.Beta.Sent) != 0 {
		t.Fatalf("it is %s after %d and %d texts", state.Status(), len(w.Alpha.Sent), len(w.Beta.Sent))
	}
	text := w.Alpha.Sent[0]
	want := messaging.Text{
		Reference: messaging.ReferenceOf(id, 1), To: "+5527900000001", Country: "BR",
		Body:       "Ana, a reminder: Visit with Room on 3 May 2016 at 12:00. Clinic",
		ValidUntil: time.Date(2016, 5, 3, 15, 0, 0, 0, time.UTC),
	}
	if !reflect.DeepEqual(text, want) {
		t.Errorf("the text was %+v, not %+v", text, want)
	}
	if charge := w.Charge(id); charge.Stage != credit.Captured {
		t.Errorf("the charge is at stage %v", charge.Stage)
	}
}

// What a carrier's answer leads to.
func TestAnswersOfCarriers(t *testing.T) {
	for _, c := range []struct {
		name        string
		alpha, beta []error
		status      message.Status
		texts       [2]int
		mails       int
		stage       credit.Stage
	}{
		{"accepted", nil, nil, message.Sent, [2]int{1, 0}, 0, credit.Captured},
		{"a provider that is down: the next one carries it", []error{commandstest.Refused("provider")}, nil, message.Sent, [2]int{1, 1}, 0, credit.Captured},
		{"both down: an email instead", []error{commandstest.Refused("provider")}, []error{commandstest.Refused("provider")}, message.Failed, [2]int{1, 1}, 1, credit.Failed},
		{"a bad number: nobody else is tried", []error{commandstest.Refused("permanent")}, nil, message.Failed, [2]int{1, 0}, 1, credit.Failed},
		{"busy: later again", []error{commandstest.Refused("transient")}, nil, message.Queued, [2]int{1, 0}, 0, credit.Held},
		{"nobody knows: in doubt", []error{commandstest.ErrLost}, nil, message.Attempted, [2]int{1, 0}, 0, credit.Held},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			w.Alpha.Answers, w.Beta.Answers = c.alpha, c.beta
			id := w.Remind(w.Book("a", commandstest.Tuesday))
			w.Settle()
			if got := w.Message(id).Status(); got != c.status {
				t.Errorf("it is %s, not %s", got, c.status)
			}
			if got := [2]int{len(w.Alpha.Sent), len(w.Beta.Sent)}; got != c.texts {
				t.Errorf("texts handed over: %v, not %v", got, c.texts)
			}
			if len(w.Mails) != c.mails {
				t.Errorf("%d emails, not %d: %v", len(w.Mails), c.mails, w.Mails)
			}
			if got := w.Charge(id).Stage; got != c.stage {
				t.Errorf("the charge is at stage %v, not %v", got, c.stage)
			}
		})
	}
}

// waitingAt says which texts wait, as the read model would.
type waitingAt []messaging.WaitingMessage

func (q waitingAt) WaitingSince(context.Context, time.Time, int) ([]messaging.WaitingMessage, error) {
	return q, nil
}

func TestABusyCarrierIsTriedThreeTimesThenTheMessageFails(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Alpha.Answers = []error{commandstest.Refused("transient"), commandstest.Refused("transient"), commandstest.Refused("transient")}
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	for attempt := 1; attempt < 3; attempt++ {
		waiting := waitingAt{{Message: id, Account: w.Account, Attempts: attempt, Since: w.Now}}
		acted, err := w.Dispatch.RetryWaiting(t.Context(), waiting)
		w.Ok(err)
		if acted != 0 {
			t.Fatal("a busy carrier was not left alone")
		}
		w.Now = w.Now.Add(time.Duration(attempt*attempt) * time.Minute)
		_, err = w.Dispatch.RetryWaiting(t.Context(), waiting)
		w.Ok(err)
		w.Settle()
	}
	if got := w.Message(id).Status(); got != message.Failed || len(w.Alpha.Sent) != 3 {
		t.Fatalf("it is %s after %d texts", got, len(w.Alpha.Sent))
	}
}

// A crash between SmsAttempted and the answer leaves the attempt open; the restart asks the carrier.
func TestACrashLeavesAnAttemptInDoubtNotALostOrDoubledText(t *testing.T) {
	for _, c := range []struct {
		name   string
		known  bool
		status error
		want   message.Status
		texts  int
	}{
		{"the carrier had taken it", true, nil, message.Sent, 1},
		{"the carrier never saw it", true, commandstest.Refused("transient"), message.Queued, 1},
		{"the carrier cannot tell", false, nil, message.Attempted, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			id := w.Remind(w.Book("a", commandstest.Tuesday))
			w.Alpha.During = func() { panic("the process dies") }
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
			if got := w.Message(id).Status(); got != c.want || len(w.Alpha.Sent)+len(w.Beta.Sent) != c.texts {
				t.Fatalf("it is %s after %d texts", got, len(w.Alpha.Sent)+len(w.Beta.Sent))
			}
		})
	}
}

func TestDoubtThatRanOutIsFollowedByAnotherAttempt(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Alpha.Answers = []error{commandstest.ErrLost}
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	waiting := waitingAt{{Message: id, Account: w.Account, Attempts: 1, Since: w.Now, InDoubt: true}}
	for _, later := range []time.Duration{14 * time.Minute, time.Minute} {
		w.Now = w.Now.Add(later)
		_, err := w.Dispatch.RetryWaiting(t.Context(), waiting)
		w.Ok(err)
		w.Settle()
		if later > time.Minute && w.Message(id).Status() != message.Attempted {
			t.Fatal("it was given up before its time")
		}
	}
	if state := w.Message(id); state.Status() != message.Sent || len(w.Beta.Sent) != 1 {
		t.Fatalf("it is %s after %d texts by the other provider", state.Status(), len(w.Beta.Sent))
	}
	// The first provider's word comes late: it had taken the text too. One charge, and both are known.
	_, err := messaging.Receive(t.Context(), w.Engine, messaging.Receipt{
		Reference: messaging.ReferenceOf(id, 1), State: "delivered", At: w.Now,
	})
	w.Ok(err)
	w.Settle()
	if got := w.Message(id).Status(); got != message.Delivered {
		t.Errorf("it is %s", got)
	}
	if lines := w.Captures(id); lines != 1 {
		t.Errorf("it was charged %d times", lines)
	}
}

// While a carrier is being called, a reaction to SmsAttempted must not ask it what it cannot know yet.
func TestAnAttemptUnderWayIsNotSettled(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Alpha.Statuses = map[string]error{messaging.ReferenceOf(id, 1): commandstest.Refused("transient")}
	w.Alpha.During = func() { w.Ok(w.Dispatch.Settle(t.Context(), w.Origin(), id, false)) }
	w.Settle()
	if got := w.Message(id).Status(); got != message.Sent {
		t.Fatalf("it is %s", got)
	}
}

// Between queue and carrier things change; nobody is reminded of what stands no more.
func TestWhatIsObsoleteIsNotSent(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*commandstest.World, domain.AppointmentID)
		reason string
	}{
		{"cancelled", func(w *commandstest.World, id domain.AppointmentID) {
			_, err := w.Booking.Cancel(w.T.Context(), w.Origin(), appointment.Cancel{Appointment: id, By: appointment.Staff})
			w.Ok(err)
		}, "cancelled"},
		{"opted out", func(w *commandstest.World, _ domain.AppointmentID) { w.Do(client.OptOut{Client: w.Ana}) }, "opted_out"},
		{"erased", func(w *commandstest.World, _ domain.AppointmentID) { w.Do(client.Erase{Client: w.Ana}) }, "erased"},
		{"too late", func(w *commandstest.World, _ domain.AppointmentID) { w.Now = w.Now.Add(25 * time.Hour) }, "too_late"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			booked := w.Book("a", commandstest.Tuesday)
			id := w.Remind(booked)
			c.change(w, booked)
			w.Settle()
			if state := w.Message(id); state.Status() != message.Suppressed || state.Reason != c.reason || len(w.Alpha.Sent) != 0 {
				t.Fatalf("it is %s (%s) after %d texts", state.Status(), state.Reason, len(w.Alpha.Sent))
			}
			if stage := w.Charge(id).Stage; stage != credit.Failed || w.Owned() != commandstest.Start {
				t.Fatalf("its charge is at stage %v and %d are owned: the hold was kept", stage, w.Owned())
			}
		})
	}
}

func TestWithoutCreditAnEmailGoesInstead(t *testing.T) {
	w := commandstest.NewWorld(t)
	var last domain.MessageID
	for i := range 13 { // 10 credits pay for twelve texts of 0.8
		w.Now = commandstest.Monday.Add(time.Duration(i*7*24) * time.Hour)
		last = w.Remind(w.Book(string(rune('a'+i)), w.Now.Add(24*time.Hour)))
		w.Settle()
	}
	if state := w.Message(last); state.Reason != "no_credit" || len(w.Alpha.Sent) != 12 || len(w.Mails) != 1 {
		t.Fatalf("%s (%s) after %d texts and %d emails", state.Status(), state.Reason, len(w.Alpha.Sent), len(w.Mails))
	}
}

func TestASwitchAndADisabledProviderAreObeyed(t *testing.T) {
	w := commandstest.NewWorld(t)
	operator := func(wish domain.Command) {
		_, err := w.Engine.Do(t.Context(), commandstest.Anyone, wish)
		w.Ok(err)
	}
	operator(route.Switch{Country: "BR", Provider: "beta", By: "operator", Reason: "ban"})
	w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	operator(provider.Disable{Provider: "beta", Reason: "ban"})
	w.Now = w.Now.Add(7 * 24 * time.Hour)
	w.Remind(w.Book("b", w.Now.Add(24*time.Hour)))
	w.Settle()
	if len(w.Beta.Sent) != 1 || len(w.Alpha.Sent) != 1 {
		t.Fatalf("beta carried %d texts and alpha %d", len(w.Beta.Sent), len(w.Alpha.Sent))
	}
}

func TestWithoutAProviderATextWaitsUntilThereIsOne(t *testing.T) {
	w := commandstest.NewWorld(t)
	for _, name := range []string{"alpha", "beta"} {
		_, err := w.Engine.Do(t.Context(), commandstest.Anyone, provider.Disable{Provider: name, Reason: "ban"})
		w.Ok(err)
	}
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	waiting := waitingAt{{Message: id, Account: w.Account, Since: w.Now}}
	for _, enabled := range []bool{false, true} {
		if enabled {
			_, err := w.Engine.Do(t.Context(), commandstest.Anyone, provider.Enable{Provider: "beta"})
			w.Ok(err)
		}
		w.Now = w.Now.Add(time.Minute)
		_, err := w.Dispatch.RetryWaiting(t.Context(), waiting)
		w.Ok(err)
		w.Settle()
		if got := w.Message(id).Status() == message.Sent; got != enabled {
			t.Fatalf("with a provider enabled %v it is %s", enabled, w.Message(id).Status())
		}
	}
}

func TestAnUnpaidTextIsNeverSent(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Remind(w.Book("a", commandstest.Tuesday)) // queued; the books have not seen it yet
	w.Ok(w.Dispatch.Send(t.Context(), w.Origin(), id))
	if len(w.Alpha.Sent) != 0 {
		t.Fatal("a text went out before the books knew of it")
	}
}

// One text that cannot be worked on must not keep the others from their carriers.
func TestOneBrokenTextDoesNotHoldUpTheOthers(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Alpha.Answers = []error{commandstest.Refused("transient")}
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
		t.Fatalf("acted on %d, %v; the sound text is %s", acted, err, w.Message(id).Status())
	}
}

// A reminder that was to be an email is said to be one when it is not sent.
func TestASuppressedEmailIsAnEmail(t *testing.T) {
	w := commandstest.NewWorld(t)
	due := messaging.DueReminder{
		Message: domain.DeriveID[domain.MessageID]("late"), Account: w.Account, Appointment: w.Book("a", commandstest.Tuesday),
		Rule: "day-before", Channel: message.Email, DueAt: w.Now, Suppressed: "booked_late",
	}
	_, err := (&messaging.Reminders{Engine: w.Engine, Due: commandstest.DueNow{due}}).QueueDue(t.Context())
	w.Ok(err)
	if state := w.Message(due.Message); state.Channel != message.Email || state.Reason != "booked_late" {
		t.Fatalf("it is a suppressed %s (%s)", state.Channel, state.Reason)
	}
}
