package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

// TestTrafficOfTexts sends three texts to one number: at once, a minute and an hour later. Alpha reports on the first, beta
// accepts the last.
func TestTrafficOfTexts(t *testing.T) {
	const number = "+5527999998888"
	var given []Append
	for n, after := range []time.Duration{0, time.Minute, time.Hour} {
		id, at, by := Message(byte(n+1)), Monday.Add(after), "alpha"
		if after == time.Hour {
			by = "beta"
		}
		given = append(given, On(message.Stream(id), at,
			message.ReminderQueued{Message: id, Rule: "day-before", Letter: ReminderTo(Anna, Visit(byte(n+1)), number, "Hello")},
			message.SmsAttempted{Message: id, Attempt: 1, Reference: "r", Provider: by, Country: "BR", At: at},
			message.SmsSent{Message: id, Account: Acme, Attempt: 1, Provider: by, Country: "BR", SentAt: at},
		))
	}
	first := Message(1)
	given = append(given, On(message.Stream(first), Monday.Add(time.Second), message.DeliveryReported{
		Message: first, Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", State: "delivered", At: Monday,
		Counted: true,
	}))
	sent := func(to string, since time.Time, limit int) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Messages.SentTo(ctx, to, since, limit)
		}
	}
	spent := func(of domain.AccountID, since time.Time) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Messages.Spent(ctx, of, since)
		}
	}
	silent := func(by string, since time.Time) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return messageNumbers(read.Messages.Unreceipted(ctx, by, since, 10))
		}
	}
	recent := func(since time.Time) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Messages.Recent(ctx, since)
		}
	}
	fourth := Message(4)
	given = append(given, On(message.Stream(fourth), Monday, message.ReminderQueued{
		Message: fourth, Rule: "day-before", Letter: ReminderTo(Anna, Visit(4), number, "Hello"),
	}))
	minute, hour := Monday.Add(time.Minute), Monday.Add(time.Hour)
	Run(t, append(Opened(), given...), []Example{
		{Name: "the texts to a number", Query: sent(number, Monday, 10), Want: []time.Time{hour, minute, Monday}},
		{Name: "only the newest", Query: sent(number, Monday, 2), Want: []time.Time{hour, minute}},
		{Name: "only the later ones", Query: sent(number, minute, 10), Want: []time.Time{hour, minute}},
		{Name: "none to another number", Query: sent("+5527999997777", Monday, 10), Want: []time.Time(nil)},
		{Name: "what they cost", Query: spent(Acme, Monday), Want: int64(3_000_000)},
		{Name: "what the later ones cost", Query: spent(Acme, hour), Want: int64(1_000_000)},
		{Name: "another account paid nothing", Query: spent(Other, Monday), Want: int64(0)},
		{Name: "without a receipt of alpha", Query: silent("alpha", Monday), Want: []byte{2}},
		{Name: "without a receipt of beta", Query: silent("beta", Monday), Want: []byte{3}},
		{Name: "what became of them, by quarters of an hour", Query: recent(Monday), Want: []projections.Traffic{
			{Country: "BR", Part: 0, Sent: 2, Delivered: 1, Took: time.Second}, {Country: "BR", Part: 4, Sent: 1},
		}},
		{Name: "what became of the later one", Query: recent(hour), Want: []projections.Traffic{{Country: "BR", Sent: 1}}},
		{Name: "what waits", Query: func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Messages.WaitingFor(ctx)
		}, Want: map[string]int{"BR": 1}},
		{Name: "accepted later than all of alpha's", Query: silent("alpha", hour)},
	})
}
