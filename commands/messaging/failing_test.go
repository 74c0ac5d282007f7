package messaging_test

import (
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
)

// A text that a provider accepted and then reported as not delivered ends like any other failure: the log says
// SmsFailed, the credits come back, and the client gets one email.
func TestUndeliveredTextFailsIsRefundedAndFallsBackToEmail(t *testing.T) {
	for _, state := range []string{"undelivered", "expired"} {
		t.Run(state, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			id := w.Remind(w.Book("a", commandstest.Tuesday))
			w.Settle()
			for range 2 {
				_, err := messaging.Receive(t.Context(), w.Engine, messaging.Receipt{
					Reference: messaging.ReferenceOf(id, 1), State: state, At: w.Now.Add(time.Minute),
				})
				w.Ok(err)
				w.Settle()
			}
			var story []string
			for entry, err := range w.Log.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
				w.Ok(err)
				if entry.Stream == message.Stream(id) || entry.Stream == credit.StreamOf(w.Account) {
					story = append(story, entry.Type)
				}
			}
			want := []string{
				"CreditsPurchased", "ReminderQueued", "CreditsHeld", "SmsAttempted", "SmsSent", "CreditsCharged",
				"DeliveryReported", "SmsFailed", "NonDeliveryProven", "CreditRefunded",
				"MessageReplaced",
			}
			if !slices.Equal(story, want) {
				t.Errorf("the log says\n%v\nwant\n%v", story, want)
			}
			if w.Owned() != commandstest.Balance {
				t.Errorf("%d micro-credits are owned, want the %d of before", w.Owned(), commandstest.Balance)
			}
			if len(w.Mails) != 1 {
				t.Errorf("%d emails, want 1: %v", len(w.Mails), w.Mails)
			}
		})
	}
}
