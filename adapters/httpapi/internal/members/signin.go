package members

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/internal/cookie"
	"github.com/clickbook/clickbook/adapters/passkeys"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/team"
)

// ShowSignIn returns the ways to sign in.
func (h *Handlers) ShowSignIn(
	context.Context, api.ShowSignInRequestObject,
) (api.ShowSignInResponseObject, error) {
	return api.ShowSignIn200JSONResponse{
		Email: true, MailInFiles: h.deps.MailInFiles, Passkey: h.deps.Passkeys.Available(),
		Organisation: h.deps.Organisation,
	}, nil
}

// RequestSignIn sends a link to an address that somebody has.
func (h *Handlers) RequestSignIn(
	ctx context.Context, r api.RequestSignInRequestObject,
) (api.RequestSignInResponseObject, error) {
	email, err := domain.ParseEmail(r.Body.Email)
	if err == nil {
		err = h.deps.People.Ask(ctx, email)
	}
	if errors.Is(err, people.ErrAskedOften) {
		err = errOften
	}
	return api.RequestSignIn202JSONResponse{
		Detail: "If somebody has this address, an email with a link is on its way. The link works once, within 15 minutes.",
	}, err
}

func shownCeremony(begun passkeys.Ceremony, err error) (api.Ceremony, error) {
	shown := api.Ceremony{Ceremony: begun.Secret}
	if err == nil {
		err = json.Unmarshal(begun.Options, &shown.Options)
	}
	return shown, err
}

// BeginPasskeySignIn begins a ceremony for somebody who is not known yet.
func (h *Handlers) BeginPasskeySignIn(
	ctx context.Context, _ api.BeginPasskeySignInRequestObject,
) (api.BeginPasskeySignInResponseObject, error) {
	shown, err := shownCeremony(h.deps.Passkeys.BeginUse(ctx))
	return api.BeginPasskeySignIn200JSONResponse(shown), err
}

// SignInWithPasskey begins a session of the owner of a passkey.
func (h *Handlers) SignInWithPasskey(
	ctx context.Context, r api.SignInWithPasskeyRequestObject,
) (api.SignInWithPasskeyResponseObject, error) {
	reply, err := json.Marshal(r.Body.Credential)
	if err != nil {
		return nil, err
	}
	at, err := h.deps.Passkeys.FinishUse(ctx, r.Body.Ceremony, reply)
	if err != nil {
		return nil, err
	}
	member, err := h.member(ctx, at.Account, at.Member)
	if err != nil {
		return nil, err
	}
	begun, err := h.deps.People.Begin(ctx, at, people.ByPasskey, middleware.AgentOf(ctx))
	return api.SignInWithPasskey200JSONResponse{
		Body:    api.Team{Account: at.Account.UUID, Role: api.Role(member.Role)},
		Headers: api.SignInWithPasskey200ResponseHeaders{SetCookie: cookie.Set(begun, people.AbsoluteLimit)},
	}, err
}

// ListPasskeys lists the passkeys of the caller.
func (h *Handlers) ListPasskeys(
	ctx context.Context, _ api.ListPasskeysRequestObject,
) (api.ListPasskeysResponseObject, error) {
	at, err := self(ctx)
	if err != nil {
		return nil, err
	}
	member, err := h.member(ctx, at.Account, at.Member)
	list := api.ListPasskeys200JSONResponse{Items: []api.Passkey{}}
	for _, one := range member.Passkeys {
		list.Items = append(list.Items, api.Passkey{Passkey: one.ID, Label: one.Label.Reveal(), Synced: one.Synced})
	}
	return list, err
}

// BeginPasskey begins to register a passkey of the caller.
func (h *Handlers) BeginPasskey(
	ctx context.Context, _ api.BeginPasskeyRequestObject,
) (api.BeginPasskeyResponseObject, error) {
	at, err := self(ctx)
	if err != nil {
		return nil, err
	}
	shown, err := shownCeremony(h.deps.Passkeys.BeginAdd(ctx, at))
	return api.BeginPasskey200JSONResponse(shown), err
}

// maxLabel bounds what a member calls a passkey.
const maxLabel = 100

// AddPasskey adds a passkey to the caller.
func (h *Handlers) AddPasskey(
	ctx context.Context, r api.AddPasskeyRequestObject,
) (api.AddPasskeyResponseObject, error) {
	at, err := self(ctx)
	if err != nil {
		return nil, err
	}
	label, err := domain.ParseText("the name of the passkey", r.Body.Label, maxLabel)
	if err != nil {
		return nil, err
	}
	reply, err := json.Marshal(r.Body.Credential)
	if err != nil {
		return nil, err
	}
	passkey, err := h.deps.Passkeys.FinishAdd(ctx, at, r.Body.Ceremony, reply)
	if err != nil {
		return nil, err
	}
	passkey.Label = domain.Secret(label)
	outcome, err := h.deps.Run(ctx, team.AddPasskey{Account: at.Account, Member: at.Member, Passkey: passkey})
	return api.AddPasskey201JSONResponse{CreatedJSONResponse: created(name(passkey.ID), outcome)}, err
}

// RemovePasskey removes a passkey of the caller.
func (h *Handlers) RemovePasskey(
	ctx context.Context, r api.RemovePasskeyRequestObject,
) (api.RemovePasskeyResponseObject, error) {
	at, err := self(ctx)
	if err != nil {
		return nil, err
	}
	outcome, err := h.deps.Run(ctx, team.RemovePasskey{Account: at.Account, Member: at.Member, ID: r.Passkey})
	return api.RemovePasskey200JSONResponse{DoneJSONResponse: done(name(r.Passkey), outcome)}, err
}

// name is an id that is a plain text.
type name string

func (n name) String() string { return string(n) }
