package messaging_test

import (
	"testing"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

func TestNumberThatAProviderReportsAsOptedOut(t *testing.T) {
	for name, c := range map[string]struct {
		refuses error
		reports message.Fault
		want    bool
	}{
		"refused as opted out":      {refuses: messaging.Reject(message.FaultOptedOut, "21610"), want: true},
		"refused as a wrong number": {refuses: messaging.Reject(message.FaultNumber, "21211")},
		"reported as barred":        {reports: message.FaultOptedOut, want: true},
		"reported as out of reach":  {reports: message.FaultHandset},
	} {
		t.Run(name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			if c.refuses != nil {
				w.Alpha.Results = []error{c.refuses}
			}
			id := w.Remind(w.Book("one", commandstest.Tuesday))
			w.Settle()
			if c.reports != "" {
				w.Operate(message.Report{
					Message: id, Attempt: 1, Provider: "alpha", State: "undelivered", Code: "30004", Fault: c.reports, At: w.Now,
				})
			}
			barring := w.Reactor("barring", messaging.Barring{Engine: w.Engine, OptOuts: w.OptOuts}.Handler())
			for {
				n, err := barring.Step(t.Context())
				w.Ok(err)
				if n == 0 {
					break
				}
			}
			holds, err := w.OptOuts.HoldsNumber(t.Context(), w.Account, anasNumber)
			w.Ok(err)
			if holds != c.want {
				t.Errorf("the number is opted out: %t, want %t", holds, c.want)
			}
		})
	}
}

func TestBarringHandlesItsEvents(t *testing.T) {
	w := commandstest.NewWorld(t)
	for _, gap := range w.Gaps(messaging.Barring{Engine: w.Engine, OptOuts: w.OptOuts}.Handler()) {
		t.Error(gap)
	}
}
