package members

import (
	"context"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/internal/cookie"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/team"
)

// self returns the member who is signed in. It refuses a key.
func self(ctx context.Context) (people.Place, error) {
	caller := middleware.CallerOf(ctx)
	if caller.Member.IsZero() {
		return people.Place{}, errMember
	}
	return people.Place{Account: caller.Account, Member: caller.Member}, nil
}

func (h *Handlers) sessions(ctx context.Context, at people.Place) (api.SessionList, error) {
	if _, err := h.member(ctx, at.Account, at.Member); err != nil {
		return api.SessionList{}, err
	}
	open, err := h.deps.People.Sessions(ctx, at)
	list := api.SessionList{Items: []api.Session{}}
	for _, one := range open {
		list.Items = append(list.Items, api.Session{
			Session: one.ID, How: api.SessionHow(one.How), Agent: one.Agent, CreatedAt: one.CreatedAt, SeenAt: one.SeenAt,
			EndsAt: one.EndsAt(), Current: one.ID == middleware.CallerOf(ctx).Session,
		})
	}
	return list, err
}

// ListMemberSessions lists the sessions of a member of an account.
func (h *Handlers) ListMemberSessions(
	ctx context.Context, r api.ListMemberSessionsRequestObject,
) (api.ListMemberSessionsResponseObject, error) {
	list, err := h.sessions(ctx, people.Place{Account: accountOf(r.Account), Member: memberOf(r.Member)})
	return api.ListMemberSessions200JSONResponse(list), err
}

// ListAdminSessions lists the sessions of an admin.
func (h *Handlers) ListAdminSessions(
	ctx context.Context, r api.ListAdminSessionsRequestObject,
) (api.ListAdminSessionsResponseObject, error) {
	list, err := h.sessions(ctx, people.Place{Member: memberOf(r.Member)})
	return api.ListAdminSessions200JSONResponse(list), err
}

func (h *Handlers) endAll(ctx context.Context, of domain.AccountID, id domain.MemberID) error {
	if _, err := h.member(ctx, of, id); err != nil {
		return err
	}
	return h.deps.People.EndAll(ctx, of, id)
}

// EndMemberSessions signs a member of an account out everywhere.
func (h *Handlers) EndMemberSessions(
	ctx context.Context, r api.EndMemberSessionsRequestObject,
) (api.EndMemberSessionsResponseObject, error) {
	err := h.endAll(ctx, accountOf(r.Account), memberOf(r.Member))
	return api.EndMemberSessions200JSONResponse{Ended: true}, err
}

// EndAdminSessions signs an admin out everywhere.
func (h *Handlers) EndAdminSessions(
	ctx context.Context, r api.EndAdminSessionsRequestObject,
) (api.EndAdminSessionsResponseObject, error) {
	return api.EndAdminSessions200JSONResponse{Ended: true}, h.endAll(ctx, domain.AccountID{}, memberOf(r.Member))
}

// ListSessions lists the sessions of the caller.
func (h *Handlers) ListSessions(
	ctx context.Context, _ api.ListSessionsRequestObject,
) (api.ListSessionsResponseObject, error) {
	at, err := self(ctx)
	if err != nil {
		return nil, err
	}
	list, err := h.sessions(ctx, at)
	return api.ListSessions200JSONResponse(list), err
}

// EndSession ends a session of the caller.
func (h *Handlers) EndSession(
	ctx context.Context, r api.EndSessionRequestObject,
) (api.EndSessionResponseObject, error) {
	at, err := self(ctx)
	if err != nil {
		return nil, err
	}
	return api.EndSession200JSONResponse{Ended: true}, h.deps.People.End(ctx, at, r.Session)
}

// SignOut ends the session of the request.
func (h *Handlers) SignOut(ctx context.Context, _ api.SignOutRequestObject) (api.SignOutResponseObject, error) {
	at, err := self(ctx)
	if err != nil {
		return nil, err
	}
	err = h.deps.People.End(ctx, at, middleware.CallerOf(ctx).Session)
	return api.SignOut200JSONResponse{
		Body: api.Ended{Ended: true}, Headers: api.SignOut200ResponseHeaders{SetCookie: cookie.Clear()},
	}, err
}

func shownTeam(one people.Team) api.Team {
	return api.Team{Account: one.Account.UUID, Name: one.Name, Role: api.Role(one.Role)}
}

// ListTeams lists the teams of the caller.
func (h *Handlers) ListTeams(ctx context.Context, _ api.ListTeamsRequestObject) (api.ListTeamsResponseObject, error) {
	at, err := self(ctx)
	if err != nil {
		return nil, err
	}
	teams, err := h.deps.People.Teams(ctx, at)
	list := api.ListTeams200JSONResponse{Items: []api.Team{}}
	for _, one := range teams {
		list.Items = append(list.Items, shownTeam(one))
	}
	return list, err
}

// SwitchTeam begins a session in another team of the caller, and ends this one.
func (h *Handlers) SwitchTeam(
	ctx context.Context, r api.SwitchTeamRequestObject,
) (api.SwitchTeamResponseObject, error) {
	at, err := self(ctx)
	if err != nil {
		return nil, err
	}
	teams, err := h.deps.People.Teams(ctx, at)
	if err != nil {
		return nil, err
	}
	for _, one := range teams {
		if one.Account.UUID != r.Body.Account {
			continue
		}
		begun, err := h.deps.People.Switch(ctx, at, middleware.CallerOf(ctx).Session, one.Place)
		return api.SwitchTeam200JSONResponse{
			Body:    shownTeam(one),
			Headers: api.SwitchTeam200ResponseHeaders{SetCookie: cookie.Set(begun, people.AbsoluteLimit)},
		}, err
	}
	return nil, team.ErrUnknown
}
