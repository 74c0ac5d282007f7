package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestTextsToANumber(t *testing.T) {
	to := func(number string, until time.Time, limit int) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			found, err := read.Texted.To(ctx, number, until, limit)
			var texts []domain.MessageID
			for _, one := range found {
				texts = append(texts, one.Message)
				if one.Account != Acme || one.Appointment != Visit(1) || one.Provider == "" {
					t.Errorf("the text is %+v", one)
				}
			}
			return texts, err
		}
	}
	const anna = "+5527999990001"
	given := Story(Opened(), text(1, Monday, accepted(1, "alpha", Monday)...),
		text(2, Monday, accepted(2, "alpha", Monday.Add(time.Hour))...),
		text(3, Monday), // waits for a provider
		text(4, Monday, accepted(4, "alpha", Monday.Add(2*time.Hour))[0]))
	type found = []domain.MessageID
	Run(t, given, []Example{
		{Name: "all", Query: to(anna, Monday.Add(24*time.Hour), 9), Want: found{Message(4), Message(2), Message(1)}},
		{Name: "the latest", Query: to(anna, Monday.Add(24*time.Hour), 1), Want: found{Message(4)}},
		{Name: "before a reply", Query: to(anna, Monday.Add(time.Hour), 9), Want: found{Message(2), Message(1)}},
		{Name: "another number", Query: to("+5527999990002", Monday.Add(24*time.Hour), 9), Want: found(nil)},
		{
			Name: "of an erased client", Query: to(anna, Monday.Add(24*time.Hour), 9), Want: found(nil),
			Given: []Append{On(client.Stream(Anna), Monday, client.ClientErased{Client: Anna, Account: Acme})},
		},
		{
			Name: "an email", Query: to("anna@example.com", Monday.Add(24*time.Hour), 9), Want: found(nil),
			Given: []Append{On(message.Stream(Message(5)), Monday, message.NoticeQueued{
				Message: Message(5), Kind: "move", Letter: message.Letter{
					Account: Acme, Client: Anna, Channel: message.Email, To: domain.Secret("anna@example.com"),
				},
			})},
		},
	})
}
