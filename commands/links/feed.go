package links

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/feed"
	"github.com/clickbook/clickbook/domain/resource"
)

// FeedPath begins the address of a calendar feed. The token and FeedEnd follow.
const (
	FeedPath = "/feeds/"
	FeedEnd  = ".ics"
)

// Feed returns the address of a feed in its last generation.
func (l Links) Feed(of feed.State) string {
	signed := token{accountFeed, of.Generation, of.Account.UUID}
	if !of.Resource.IsZero() {
		signed = token{resourceFeed, of.Generation, of.Resource.UUID}
	}
	return l.Base + FeedPath + l.sign(signed) + FeedEnd
}

// OpenFeed returns the feed of a token. It refuses one of a feed that is off or has another address by now, and any
// other text, with ErrLink.
func (l Links) OpenFeed(ctx context.Context, text string) (feed.State, error) {
	var of feed.Of
	opened, ok := l.verify(text, accountFeed)
	of.Account = domain.AccountID{UUID: opened.id}
	if !ok {
		if opened, ok = l.verify(text, resourceFeed); !ok {
			return feed.State{}, ErrLink
		}
		of = feed.Of{Resource: domain.ResourceID{UUID: opened.id}}
		known, _, err := commands.Load(ctx, l.Engine, resource.Decider, resource.Stream(of.Resource))
		if err != nil {
			return feed.State{}, err
		}
		of.Account = known.Account
	}
	state, _, err := commands.Load(ctx, l.Engine, feed.Decider, of.Stream())
	if err == nil && (!state.On || state.Generation != opened.generation || state.Of != of) {
		err = ErrLink
	}
	return state, err
}
