package commands_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

// tuesday is a day ahead, so that the reminder of the day before is due now.
var tuesday = monday.Add(24 * time.Hour)

func TestAReminderGoesFromQueueToChargeOnce(t *testing.T) {
	w := newWorld(t)
	booked := w.book("a", tuesday)
	id := w.remind(booked)
	w.settle()
	w.remind(booked) // asked again
	w.settle()
	state := w.message(id)
	if state.Status() != message.Sent || len(w.alpha.sent) != 1 || len(w.beta.sent) != 0 {
		t.Fatalf("it is %s after %d and %d texts", state.Status(), len(w.alpha.sent), len(w.beta.sent))
	}
	text := w.alpha.sent[0]
	want := commands.Text{
		Reference: commands.ReferenceOf(id, 1), To: "+5527900000001", Country: "BR",
		Body:       "Ana, a reminder: Visit with Room on 3 May 2016 at 12:00. Clinic",
		ValidUntil: time.Date(2016, 5, 3, 15, 0, 0, 0, time.UTC),
	}
	if !reflect.DeepEqual(text, want) {
		t.Errorf("the text was %+v, not %+v", text, want)
	}
	if charge := w.charge(id); charge.Stage != credit.Captured {
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
		{"a provider that is down: the next one carries it", []error{refused("provider")}, nil, message.Sent, [2]int{1, 1}, 0, credit.Captured},
		{"both down: an email instead", []error{refused("provider")}, []error{refused("provider")}, message.Failed, [2]int{1, 1}, 1, credit.Failed},
		{"a bad number: nobody else is tried", []error{refused("permanent")}, nil, message.Failed, [2]int{1, 0}, 1, credit.Failed},
		{"busy: later again", []error{refused("transient")}, nil, message.Queued, [2]int{1, 0}, 0, credit.Held},
		{"nobody knows: in doubt", []error{errLost}, nil, message.Attempted, [2]int{1, 0}, 0, credit.Held},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.alpha.answers, w.beta.answers = c.alpha, c.beta
			id := w.remind(w.book("a", tuesday))
			w.settle()
			if got := w.message(id).Status(); got != c.status {
				t.Errorf("it is %s, not %s", got, c.status)
			}
			if got := [2]int{len(w.alpha.sent), len(w.beta.sent)}; got != c.texts {
				t.Errorf("texts handed over: %v, not %v", got, c.texts)
			}
			if len(w.mails) != c.mails {
				t.Errorf("%d emails, not %d: %v", len(w.mails), c.mails, w.mails)
			}
			if got := w.charge(id).Stage; got != c.stage {
				t.Errorf("the charge is at stage %v, not %v", got, c.stage)
			}
		})
	}
}

// waitingAt says which texts wait, as the read model would.
type waitingAt []commands.WaitingMessage

func (q waitingAt) WaitingSince(context.Context, time.Time, int) ([]commands.WaitingMessage, error) {
	return q, nil
}

func TestABusyCarrierIsTriedThreeTimesThenTheMessageFails(t *testing.T) {
	w := newWorld(t)
	w.alpha.answers = []error{refused("transient"), refused("transient"), refused("transient")}
	id := w.remind(w.book("a", tuesday))
	w.settle()
	for attempt := 1; attempt < 3; attempt++ {
		waiting := waitingAt{{Message: id, Account: w.account, Attempts: attempt, Since: w.now}}
		acted, err := w.dispatch.RetryWaiting(t.Context(), waiting)
		w.ok(err)
		if acted != 0 {
			t.Fatal("a busy carrier was not left alone")
		}
		w.now = w.now.Add(time.Duration(attempt*attempt) * time.Minute)
		_, err = w.dispatch.RetryWaiting(t.Context(), waiting)
		w.ok(err)
		w.settle()
	}
	if got := w.message(id).Status(); got != message.Failed || len(w.alpha.sent) != 3 {
		t.Fatalf("it is %s after %d texts", got, len(w.alpha.sent))
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
		{"the carrier never saw it", true, refused("transient"), message.Queued, 1},
		{"the carrier cannot tell", false, nil, message.Attempted, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			id := w.remind(w.book("a", tuesday))
			w.alpha.during = func() { panic("the process dies") }
			func() {
				defer func() { _ = recover() }()
				w.settle()
			}()
			w.alpha.during = nil
			if c.known {
				w.alpha.statuses = map[string]error{commands.ReferenceOf(id, 1): c.status}
			}
			w.restart()
			w.settle()
			if got := w.message(id).Status(); got != c.want || len(w.alpha.sent)+len(w.beta.sent) != c.texts {
				t.Fatalf("it is %s after %d texts", got, len(w.alpha.sent)+len(w.beta.sent))
			}
		})
	}
}

