package pageaddress

import (
	"regexp"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about a name.
var (
	ErrTaken = domain.Refuse(domain.Disallowed, "page_address_taken",
		"another account has this page address; choose another one")
	ErrMalformed = domain.Refuse(domain.Invalid, "page_address_malformed",
		"a page address has 3 to 40 small letters, digits and dashes, begins and ends with a letter or digit, and is not "+
			"an id; write it like anna-schmidt")
	ErrReserved = domain.Refuse(domain.Invalid, "page_address_reserved",
		"this page address is reserved for the program; choose another one")
)

var form = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$`)

// reserved are the names of our own files below /book/, and of those that we may want.
var reserved = []string{
	"account", "admin", "api", "app", "assets", "book", "booking", "clickbook", "confirm", "docs", "help", "hold",
	"login", "logo", "manage", "robots", "sign-in", "static", "style", "support", "www",
}

// Parse returns a name that is well formed and not reserved.
func Parse(name string) (string, error) {
	if _, err := uuid.Parse(name); err == nil || !form.MatchString(name) {
		return "", ErrMalformed
	}
	if slices.Contains(reserved, name) {
		return "", ErrReserved
	}
	return name, nil
}

// Command is a request about a name.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Claim takes a name for an account.
type Claim struct {
	Name    string
	Account domain.AccountID
}

// Stream returns the stream of the name.
func (c Claim) Stream() domain.Stream { return Stream(c.Name) }

func (c Claim) decide(s State) ([]Event, error) {
	switch s.Account {
	case c.Account:
		return nil, nil
	case domain.AccountID{}:
		if _, err := Parse(c.Name); err != nil {
			return nil, err
		}
		return []Event{PageAddressClaimed(c)}, nil
	}
	return nil, ErrTaken
}
