package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestTextsOfProviderIDs(t *testing.T) {
	sent := func(n byte, attempt int, provider, id string, at time.Time) Append {
		return On(message.Stream(Message(n)), at, message.SmsAttempted{
			Message: Message(n), Attempt: attempt, Reference: "r", Provider: provider, Country: "BR", At: at,
		}, message.SmsSent{
			Message: Message(n), Account: Acme, Attempt: attempt, Provider: provider, Country: "BR", ProviderID: id, SentAt: at,
		})
	}
	one := func(provider, id string) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			found, ok, err := read.ProviderIDs.One(ctx, provider, id)
			return []any{found, ok}, err
		}
	}
	none := []any{projections.Attempt{}, false}
	month := Monday.AddDate(0, 0, 31)
	given := Story(Opened(), []Append{
		sent(1, 1, "alpha", "7", Monday), sent(2, 2, "beta", "7", Monday), sent(3, 1, "alpha", "", Monday),
	})
	Run(t, given, []Example{
		{Name: "of one provider", Query: one("alpha", "7"), Want: []any{projections.Attempt{Message: Message(1), Number: 1}, true}},
		{Name: "of another", Query: one("beta", "7"), Want: []any{projections.Attempt{Message: Message(2), Number: 2}, true}},
		{Name: "that nobody gave", Query: one("alpha", "8"), Want: none},
		{Name: "that is empty", Query: one("alpha", ""), Want: none},
		{
			Name: "that is given again", Query: one("alpha", "7"), Want: []any{projections.Attempt{Message: Message(4), Number: 1}, true},
			Given: []Append{sent(4, 1, "alpha", "7", Monday.Add(time.Hour))},
		},
		{
			Name: "of a month ago", Query: one("alpha", "7"), Want: none,
			Given: []Append{sent(4, 1, "alpha", "8", month)},
		},
	})
}
