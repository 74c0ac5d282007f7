package team_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/team"
)

type example = domaintest.Example[team.Command, team.Event]

var (
	clinic = domain.DeriveID[domain.AccountID]("clinic")
	ana    = domain.DeriveID[domain.MemberID]("ana")
	tom    = domain.DeriveID[domain.MemberID]("tom")
	root   = domain.DeriveID[domain.MemberID]("root")
	chair  = domain.DeriveID[domain.ResourceID]("chair")

	anaInvited = team.MemberInvited{Account: clinic, Member: ana, Email: domain.Secret("ana@example.com"), Role: team.Owner}
	anaJoined  = team.MemberJoined{Account: clinic, Member: ana, Name: domain.Secret("Ana Souza")}
	tomInvited = team.MemberInvited{
		Account: clinic, Member: tom, Email: domain.Secret("tom@example.com"), Role: team.Staff, Resource: chair,
	}
	tomJoined   = team.MemberJoined{Account: clinic, Member: tom, Name: domain.Secret("Tom")}
	tomOwner    = team.MemberRoleChanged{Account: clinic, Member: tom, Role: team.Owner}
	tomRemoved  = team.MemberRemoved{Account: clinic, Member: tom}
	tomErased   = team.MemberErased{Account: clinic, Member: tom}
	rootInvited = team.MemberInvited{Member: root, Email: domain.Secret("root@example.com"), Role: team.Admin}
	rootJoined  = team.MemberJoined{Member: root, Name: domain.Secret("Root")}
	phone       = team.Passkey{
		ID: "cGhvbmU", PublicKey: "a2V5", Label: domain.Secret("Ana's phone"), Synced: true, Transports: []string{"internal"},
	}
	phoneAdded   = team.PasskeyAdded{Account: clinic, Member: ana, Passkey: phone}
	phoneRemoved = team.PasskeyRemoved{Account: clinic, Member: ana, ID: phone.ID}
)

func given(events ...team.Event) []team.Event { return events }

