package team

import (
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// State is a team, with the members who left it.
type State struct {
	Account domain.AccountID
	Members []Member // in the order in which they were invited
}

// Member is somebody of a team.
type Member struct {
	ID       domain.MemberID
	Email    domain.Private
	Name     domain.Private // empty until they joined
	Role     string
	Resource domain.ResourceID
	Joined   bool
	Removed  bool
	Erased   bool
	Passkeys []Passkey
}

// Find returns a member, removed or not.
func (s State) Find(id domain.MemberID) (Member, bool) {
	at := s.index(id)
	if at < 0 {
		return Member{}, false
	}
	return s.Members[at], true
}

// Present returns a member who was not removed.
func (s State) Present(id domain.MemberID) (Member, bool) {
	found, ok := s.Find(id)
	return found, ok && !found.Removed
}

// ByEmail returns the member with an address, who was not removed. Upper and lower case are the same.
func (s State) ByEmail(email string) (Member, bool) {
	for _, member := range s.Members {
		if !member.Removed && SameEmail(member.Email.Reveal(), email) {
			return member, true
		}
	}
	return Member{}, false
}

// SameEmail reports whether two addresses are that of one person.
func SameEmail(a, b string) bool { return strings.EqualFold(a, b) }

func (s State) index(id domain.MemberID) int {
	return slices.IndexFunc(s.Members, func(m Member) bool { return m.ID == id })
}

// lead reports whether somebody other than a member could invite others: an owner of the account, or an admin of the
// installation. Somebody who was only invited may never come.
func (s State) lead(without domain.MemberID) bool {
	return slices.ContainsFunc(s.Members, func(m Member) bool {
		return m.ID != without && m.Joined && !m.Removed && leads(m.Role)
	})
}

func leads(role string) bool { return role == Owner || role == Admin }

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

// changed returns the team with one member changed. The team before is left as it was.
func (s State) changed(id domain.MemberID, change func(*Member)) State {
	s.Members = slices.Clone(s.Members)
	if at := s.index(id); at >= 0 {
		change(&s.Members[at])
	}
	return s
}

func (e MemberInvited) evolve(s State) State {
	s.Account = e.Account
	s.Members = append(slices.Clip(s.Members), Member{ID: e.Member, Email: e.Email, Role: e.Role, Resource: e.Resource})
	return s
}

func (e MemberJoined) evolve(s State) State {
	return s.changed(e.Member, func(m *Member) { m.Name, m.Joined = e.Name, true })
}

func (e MemberRoleChanged) evolve(s State) State {
	return s.changed(e.Member, func(m *Member) { m.Role, m.Resource = e.Role, e.Resource })
}

func (e MemberRemoved) evolve(s State) State {
	return s.changed(e.Member, func(m *Member) { m.Removed, m.Passkeys = true, nil })
}

func (e MemberErased) evolve(s State) State {
	return s.changed(e.Member, func(m *Member) {
		m.Erased, m.Name, m.Email = true, domain.Private{}, domain.Private{}
	})
}

func (e PasskeyAdded) evolve(s State) State {
	return s.changed(e.Member, func(m *Member) { m.Passkeys = append(slices.Clip(m.Passkeys), e.Passkey) })
}

func (e PasskeyRemoved) evolve(s State) State {
	return s.changed(e.Member, func(m *Member) {
		m.Passkeys = slices.DeleteFunc(slices.Clone(m.Passkeys), func(p Passkey) bool { return p.ID == e.ID })
	})
}
