package commands_test

import (
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
)

// A text that a provider accepted and then reported as not delivered ends like any other failure: the log says
// SmsFailed, the credits come back, and the client gets one email.
func TestUndeliveredTextFailsIsRefundedAndFallsBackToEmail(t *testing.T) {
	for _, state := range []string{"undelivered", "expired"} {
		t.Run(state, func(t *testing.T) {
			w := newWorld(t)
			id := w.remind(w.book("a", tuesday))
			w.settle()
			for range 2 {
				_, err := commands.Receive(t.Context(), w.engine, commands.Receipt{
					Reference: commands.ReferenceOf(id, 1), State: state, At: w.now.Add(time.Minute),
				})
				w.ok(err)
				w.settle()
			}
			var story []string
			for entry, err := range w.log.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
				w.ok(err)
				if entry.Stream == message.Stream(id) || entry.Stream == credit.StreamOf(w.account) {
					story = append(story, entry.Type)
				}
			}
			want := []string{
				"CreditsPurchased", "ReminderQueued", "CreditsHeld", "SmsAttempted", "SmsSent", "CreditsCharged",
				"DeliveryReported", "SmsFailed", "NonDeliveryProven", "CreditRefunded",
			}
			if !slices.Equal(story, want) {
				t.Errorf("the log says\n%v\nwant\n%v", story, want)
			}
			if w.owned() != start {
				t.Errorf("%d micro-credits are owned, want the %d of before", w.owned(), start)
			}
			if len(w.mails) != 1 {
				t.Errorf("%d emails, want 1: %v", len(w.mails), w.mails)
			}
		})
	}
}
