package account_test

import (
	"testing"

	"github.com/clickbook/clickbook/domain/account"
)

func limits() []example {
	neighbours := account.TextLimits{
		Countries: []string{"AR", "BR"}, PerDayMicro: 50_000_000, PossibleDuplicates: true,
	}
	unsorted := neighbours
	unsorted.Countries = []string{"BR", "AR"}
	set := account.TextLimitsSet{Account: id, TextLimits: neighbours}
	limit := func(limits account.TextLimits) account.Command {
		return account.SetTextLimits{Account: id, Limits: limits}
	}
	return []example{
		{Name: "texts are limited", Given: given(opened), When: limit(unsorted), Then: given(set)},
		{Name: "texts are limited as they are", Given: given(opened, set), When: limit(unsorted)},
		{Name: "limits of an unknown account", When: limit(neighbours), Refused: account.ErrUnknown},
		{
			Name: "a country twice", Given: given(opened),
			When: limit(account.TextLimits{Countries: []string{"BR", "BR"}}), Refused: account.ErrLimits,
		},
		{
			Name: "a cost below nothing", Given: given(opened), When: limit(account.TextLimits{PerDayMicro: -1}),
			Refused: account.ErrLimits,
		},
	}
}

func TestCountriesThatGetTexts(t *testing.T) {
	state := account.Evolve(account.State{}, opened)
	if !state.Texts("BR") || state.Texts("AR") {
		t.Error("without limits, texts must go to the account's own country only")
	}
	state = account.Evolve(state, account.TextLimitsSet{TextLimits: account.TextLimits{Countries: []string{"AR"}}})
	if state.Texts("BR") || !state.Texts("AR") {
		t.Error("with limits, texts must go to the listed countries only")
	}
}