func TestDoubtThatRanOutIsFollowedByAnotherAttempt(t *testing.T) {
	w := newWorld(t)
	w.alpha.answers = []error{errLost}
	id := w.remind(w.book("a", tuesday))
	w.settle()
	waiting := waitingAt{{Message: id, Account: w.account, Attempts: 1, Since: w.now, InDoubt: true}}
	for _, later := range []time.Duration{14 * time.Minute, time.Minute} {
		w.now = w.now.Add(later)
		_, err := w.dispatch.RetryWaiting(t.Context(), waiting)
		w.ok(err)
		w.settle()
		if later > time.Minute && w.message(id).Status() != message.Attempted {
			t.Fatal("it was given up before its time")
		}
	}
	if state := w.message(id); state.Status() != message.Sent || len(w.beta.sent) != 1 {
		t.Fatalf("it is %s after %d texts by the other provider", state.Status(), len(w.beta.sent))
	}
	// The first provider's word comes late: it had taken the text too. One charge, and both are known.
	_, err := commands.Receive(t.Context(), w.engine, commands.Receipt{
		Reference: commands.ReferenceOf(id, 1), State: "delivered", At: w.now,
	})
	w.ok(err)
	w.settle()
	if got := w.message(id).Status(); got != message.Delivered {
		t.Errorf("it is %s", got)
	}
	if lines := w.captures(id); lines != 1 {
		t.Errorf("it was charged %d times", lines)
	}
}

// captures counts how often a message was charged.
func (w *world) captures(id domain.MessageID) (count int) {
	w.t.Helper()
	for entry, err := range w.log.ReadAll(w.t.Context(), domain.Position{}, domain.Filter{Types: []string{"CreditsCharged"}}) {
		w.ok(err)
		recorded, err := w.codec.Decode(entry)
		w.ok(err)
		if recorded.Event.(credit.CreditsCharged).Message == id.String() {
			count++
		}
	}
	return count
}

// While a carrier is being called, a reaction to SmsAttempted must not ask it what it cannot know yet.
func TestAnAttemptUnderWayIsNotSettled(t *testing.T) {
	w := newWorld(t)
	id := w.remind(w.book("a", tuesday))
	w.alpha.statuses = map[string]error{commands.ReferenceOf(id, 1): refused("transient")}
	w.alpha.during = func() { w.ok(w.dispatch.Settle(t.Context(), w.origin(), id, false)) }
	w.settle()
	if got := w.message(id).Status(); got != message.Sent {
		t.Fatalf("it is %s", got)
	}
}

// Between queue and carrier things change; nobody is reminded of what stands no more.
func TestWhatIsObsoleteIsNotSent(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*world, domain.AppointmentID)
		reason string
	}{
		{"cancelled", func(w *world, id domain.AppointmentID) {
			_, err := w.booking.Cancel(w.t.Context(), w.origin(), appointment.Cancel{Appointment: id, By: appointment.Staff})
			w.ok(err)
		}, "cancelled"},
		{"opted out", func(w *world, _ domain.AppointmentID) { w.do(client.OptOut{Client: w.ana}) }, "opted_out"},
		{"erased", func(w *world, _ domain.AppointmentID) { w.do(client.Erase{Client: w.ana}) }, "erased"},
		{"too late", func(w *world, _ domain.AppointmentID) { w.now = w.now.Add(25 * time.Hour) }, "too_late"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			booked := w.book("a", tuesday)
			id := w.remind(booked)
			c.change(w, booked)
			w.settle()
			if state := w.message(id); state.Status() != message.Suppressed || state.Reason != c.reason || len(w.alpha.sent) != 0 {
				t.Fatalf("it is %s (%s) after %d texts", state.Status(), state.Reason, len(w.alpha.sent))
			}
			if stage := w.charge(id).Stage; stage != credit.Failed || w.owned() != start {
				t.Fatalf("its charge is at stage %v and %d are owned: the hold was kept", stage, w.owned())
			}
		})
	}
}