func TestTeam(t *testing.T) {
	both := given(anaInvited, anaJoined, tomInvited, tomJoined)
	demote := team.ChangeRole{Account: clinic, Member: ana, Role: team.Staff}
	domaintest.Run(t, team.Decider, []example{
		{Name: "invites the first", When: team.Invite(anaInvited), Then: given(anaInvited)},
		{Name: "invites staff", Given: given(anaInvited), When: team.Invite(tomInvited), Then: given(tomInvited)},
		{Name: "invites an admin", When: team.Invite(rootInvited), Then: given(rootInvited)},
		{
			Name: "an address is in the team once", Given: given(anaInvited), Refused: team.ErrExists,
			When: team.Invite{Account: clinic, Member: tom, Email: domain.Secret("ANA@example.com"), Role: team.Staff},
		},
		{
			Name: "a removed address can come back", Given: append(both, tomRemoved),
			When: team.Invite{Account: clinic, Member: root, Email: domain.Secret("tom@example.com"), Role: team.Staff},
			Then: given(team.MemberInvited{
				Account: clinic, Member: root, Email: domain.Secret("tom@example.com"), Role: team.Staff,
			}),
		},
		{
			Name: "no admin of an account", Refused: team.ErrRole,
			When: team.Invite{Account: clinic, Member: tom, Email: domain.Secret("tom@example.com"), Role: team.Admin},
		},
		{
			Name: "no owner of the installation", Refused: team.ErrRole,
			When: team.Invite{Member: tom, Email: domain.Secret("tom@example.com"), Role: team.Owner},
		},
		{Name: "joins", Given: given(anaInvited), When: team.Join(anaJoined), Then: given(anaJoined)},
		{Name: "unknown does not join", When: team.Join(anaJoined), Refused: team.ErrUnknown},
		{Name: "removed does not join", Given: given(tomInvited, tomRemoved), When: team.Join(tomJoined), Refused: team.ErrUnknown},
		{Name: "role changes", Given: both, When: team.ChangeRole(tomOwner), Then: given(tomOwner)},
		{Name: "unknown role", Given: both, When: team.ChangeRole{Account: clinic, Member: tom, Role: "x"}, Refused: team.ErrRole},
		{Name: "role of nobody", When: team.ChangeRole(tomOwner), Refused: team.ErrUnknown},
		{Name: "the last owner stays owner", Given: both, When: demote, Refused: team.ErrLastOwner},
		{
			Name: "an invited owner does not count", Refused: team.ErrLastOwner, When: demote,
			Given: given(anaInvited, anaJoined, tomInvited, tomOwner),
		},
		{Name: "one of two owners steps down", Given: append(both, tomOwner), When: demote, Then: given(
			team.MemberRoleChanged{Account: clinic, Member: ana, Role: team.Staff},
		)},
		{Name: "is removed", Given: both, When: team.Remove(tomRemoved), Then: given(tomRemoved)},
		{Name: "an invitation is withdrawn", Given: given(tomInvited), When: team.Remove(tomRemoved), Then: given(tomRemoved)},
		{Name: "unknown is not removed", When: team.Remove(tomRemoved), Refused: team.ErrUnknown},
		{
			Name: "the last owner is not removed", Given: both, Refused: team.ErrLastOwner,
			When: team.Remove{Account: clinic, Member: ana},
		},
		{
			Name: "the last admin is not removed", Given: given(rootInvited, rootJoined), Refused: team.ErrLastAdmin,
			When: team.Remove{Member: root},
		},
		{Name: "is erased", Given: append(both, tomRemoved), When: team.Erase(tomErased), Then: given(tomErased)},
		{Name: "a member is not erased", Given: both, When: team.Erase(tomErased), Refused: team.ErrPresent},
		{Name: "unknown is not erased", When: team.Erase(tomErased), Refused: team.ErrUnknown},
		{Name: "adds a passkey", Given: both, When: team.AddPasskey(phoneAdded), Then: given(phoneAdded)},
		{Name: "passkey before joining", Given: given(anaInvited), When: team.AddPasskey(phoneAdded), Refused: team.ErrNotJoined},
		{Name: "passkey of nobody", When: team.AddPasskey(phoneAdded), Refused: team.ErrUnknown},
		{
			Name: "passkey of somebody else", Given: append(both, phoneAdded), Refused: team.ErrPasskeyUsed,
			When: team.AddPasskey{Account: clinic, Member: tom, Passkey: phone},
		},
		{
			Name: "malformed passkey", Given: both, Refused: team.ErrPasskey,
			When: team.AddPasskey{Account: clinic, Member: ana, Passkey: team.Passkey{ID: "a b", PublicKey: "a2V5"}},
		},
		{
			Name: "removes a passkey", Given: append(both, phoneAdded), When: team.RemovePasskey(phoneRemoved),
			Then: given(phoneRemoved),
		},
		{Name: "removes a passkey again", Given: append(both, phoneAdded, phoneRemoved), When: team.RemovePasskey(phoneRemoved)},
		{Name: "passkey of an unknown member", When: team.RemovePasskey(phoneRemoved), Refused: team.ErrUnknown},
	})
}

func TestTeamIsBounded(t *testing.T) {
	events := given(anaInvited, anaJoined)
	for n := range 499 {
		events = append(events, team.MemberInvited{
			Account: clinic, Member: domain.DeriveID[domain.MemberID]("more", n),
			Email: domain.Secret(fmt.Sprintf("m%d@example.com", n)), Role: team.Staff,
		})
	}
	full := team.Decider.Fold(events...)
	if _, err := team.Decide(full, team.Invite(tomInvited)); !errors.Is(err, team.ErrFull) {
		t.Errorf("the member after 500 returned %v", err)
	}
	events = append(events, team.MemberRemoved{Account: clinic, Member: domain.DeriveID[domain.MemberID]("more", 0)})
	if _, err := team.Decide(team.Decider.Fold(events...), team.Invite(tomInvited)); err != nil {
		t.Errorf("after somebody left: %v", err)
	}
}

func TestPasskeysOfAMemberAreBounded(t *testing.T) {
	events := given(anaInvited, anaJoined)
	for n := range 20 {
		events = append(events, team.PasskeyAdded{Account: clinic, Member: ana, Passkey: team.Passkey{ID: fmt.Sprint(n), PublicKey: "k"}})
	}
	if _, err := team.Decide(team.Decider.Fold(events...), team.AddPasskey(phoneAdded)); !errors.Is(err, team.ErrPasskeysFull) {
		t.Errorf("the passkey after 20 returned %v", err)
	}
}

func TestErasedMemberHasNoPersonalData(t *testing.T) {
	state := team.Decider.Fold(anaInvited, anaJoined, tomInvited, tomJoined, tomRemoved, tomErased)
	member, ok := state.Find(tom)
	if !ok || !member.Email.IsZero() || !member.Name.IsZero() {
		t.Errorf("after erasure the member is %#v", member)
	}
}
