// Package members serves the operations about people: the members of a team, and the sign-in, the sessions and the
// passkeys of the person who uses the page.
package members

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/adapters/passkeys"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/team"
)

// Deps are what the operations need.
type Deps struct {
	Engine   *commands.Engine
	People   *people.People // nil refuses all operations
	Passkeys *passkeys.Passkeys
	Eraser   *commands.Eraser

	// Run carries out the command of a write.
	Run func(ctx context.Context, cmd domain.Command) (commands.Outcome, error)
	// Organisation is the address that begins the sign-in of an organisation, "" if there is none.
	Organisation string
	MailInFiles  bool // emails are files in the data directory
}

// Handlers serve the operations.
type Handlers struct{ deps Deps }

// New returns the handlers.
func New(deps Deps) *Handlers { return &Handlers{deps} }

var (
	errBilling = problem.New(http.StatusForbidden, "role_forbidden",
		"an owner can make owners and staff; ask the admin of the installation for a member with the role billing")
	errOften = &problem.Problem{
		Status: http.StatusTooManyRequests, Code: people.ErrAskedOften.Code, RetryAfter: 600,
		Detail: people.ErrAskedOften.Sentence,
	}
	errMember = domain.Refuse(domain.Disallowed, "member_needed",
		"a key has no sessions and no passkeys; sign in to the page as a member")
)

func accountOf(id api.PathAccount) domain.AccountID { return domain.AccountID{UUID: id} }

func memberOf(id api.PathMember) domain.MemberID { return domain.MemberID{UUID: id} }

// created and done are the responses to a write.
func created(id fmt.Stringer, outcome commands.Outcome) api.CreatedJSONResponse {
	return api.CreatedJSONResponse{Body: written(id, outcome), Headers: api.CreatedResponseHeaders{
		ETag: etag(outcome.Revision), ClickbookPosition: outcome.Position.String(),
	}}
}

func done(id fmt.Stringer, outcome commands.Outcome) api.DoneJSONResponse {
	return api.DoneJSONResponse{Body: written(id, outcome), Headers: api.DoneResponseHeaders{
		ETag: etag(outcome.Revision), ClickbookPosition: outcome.Position.String(),
	}}
}

func written(id fmt.Stringer, outcome commands.Outcome) api.Written {
	return api.Written{Id: id.String(), Revision: int64(outcome.Revision), Position: outcome.Position.String()}
}

func etag(revision domain.Revision) string {
	return strconv.Quote(strconv.FormatInt(int64(revision), 10))
}

func (h *Handlers) list(ctx context.Context, of domain.AccountID) (api.MemberList, domain.Revision, error) {
	state, revision, err := commands.Load(ctx, h.deps.Engine, team.Decider, team.Stream(of))
	list := api.MemberList{Items: []api.Member{}}
	for _, one := range state.Members {
		if one.Removed {
			continue
		}
		shown := api.Member{
			Member: one.ID.UUID, Email: one.Email.Reveal(), Name: one.Name.Reveal(), Role: api.Role(one.Role),
			Resource: one.Resource.UUID, State: api.MemberStateInvited, Passkeys: len(one.Passkeys),
		}
		if one.Joined {
			shown.State = api.MemberStateJoined
		}
		list.Items = append(list.Items, shown)
	}
	return list, max(revision, 0), err
}

// ListMembers implements api.StrictServerInterface, as do the other methods of this package.
func (h *Handlers) ListMembers(
	ctx context.Context, r api.ListMembersRequestObject,
) (api.ListMembersResponseObject, error) {
	list, revision, err := h.list(ctx, accountOf(r.Account))
	return api.ListMembers200JSONResponse{
		Body: list, Headers: api.ListMembers200ResponseHeaders{ETag: etag(revision)},
	}, err
}

// ListAdmins lists the admins.
func (h *Handlers) ListAdmins(
	ctx context.Context, _ api.ListAdminsRequestObject,
) (api.ListAdminsResponseObject, error) {
	list, revision, err := h.list(ctx, domain.AccountID{})
	return api.ListAdmins200JSONResponse{
		Body: list, Headers: api.ListAdmins200ResponseHeaders{ETag: etag(revision)},
	}, err
}

// mayGive refuses a role that the caller may not give, and a resource of another account.
func (h *Handlers) mayGive(ctx context.Context, of domain.AccountID, role api.Role, tied domain.ResourceID) error {
	if middleware.AccountOf(ctx).Closed {
		return account.ErrClosed
	}
	if role == team.Billing && middleware.CallerOf(ctx).Role != team.Admin {
		return errBilling
	}
	if tied.IsZero() {
		return nil
	}
	state, _, err := commands.LoadKnown(ctx, h.deps.Engine, resource.Decider, resource.Stream(tied))
	if err == nil && (state.Account != of || of.IsZero()) {
		err = resource.ErrUnknown
	}
	return err
}

func (h *Handlers) invite(
	ctx context.Context, of domain.AccountID, wanted api.NewMember,
) (domain.MemberID, commands.Outcome, error) {
	tied := domain.ResourceID{UUID: wanted.Resource}
	if err := h.mayGive(ctx, of, wanted.Role, tied); err != nil {
		return domain.MemberID{}, commands.Outcome{}, err
	}
	email, err := domain.ParseEmail(wanted.Email)
	if err != nil {
		return domain.MemberID{}, commands.Outcome{}, err
	}
	id, err := middleware.NewID[domain.MemberID](ctx, "member")
	if err != nil {
		return id, commands.Outcome{}, err
	}
	outcome, err := h.deps.Run(ctx, team.Invite{
		Account: of, Member: id, Email: domain.Secret(email), Role: string(wanted.Role), Resource: tied,
	})
	if err == nil {
		err = h.deps.People.SendInvitation(ctx, people.Place{Account: of, Member: id})
	}
	return id, outcome, err
}

