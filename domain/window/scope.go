package window

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Scope limits a window. A list that is not empty must contain the value of the message, and all lists must match.
type Scope struct {
	Countries []string `json:"countries,omitempty"` // of the destination, as in domain.Phone
	Providers []string `json:"providers,omitempty"` // the provider that accepted first
	Accounts  []string `json:"accounts,omitempty"`
}

// Send is an accepted message, or the plan to send one. Coverage depends on it.
type Send struct {
	At       time.Time
	Country  string
	Provider string // empty for a plan, which no window with a list of providers covers
	Account  string
	Home     string // the account's zone
}

// normal checks the countries and sorts the lists, because their order has no meaning.
func (s Scope) normal() (Scope, error) {
	for _, code := range s.Countries {
		if _, err := domain.ParseDestination(code); err != nil {
			return Scope{}, err
		}
	}
	return Scope{sorted(s.Countries), sorted(s.Providers), sorted(s.Accounts)}, nil
}

func sorted(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

func (s Scope) admits(send Send) bool {
	return admits(s.Countries, send.Country) && admits(s.Providers, send.Provider) && admits(s.Accounts, send.Account)
}

func admits(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }

func (s Scope) equal(o Scope) bool {
	return slices.Equal(s.Countries, o.Countries) && slices.Equal(s.Providers, o.Providers) &&
		slices.Equal(s.Accounts, o.Accounts)
}

func (t Terms) equal(o Terms) bool { return t.Bounds == o.Bounds && t.Scope.equal(o.Scope) }

// normal checks terms and returns their canonical form, so equal terms compare equal.
func (t Terms) normal() (Terms, error) {
	scope, err := t.Scope.normal()
	if err != nil {
		return Terms{}, err
	}
	bounds, err := t.Bounds.normal()
	return Terms{scope, bounds}, err
}
