package pageaddress_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/pageaddress"
)

type example = domaintest.Example[pageaddress.Command, pageaddress.Event]

func given(events ...pageaddress.Event) []pageaddress.Event { return events }

func TestPageAddress(t *testing.T) {
	clinic, school := domain.DeriveID[domain.AccountID]("clinic"), domain.DeriveID[domain.AccountID]("school")
	claimed := pageaddress.PageAddressClaimed{Name: "anna-schmidt", Account: clinic}
	domaintest.Run(t, pageaddress.Decider, []example{
		{Name: "is claimed", When: pageaddress.Claim(claimed), Then: given(claimed)},
		{Name: "is claimed twice", Given: given(claimed), When: pageaddress.Claim(claimed)},
		{
			Name: "is another account's", Given: given(claimed),
			When: pageaddress.Claim{Name: "anna-schmidt", Account: school}, Refused: pageaddress.ErrTaken,
		},
		{
			Name: "is malformed", When: pageaddress.Claim{Name: "Anna", Account: clinic},
			Refused: pageaddress.ErrMalformed,
		},
		{Name: "is reserved", When: pageaddress.Claim{Name: "admin", Account: clinic}, Refused: pageaddress.ErrReserved},
	})
}

func TestParseAddress(t *testing.T) {
	for _, name := range []string{"abc", "a-1", "physio-2", strings.Repeat("a", 40)} {
		if got, err := pageaddress.Parse(name); err != nil || got != name {
			t.Errorf("Parse(%q) = %q, %v", name, got, err)
		}
	}
	for _, name := range []string{
		"", "ab", "-ab", "ab-", "Abc", "a b", "a/b", "..", "embed.js", "é-clair", strings.Repeat("a", 41),
		domain.DeriveUUID("clinic").String(), strings.ReplaceAll(domain.DeriveUUID("clinic").String(), "-", ""),
	} {
		if got, err := pageaddress.Parse(name); !errors.Is(err, pageaddress.ErrMalformed) {
			t.Errorf("Parse(%q) = %q, %v; want ErrMalformed", name, got, err)
		}
	}
}
