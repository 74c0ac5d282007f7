package feed_test

import (
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/feed"
)

type example = domaintest.Example[feed.Command, feed.Event]

func given(events ...feed.Event) []feed.Event { return events }

func TestFeed(t *testing.T) {
	whole := feed.Of{Account: domain.DeriveID[domain.AccountID]("clinic")}
	first := feed.CalendarFeedRotated{Of: whole, Generation: 1}
	second := feed.CalendarFeedRotated{Of: whole, Generation: 2, Names: true}
	off := feed.CalendarFeedTurnedOff{Of: whole}
	last := feed.CalendarFeedRotated{Of: whole, Generation: 65535}
	domaintest.Run(t, feed.Decider, []example{
		{Name: "is turned on", When: feed.Rotate{Of: whole}, Then: given(first)},
		{Name: "is turned on twice", Given: given(first), When: feed.Rotate{Of: whole}},
		{
			Name: "gets another address", Given: given(first), When: feed.Rotate{Of: whole, Generation: 1, Names: true},
			Then: given(second),
		},
		{Name: "is turned off", Given: given(first), When: feed.TurnOff{Of: whole}, Then: given(off)},
		{Name: "is off", When: feed.TurnOff{Of: whole}},
		{
			Name: "is turned on again", Given: given(first, off), When: feed.Rotate{Of: whole, Generation: 1, Names: true},
			Then: given(second),
		},
		{
			Name: "has had too many addresses", Given: given(last), When: feed.Rotate{Of: whole, Generation: 65535},
			Refused: feed.ErrRotatedTooOften,
		},
	})
	domaintest.GoldenForm(t, feed.Types, feed.CalendarFeedRotated{
		Of: feed.Of{Account: whole.Account, Resource: domain.DeriveID[domain.ResourceID]("room")}, Generation: 3,
	}, "of a resource")
}