// InviteMember invites somebody to an account.
func (h *Handlers) InviteMember(
	ctx context.Context, r api.InviteMemberRequestObject,
) (api.InviteMemberResponseObject, error) {
	id, outcome, err := h.invite(ctx, accountOf(r.Account), *r.Body)
	return api.InviteMember201JSONResponse{CreatedJSONResponse: created(id, outcome)}, err
}

// InviteAdmin invites an admin.
func (h *Handlers) InviteAdmin(
	ctx context.Context, r api.InviteAdminRequestObject,
) (api.InviteAdminResponseObject, error) {
	id, outcome, err := h.invite(ctx, domain.AccountID{}, *r.Body)
	return api.InviteAdmin201JSONResponse{CreatedJSONResponse: created(id, outcome)}, err
}

// ChangeMember changes a role and ends the sessions of the member.
func (h *Handlers) ChangeMember(
	ctx context.Context, r api.ChangeMemberRequestObject,
) (api.ChangeMemberResponseObject, error) {
	of, id, tied := accountOf(r.Account), memberOf(r.Member), domain.ResourceID{UUID: r.Body.Resource}
	if err := h.mayGive(ctx, of, r.Body.Role, tied); err != nil {
		return nil, err
	}
	before, err := h.member(ctx, of, id)
	if err != nil {
		return nil, err
	}
	outcome, err := h.deps.Run(ctx, team.ChangeRole{Account: of, Member: id, Role: string(r.Body.Role), Resource: tied})
	if err == nil && before.Role != string(r.Body.Role) {
		err = h.deps.People.EndAll(ctx, of, id)
	}
	return api.ChangeMember200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

// member returns a member who was not removed.
func (h *Handlers) member(ctx context.Context, of domain.AccountID, id domain.MemberID) (team.Member, error) {
	state, _, err := commands.LoadKnown(ctx, h.deps.Engine, team.Decider, team.Stream(of))
	if err != nil {
		return team.Member{}, err
	}
	found, ok := state.Present(id)
	if !ok {
		return found, team.ErrUnknown
	}
	return found, nil
}

func (h *Handlers) remove(
	ctx context.Context, of domain.AccountID, id domain.MemberID, erase bool,
) (commands.Outcome, error) {
	state, _, err := commands.LoadKnown(ctx, h.deps.Engine, team.Decider, team.Stream(of))
	if err != nil {
		return commands.Outcome{}, err
	}
	if _, known := state.Find(id); !known { // whatever the revision that the caller has read
		return commands.Outcome{}, team.ErrUnknown
	}
	outcome, err := h.deps.Run(ctx, team.Remove{Account: of, Member: id})
	if err == nil {
		err = h.deps.People.EndAll(ctx, of, id)
	}
	if err != nil || !erase {
		return outcome, err
	}
	write, err := middleware.WriteOf(ctx)
	if err == nil {
		outcome.Position, err = h.deps.Eraser.EraseMember(ctx, write.Origin, of, id)
	}
	return outcome, err
}

// RemoveMember removes a member of an account.
func (h *Handlers) RemoveMember(
	ctx context.Context, r api.RemoveMemberRequestObject,
) (api.RemoveMemberResponseObject, error) {
	id := memberOf(r.Member)
	outcome, err := h.remove(ctx, accountOf(r.Account), id, r.Params.Erase)
	return api.RemoveMember200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

// RemoveAdmin removes an admin.
func (h *Handlers) RemoveAdmin(
	ctx context.Context, r api.RemoveAdminRequestObject,
) (api.RemoveAdminResponseObject, error) {
	id := memberOf(r.Member)
	outcome, err := h.remove(ctx, domain.AccountID{}, id, r.Params.Erase)
	return api.RemoveAdmin200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

var invitationSent = api.Sent{Detail: "The email is on its way."}

// ResendInvitation sends the invitation of a member again.
func (h *Handlers) ResendInvitation(
	ctx context.Context, r api.ResendInvitationRequestObject,
) (api.ResendInvitationResponseObject, error) {
	err := h.deps.People.SendInvitation(ctx, people.Place{Account: accountOf(r.Account), Member: memberOf(r.Member)})
	return api.ResendInvitation202JSONResponse(invitationSent), err
}

// ResendAdminInvitation sends the invitation of an admin again.
func (h *Handlers) ResendAdminInvitation(
	ctx context.Context, r api.ResendAdminInvitationRequestObject,
) (api.ResendAdminInvitationResponseObject, error) {
	err := h.deps.People.SendInvitation(ctx, people.Place{Member: memberOf(r.Member)})
	return api.ResendAdminInvitation202JSONResponse(invitationSent), err
}

// MakeMemberLink makes a link for a member of an account.
func (h *Handlers) MakeMemberLink(
	ctx context.Context, r api.MakeMemberLinkRequestObject,
) (api.MakeMemberLinkResponseObject, error) {
	link, err := h.deps.People.Printed(ctx, people.Place{Account: accountOf(r.Account), Member: memberOf(r.Member)})
	return api.MakeMemberLink201JSONResponse{Member: r.Member, Link: link}, err
}

// MakeAdminLink makes a link for an admin.
func (h *Handlers) MakeAdminLink(
	ctx context.Context, r api.MakeAdminLinkRequestObject,
) (api.MakeAdminLinkResponseObject, error) {
	link, err := h.deps.People.Printed(ctx, people.Place{Member: memberOf(r.Member)})
	return api.MakeAdminLink201JSONResponse{Member: r.Member, Link: link}, err
}