func TestWithoutCreditAnEmailGoesInstead(t *testing.T) {
	w := newWorld(t)
	var last domain.MessageID
	for i := range 13 { // 10 credits pay for twelve texts of 0.8
		w.now = monday.Add(time.Duration(i*7*24) * time.Hour)
		last = w.remind(w.book(string(rune('a'+i)), w.now.Add(24*time.Hour)))
		w.settle()
	}
	if state := w.message(last); state.Reason != "no_credit" || len(w.alpha.sent) != 12 || len(w.mails) != 1 {
		t.Fatalf("%s (%s) after %d texts and %d emails", state.Status(), state.Reason, len(w.alpha.sent), len(w.mails))
	}
}

func TestASwitchAndADisabledProviderAreObeyed(t *testing.T) {
	w := newWorld(t)
	operator := func(wish domain.Command) {
		_, err := w.engine.Do(t.Context(), anyone, wish)
		w.ok(err)
	}
	operator(route.Switch{Country: "BR", Provider: "beta", By: "operator", Reason: "ban"})
	w.remind(w.book("a", tuesday))
	w.settle()
	operator(provider.Disable{Provider: "beta", Reason: "ban"})
	w.now = w.now.Add(7 * 24 * time.Hour)
	w.remind(w.book("b", w.now.Add(24*time.Hour)))
	w.settle()
	if len(w.beta.sent) != 1 || len(w.alpha.sent) != 1 {
		t.Fatalf("beta carried %d texts and alpha %d", len(w.beta.sent), len(w.alpha.sent))
	}
}

func TestWithoutAProviderATextWaitsUntilThereIsOne(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"alpha", "beta"} {
		_, err := w.engine.Do(t.Context(), anyone, provider.Disable{Provider: name, Reason: "ban"})
		w.ok(err)
	}
	id := w.remind(w.book("a", tuesday))
	w.settle()
	waiting := waitingAt{{Message: id, Account: w.account, Since: w.now}}
	for _, enabled := range []bool{false, true} {
		if enabled {
			_, err := w.engine.Do(t.Context(), anyone, provider.Enable{Provider: "beta"})
			w.ok(err)
		}
		w.now = w.now.Add(time.Minute)
		_, err := w.dispatch.RetryWaiting(t.Context(), waiting)
		w.ok(err)
		w.settle()
		if got := w.message(id).Status() == message.Sent; got != enabled {
			t.Fatalf("with a provider enabled %v it is %s", enabled, w.message(id).Status())
		}
	}
}

func TestAnUnpaidTextIsNeverSent(t *testing.T) {
	w := newWorld(t)
	id := w.remind(w.book("a", tuesday)) // queued; the books have not seen it yet
	w.ok(w.dispatch.Send(t.Context(), w.origin(), id))
	if len(w.alpha.sent) != 0 {
		t.Fatal("a text went out before the books knew of it")
	}
}

// One text that cannot be worked on must not keep the others from their carriers.
func TestOneBrokenTextDoesNotHoldUpTheOthers(t *testing.T) {
	w := newWorld(t)
	w.alpha.answers = []error{refused("transient")}
	id := w.remind(w.book("a", tuesday))
	w.settle()
	foreign := domain.DeriveID[domain.MessageID]("foreign")
	stored, err := w.codec.Encode(domain.DeriveUUID("foreign"), client.SmsOptedOut{Client: w.ana}, domain.Metadata{})
	w.ok(err)
	_, err = w.log.Append(t.Context(), message.Stream(foreign), domain.NoStream, []domain.Stored{stored})
	w.ok(err)
	since := w.now
	w.now = w.now.Add(time.Minute)
	acted, err := w.dispatch.RetryWaiting(t.Context(), waitingAt{
		{Message: foreign, Account: w.account, Attempts: 1, Since: since},
		{Message: id, Account: w.account, Attempts: 1, Since: since},
	})
	if err == nil || acted != 1 || w.message(id).Status() != message.Sent {
		t.Fatalf("acted on %d, %v; the sound text is %s", acted, err, w.message(id).Status())
	}
}

// A reminder that was to be an email is said to be one when it is not sent.
func TestASuppressedEmailIsAnEmail(t *testing.T) {
	w := newWorld(t)
	due := commands.DueReminder{
		Message: domain.DeriveID[domain.MessageID]("late"), Account: w.account, Appointment: w.book("a", tuesday),
		Rule: "day-before", Channel: message.Email, DueAt: w.now, Suppressed: "booked_late",
	}
	_, err := (&commands.Reminders{Engine: w.engine, Due: dueNow{due}}).QueueDue(t.Context())
	w.ok(err)
	if state := w.message(due.Message); state.Channel != message.Email || state.Reason != "booked_late" {
		t.Fatalf("it is a suppressed %s (%s)", state.Channel, state.Reason)
	}
}
