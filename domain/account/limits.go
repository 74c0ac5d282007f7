package account

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// TextLimits are what an account allows its texts to do. They bound what a thief of a key or a bot can spend, as texts
// to numbers that share their price with the caller are a known fraud.
type TextLimits struct {
	// Countries are those whose numbers get texts, ISO 3166-1 alpha-2 in order. None means the account's own country.
	Countries []string `json:"countries,omitzero"`
	// PerDayMicro is how many micro-credits texts may cost in a day of the account. 0 means any number.
	PerDayMicro int64 `json:"per_day_micro,omitzero"`
	// PossibleDuplicates allows another attempt at a text that a provider has or may have accepted, when it has probably
	// not arrived. The client may then get it twice.
	PossibleDuplicates bool `json:"possible_duplicates,omitzero"`
}

// TextLimitsSet replaces the limits of an account's texts.
type TextLimitsSet struct {
	Account domain.AccountID `json:"account"`
	TextLimits
}

// SetTextLimits replaces the limits of an account's texts.
type SetTextLimits struct {
	Account domain.AccountID
	Limits  TextLimits
}

// ErrLimits refuses limits that cannot be kept.
var ErrLimits = domain.Refuse(domain.Invalid, "text_limits_invalid",
	"the limits of texts name up to 100 countries, each once, like BR, and a cost per day of 0 or more")

// maxCountries bounds the countries that an account texts.
const maxCountries = 100

// EventType returns the stored name.
func (TextLimitsSet) EventType() string { return "TextLimitsSet" }

// Stream returns the stream of the account.
func (c SetTextLimits) Stream() domain.Stream { return Stream(c.Account) }

func (c SetTextLimits) decide(s State) ([]Event, error) {
	if err := s.mustBeOpen(); err != nil {
		return nil, err
	}
	limits := c.Limits
	limits.Countries = slices.Sorted(slices.Values(c.Limits.Countries))
	if len(limits.Countries) > maxCountries || limits.PerDayMicro < 0 ||
		len(slices.Compact(slices.Clone(limits.Countries))) != len(limits.Countries) {
		return nil, ErrLimits
	}
	for _, country := range limits.Countries {
		if _, err := domain.ParseDestination(country); err != nil {
			return nil, err
		}
	}
	if limits.equal(s.Limits) {
		return nil, nil
	}
	return []Event{TextLimitsSet{Account: c.Account, TextLimits: limits}}, nil
}

func (e TextLimitsSet) evolve(s State) State {
	s.Limits = e.TextLimits
	s.Limits.Countries = slices.Clone(e.Countries)
	return s
}

func (l TextLimits) equal(other TextLimits) bool {
	return slices.Equal(l.Countries, other.Countries) && l.PerDayMicro == other.PerDayMicro &&
		l.PossibleDuplicates == other.PossibleDuplicates
}

// Texts reports whether numbers of a country get texts.
func (s State) Texts(country string) bool {
	if len(s.Limits.Countries) == 0 {
		return country == s.Country
	}
	return slices.Contains(s.Limits.Countries, country)
}
