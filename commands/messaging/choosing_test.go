package messaging_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/route"
)

// fault returns the rejection of a text for a fault.
func fault(fault message.Fault) error { return messaging.Reject(fault, "code") }

// tryLater lets a message wait long enough for its next attempt and sends it.
func tryLater(w *commandstest.World, row messaging.WaitingMessage) {
	w.T.Helper()
	w.Now = w.Now.Add(20 * time.Minute)
	row.Attempts = len(w.Message(row.Message).Attempts)
	_, err := w.Dispatch.RetryWaiting(w.T.Context(), waitingAt{row})
	w.Ok(err)
	w.Settle()
}

// What follows from each fault: how many attempts alpha gets before beta does, and what becomes of the text.
func TestFaultsDecideWhoGetsTheNextAttempt(t *testing.T) {
	for _, c := range []struct {
		fault       message.Fault
		alpha, beta int
		status      message.Status
	}{
		{message.FaultNumber, 1, 0, message.Failed},
		{message.FaultOptedOut, 1, 0, message.Failed},
		{message.FaultContent, 1, 1, message.Sent},
		{message.FaultCarrier, 1, 1, message.Sent},
		{message.FaultConfigure, 1, 1, message.Sent},
		{message.FaultUnknown, 1, 1, message.Sent},
		{message.FaultProvider, 2, 1, message.Sent}, // once more, then the next
		{message.FaultThrottle, 5, 0, message.Sent}, // never another provider
		{message.FaultHandset, 5, 0, message.Sent},  // another provider changes nothing
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			w := commandstest.NewWorld(t)
			w.Alpha.Results = []error{fault(c.fault), fault(c.fault), fault(c.fault), fault(c.fault)}
			id := w.Remind(w.Book("a", commandstest.Tuesday))
			w.Settle()
			for range 6 {
				if w.Message(id).Status() == message.Queued {
					tryLater(w, messaging.WaitingMessage{Message: id, Account: w.Account, Since: w.Now})
				}
			}
			if got := w.Message(id).Status(); got != c.status || len(w.Alpha.Sent) != c.alpha || len(w.Beta.Sent) != c.beta {
				t.Errorf("the text is %s after %d attempts by alpha and %d by beta, want %s after %d and %d", got,
					len(w.Alpha.Sent), len(w.Beta.Sent), c.status, c.alpha, c.beta)
			}
		})
	}
}

// A text gives up after ten attempts, whatever the provider says.
func TestThrottledTextFailsInTheEnd(t *testing.T) {
	w := commandstest.NewWorld(t)
	for range 12 {
		w.Alpha.Results = append(w.Alpha.Results, fault(message.FaultThrottle))
	}
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	for range 12 {
		tryLater(w, messaging.WaitingMessage{Message: id, Account: w.Account, Since: w.Now})
	}
	if got := w.Message(id).Status(); got != message.Failed || len(w.Alpha.Sent) != 10 || len(w.Mails) != 1 {
		t.Errorf("the text is %s after %d attempts and %d emails, want failed after 10 and 1", got, len(w.Alpha.Sent),
			len(w.Mails))
	}
}

// The second provider of a route gets its share and the sender of the country, and a switch is in force for the next
// text.
func TestWeightsAndSendersOfARoute(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Operate(route.Set{Country: "BR", Providers: []string{"alpha", "beta"}, Terms: []route.Term{
		{Provider: "alpha", Weight: 500, Sender: "Clinic"}, {Provider: "beta", Weight: 500, Sender: "+551140000000"},
	}})
	remind := func(n int) {
		w.Now = commandstest.Monday.Add(time.Duration(n*7*24) * time.Hour)
		w.Remind(w.Book(fmt.Sprint(n), w.Now.Add(24*time.Hour)))
		w.Settle()
	}
	for n := range 10 {
		remind(n)
	}
	if len(w.Alpha.Sent) == 0 || len(w.Beta.Sent) == 0 || len(w.Alpha.Sent)+len(w.Beta.Sent) != 10 {
		t.Fatalf("alpha got %d and beta %d of 10 texts", len(w.Alpha.Sent), len(w.Beta.Sent))
	}
	if w.Alpha.Sent[0].From != "Clinic" || w.Beta.Sent[0].From != "+551140000000" {
		t.Errorf("the texts come from %q and %q", w.Alpha.Sent[0].From, w.Beta.Sent[0].From)
	}
	before := len(w.Beta.Sent)
	w.Operate(route.Switch{Country: "BR", Provider: "beta", By: "operator", Reason: "ban"})
	remind(10)
	remind(11)
	if got := len(w.Beta.Sent) - before; got != 2 {
		t.Errorf("beta got %d of 2 texts after the switch", got)
	}
}
