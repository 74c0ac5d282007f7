// Package team is the aggregate of the people who work with an account, and of the admins of the installation: who was
// invited, who joined, what each may do, and which passkeys each has. It refuses to leave a team without anybody who
// could invite others. Sessions and one-time links are no events: they end by themselves.
package team

import "github.com/clickbook/clickbook/domain"

// Roles of a member. An admin belongs to the installation. All others belong to one account.
const (
	Owner   = domain.RoleOwner
	Staff   = domain.RoleStaff
	Billing = domain.RoleBilling
	Admin   = domain.RoleAdmin
)

// Decider decides about streams "team-{account}", and "team-installation" for the admins. Its state holds private text,
// so it has no snapshots.
var Decider = domain.Decider[State, Command, Event]{
	Category: "team",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of an account's team. A zero account means the admins of the installation.
func Stream(account domain.AccountID) domain.Stream {
	if account.IsZero() {
		return domain.StreamOf("team", "installation")
	}
	return domain.StreamOf("team", account.String())
}

// Subject returns whose private text the events of a member hold. Each member is a subject, so that one can be erased.
func Subject(member domain.MemberID) domain.Subject {
	return domain.StreamOf("member", member.String())
}
