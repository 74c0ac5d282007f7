package access

import (
	"regexp"
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about a key.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "key_unknown", "there is no such key; check its prefix")
	ErrExists  = domain.Refuse(domain.Disallowed, "key_exists",
		"a key with this prefix was issued before; make another key")
	ErrLastAdmin = domain.Refuse(domain.Disallowed, "key_last_admin",
		"this is the last admin key, and without one nobody could make another; issue a new admin key, then revoke this one")
	ErrRole = domain.Refuse(domain.Invalid, "key_role_invalid",
		"an admin key has no account, and a key of an account is for owner, staff or billing")
	ErrKey = domain.Refuse(domain.Invalid, "key_malformed",
		"a key is stored by a prefix of 4 to 20 letters and digits and its SHA-256 as 64 small hexadecimal digits")
)

var (
	prefixForm = regexp.MustCompile(`^[A-Za-z0-9_]{4,20}$`)
	hashForm   = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// Command is a request to change a key.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Issue makes a key valid.
type Issue struct {
	Account domain.AccountID // zero for an admin key
	Prefix  string
	Hash    string // SHA-256 of the key in lower-case hexadecimal
	Role    string
	Label   string
}

// Revoke makes a key invalid.
type Revoke struct {
	Account domain.AccountID // owner of the key; to any other account the key is unknown
	Prefix  string
}

// Stream returns the stream of the key.
func (c Issue) Stream() domain.Stream  { return Stream(c.Prefix) }
func (c Revoke) Stream() domain.Stream { return Stream(c.Prefix) }

func (c Issue) decide(s State) ([]Event, error) {
	issued := State{Account: c.Account, Hash: c.Hash, Role: c.Role, Label: c.Label}
	switch {
	case !prefixForm.MatchString(c.Prefix) || !hashForm.MatchString(c.Hash):
		return nil, ErrKey
	case c.Account.IsZero() && c.Role != Admin,
		!c.Account.IsZero() && !slices.Contains([]string{Owner, Staff, Billing}, c.Role):
		return nil, ErrRole
	case s == issued:
		return nil, nil
	case s.Hash != "":
		return nil, ErrExists
	}
	return []Event{KeyIssued(c)}, nil
}

func (c Revoke) decide(s State) ([]Event, error) {
	switch {
	case s.Hash == "" || s.Account != c.Account:
		return nil, ErrUnknown
	case s.Revoked:
		return nil, nil
	}
	return []Event{KeyRevoked(c)}, nil
}
