package optout_test

import (
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/optout"
)

type example = domaintest.Example[optout.Command, optout.Event]

var (
	number  = domain.DeriveID[domain.NumberID]("+5527999998888")
	account = domain.DeriveID[domain.AccountID]("clinic")
	out     = optout.NumberOptedOut{Number: number, Account: account}
	in      = optout.NumberOptedIn{Number: number, Account: account}
)

func given(events ...optout.Event) []optout.Event { return events }

func TestOptOut(t *testing.T) {
	stop := optout.OptOut{Number: number, Account: account}
	start := optout.OptIn{Number: number, Account: account}
	domaintest.Run(t, optout.Decider, []example{
		{Name: "opts out", When: stop, Then: given(out)},
		{Name: "opts in", Given: given(out), When: start, Then: given(in)},
		{Name: "opts out again", Given: given(out, in), When: stop, Then: given(out)},
		{Name: "never opted out", When: start},
	})
}
