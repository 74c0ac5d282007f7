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

// counts are the numbers of a delivery report's line, and its median latency.
type counts struct {
	Day                          time.Time
	Provider, Country            string
	Queued, Suppressed           int
	Attempted, Refused, Sent     int
	Delivered, Undelivered       int
	Expired, Failed, Unconfirmed int
	Median                       time.Duration
}

func TestDeliveriesCountReceiptsOnTheDayOfTheAttempt(t *testing.T) {
	nextDay := Monday.Add(30 * time.Hour)
	given := append(Texts(), On(message.Stream(Message(3)), nextDay,
		message.SmsSent{Message: Message(3), Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", SentAt: Monday},
		message.DeliveryReported{
			Message: Message(3), Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", State: "undelivered",
			At: nextDay, Counted: true,
		},
		message.SmsFailed{ // its receipt counts already
			Message: Message(3), Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", Class: "undelivered",
		}))
	report := func(in projections.DeliveryFilter) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			lines, err := read.Deliveries.Report(ctx, in)
			var got []counts
			for _, l := range lines {
				got = append(got, counts{
					l.Day, l.Provider, l.Country, l.Queued, l.Suppressed, l.Attempted, l.Refused, l.Sent, l.Delivered,
					l.Undelivered, l.Expired, l.Failed, l.Unknown(), l.Latency(0.5),
				})
			}
			return got, err
		}
	}
	day := time.Date(2016, 5, 2, 0, 0, 0, 0, time.UTC)
	alpha := counts{
		Day: day, Provider: "alpha", Country: "BR", Attempted: 3, Refused: 1, Sent: 2, Delivered: 1, Undelivered: 1, Failed: 1,
		Median: 10 * time.Second, // the upper edge of the bucket of 7 s
	}
	total := alpha
	total.Day, total.Provider, total.Country, total.Queued, total.Suppressed = time.Time{}, "", "", 3, 1
	Run(t, given, []Example{
		{
			Name: "by provider, country and day",
			Query: report(projections.DeliveryFilter{
				Account: Acme, By: projections.By{Provider: true, Country: true, Day: true},
			}),
			Want: []counts{{Day: day, Country: "BR", Queued: 3, Suppressed: 1}, alpha},
		},
		{Name: "the whole installation", Query: report(projections.DeliveryFilter{}), Want: []counts{total}},
		{
			Name: "a provider in a country",
			Query: report(projections.DeliveryFilter{
				Provider: "alpha", Country: "BR", By: projections.By{Provider: true, Country: true, Day: true},
			}),
			Want: []counts{alpha},
		},
		{
			Name:  "the day after",
			Query: report(projections.DeliveryFilter{Days: domain.Interval{Start: day.AddDate(0, 0, 1), End: day.AddDate(0, 0, 2)}}),
		},
		{Name: "another account", Query: report(projections.DeliveryFilter{Account: Other})},
	})
}
