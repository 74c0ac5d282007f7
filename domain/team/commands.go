package team

import (
	"regexp"
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about a team.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "member_unknown", "there is no such member; look at the list of members")
	ErrExists  = domain.Refuse(domain.Disallowed, "member_exists",
		"somebody with this email address is in the team already; change their role, or send the invitation again")
	ErrRole = domain.Refuse(domain.Invalid, "member_role_invalid",
		"a member of an account is owner, staff or billing, and a member of the installation is admin").At("role")
	ErrLastOwner = domain.Refuse(domain.Disallowed, "member_last_owner",
		"this is the last owner, and without one nobody could invite others; make somebody else an owner first")
	ErrLastAdmin = domain.Refuse(domain.Disallowed, "member_last_admin",
		"this is the last admin, and without one nobody could invite others; invite another admin first")
	ErrNotJoined = domain.Refuse(domain.Disallowed, "member_not_joined",
		"this person has not joined yet; they join by the link of their invitation")
	ErrPresent = domain.Refuse(domain.Disallowed, "member_present",
		"this person is still a member; remove them, then erase them")
	ErrFull = domain.Refuse(domain.Disallowed, "team_full",
		"the team has 500 members, and no more are possible; remove those who left")
	ErrPasskey = domain.Refuse(domain.Invalid, "passkey_malformed",
		"the passkey is malformed; register it again")
	ErrPasskeyUsed = domain.Refuse(domain.Disallowed, "passkey_exists",
		"this passkey belongs to a member already; use another device, or remove the old one first")
	ErrPasskeysFull = domain.Refuse(domain.Disallowed, "passkeys_full",
		"a member can have 20 passkeys; remove one that is not used")
)

const (
	maxMembers  = 500 // present ones
	maxPasskeys = 20  // of one member
)

// passkeyForm is base64url, and maxPasskey its longest: WebAuthn bounds an id to 1023 bytes.
var passkeyForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

const maxPasskey = 1364

// Command is a request to change a team.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Invite adds somebody to a team.
type Invite struct {
	Account  domain.AccountID // zero for an admin
	Member   domain.MemberID
	Email    domain.Private
	Role     string
	Resource domain.ResourceID
}

// Join records that somebody who was invited has come.
type Join struct {
	Account domain.AccountID
	Member  domain.MemberID
	Name    domain.Private
}

// ChangeRole replaces what a member may do.
type ChangeRole struct {
	Account  domain.AccountID
	Member   domain.MemberID
	Role     string
	Resource domain.ResourceID
}

// Remove ends a membership.
type Remove struct {
	Account domain.AccountID
	Member  domain.MemberID
}

// Erase forgets a removed member. The caller destroys the key of the member once the event is stored.
type Erase struct {
	Account domain.AccountID
	Member  domain.MemberID
}

// AddPasskey adds a passkey to a member who has joined.
type AddPasskey struct {
	Account domain.AccountID
	Member  domain.MemberID
	Passkey
}

// RemovePasskey ends a passkey.
type RemovePasskey struct {
	Account domain.AccountID
	Member  domain.MemberID
	ID      string
}

// Stream returns the stream of the team.
func (c Invite) Stream() domain.Stream        { return Stream(c.Account) }
func (c Join) Stream() domain.Stream          { return Stream(c.Account) }
func (c ChangeRole) Stream() domain.Stream    { return Stream(c.Account) }
func (c Remove) Stream() domain.Stream        { return Stream(c.Account) }
func (c Erase) Stream() domain.Stream         { return Stream(c.Account) }
func (c AddPasskey) Stream() domain.Stream    { return Stream(c.Account) }
func (c RemovePasskey) Stream() domain.Stream { return Stream(c.Account) }

func checkRole(account domain.AccountID, role string) error {
	allowed := []string{Owner, Staff, Billing}
	if account.IsZero() {
		allowed = []string{Admin}
	}
	if !slices.Contains(allowed, role) {
		return ErrRole
	}
	return nil
}

func (c Invite) decide(s State) ([]Event, error) {
	if err := checkRole(c.Account, c.Role); err != nil {
		return nil, err
	}
	if _, known := s.Find(c.Member); known { // the same request again
		return nil, nil
	}
	if _, known := s.ByEmail(c.Email.Reveal()); known {
		return nil, ErrExists
	}
	present := 0
	for _, member := range s.Members {
		if !member.Removed {
			present++
		}
	}
	if present >= maxMembers {
		return nil, ErrFull
	}
	return []Event{MemberInvited(c)}, nil
}

func (c Join) decide(s State) ([]Event, error) {
	member, ok := s.Present(c.Member)
	switch {
	case !ok:
		return nil, ErrUnknown
	case member.Joined:
		return nil, nil
	}
	return []Event{MemberJoined(c)}, nil
}

func (c ChangeRole) decide(s State) ([]Event, error) {
	member, ok := s.Present(c.Member)
	if !ok {
		return nil, ErrUnknown
	}
	if err := checkRole(c.Account, c.Role); err != nil {
		return nil, err
	}
	switch {
	case member.Role == c.Role && member.Resource == c.Resource:
		return nil, nil
	case member.Joined && member.Role == Owner && c.Role != Owner && !s.lead(c.Member):
		return nil, ErrLastOwner
	}
	return []Event{MemberRoleChanged(c)}, nil
}

func (c Remove) decide(s State) ([]Event, error) {
	member, ok := s.Find(c.Member)
	switch {
	case !ok:
		return nil, ErrUnknown
	case member.Removed:
		return nil, nil
	case !member.Joined || !leads(member.Role) || s.lead(c.Member):
		return []Event{MemberRemoved(c)}, nil
	case member.Role == Admin:
		return nil, ErrLastAdmin
	}
	return nil, ErrLastOwner
}

func (c Erase) decide(s State) ([]Event, error) {
	member, ok := s.Find(c.Member)
	switch {
	case !ok:
		return nil, ErrUnknown
	case member.Erased:
		return nil, nil
	case !member.Removed:
		return nil, ErrPresent
	}
	return []Event{MemberErased(c)}, nil
}

func (c AddPasskey) decide(s State) ([]Event, error) {
	member, ok := s.Present(c.Member)
	switch {
	case !ok:
		return nil, ErrUnknown
	case !member.Joined:
		return nil, ErrNotJoined
	case !passkeyForm.MatchString(c.ID) || !passkeyForm.MatchString(c.PublicKey),
		len(c.ID) > maxPasskey || len(c.PublicKey) > maxPasskey:
		return nil, ErrPasskey
	}
	for _, other := range s.Members {
		for _, passkey := range other.Passkeys {
			if passkey.ID == c.ID && other.ID == c.Member && passkey.PublicKey == c.PublicKey {
				return nil, nil
			}
			if passkey.ID == c.ID {
				return nil, ErrPasskeyUsed
			}
		}
	}
	if len(member.Passkeys) >= maxPasskeys {
		return nil, ErrPasskeysFull
	}
	return []Event{PasskeyAdded(c)}, nil
}

func (c RemovePasskey) decide(s State) ([]Event, error) {
	member, ok := s.Present(c.Member)
	if !ok {
		return nil, ErrUnknown
	}
	if !slices.ContainsFunc(member.Passkeys, func(p Passkey) bool { return p.ID == c.ID }) {
		return nil, nil
	}
	return []Event{PasskeyRemoved(c)}, nil
}
