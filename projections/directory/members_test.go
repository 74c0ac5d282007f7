package directory_test

import (
	"context"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/team"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestMembersAreFoundByAddressInEveryTeam(t *testing.T) {
	ana, root := domain.MemberID{UUID: ID(51)}, domain.MemberID{UUID: ID(52)}
	gone, erased := domain.MemberID{UUID: ID(53)}, domain.MemberID{UUID: ID(54)}
	email := domain.Secret("Ana@Example.com")
	given := []Append{
		On(team.Stream(Acme), Monday,
			team.MemberInvited{Account: Acme, Member: ana, Email: email, Role: team.Staff},
			team.MemberJoined{Account: Acme, Member: ana, Name: domain.Secret("Ana")},
			team.MemberRoleChanged{Account: Acme, Member: ana, Role: team.Owner},
			team.MemberInvited{Account: Acme, Member: gone, Email: domain.Secret("gone@example.com"), Role: team.Staff},
			team.MemberRemoved{Account: Acme, Member: gone},
			team.MemberInvited{Account: Acme, Member: erased, Email: domain.Secret("erased@example.com"), Role: team.Staff},
			team.MemberRemoved{Account: Acme, Member: erased},
			team.MemberErased{Account: Acme, Member: erased},
		),
		{At: Monday, Stream: team.Stream(domain.AccountID{}), Events: []domain.Event{
			team.MemberInvited{Member: root, Email: email, Role: team.Admin},
		}},
	}
	owner := directory.Member{
		ID: ana, Account: Acme, Name: "Ana", Email: "ana@example.com", Role: team.Owner, Joined: true,
	}
	admin := directory.Member{ID: root, Email: "ana@example.com", Role: team.Admin}
	with := func(email string) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Members.WithEmail(ctx, email)
		}
	}
	of := func(account domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) { return read.Members.Of(ctx, account) }
	}
	Run(t, given, []Example{
		{Name: "an address of two teams", Query: with("ANA@example.com"), Want: []directory.Member{admin, owner}},
		{Name: "a removed member", Query: with("gone@example.com")},
		{Name: "an erased member", Query: with("erased@example.com")},
		{Name: "no address", Query: with("")},
		{Name: "of an account", Query: of(Acme), Want: []directory.Member{
			owner,
			{ID: gone, Account: Acme, Email: "gone@example.com", Role: team.Staff, Removed: true},
			{ID: erased, Account: Acme, Role: team.Staff, Removed: true},
		}},
		{Name: "of another account", Query: of(Other)},
		{Name: "of the installation", Query: of(domain.AccountID{}), Want: []directory.Member{admin}},
	})
}
