package messaging_test

import (
	"testing"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
)

// The first attempt was in doubt for too long and so is the second, when a late receipt says that the first one was
// accepted. The text must still fail when it turns out not to have arrived.
func TestDuplicateInDoubtDoesNotKeepTheTextFromFailing(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Do(account.SetTextLimits{Account: w.Account, Limits: account.TextLimits{PossibleDuplicates: true}})
	lost := []error{commandstest.ErrLost}
	w.Alpha.Results, w.Beta.Results = lost, lost
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	w.Ok(w.Dispatch.Resolve(t.Context(), w.Origin(), id, true))
	w.Settle()
	for _, state := range []string{"sent", "undelivered"} {
		_, err := messaging.Receive(t.Context(), w.Engine, messaging.Receipt{
			Reference: messaging.ReferenceOf(id, 1), State: state, At: w.Now,
		})
		w.Ok(err)
		w.Settle()
	}
	if state := w.Message(id); !state.Failed || state.Status() != message.Undelivered || len(w.Mails) != 1 {
		t.Errorf("the text is %s, failed %v, with %d emails; want it undelivered, failed and 1 email",
			state.Status(), state.Failed, len(w.Mails))
	}
}
