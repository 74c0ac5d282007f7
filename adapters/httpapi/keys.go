package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/apikey"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/projections/directory"
)

var errBillingKey = problem.New(http.StatusForbidden, "role_forbidden",
	"an owner can issue owner and staff keys; ask the admin of the installation for a billing key")

func (h *handlers) IssueKey(ctx context.Context, r api.IssueKeyRequestObject) (api.IssueKeyResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	if r.Body.Role == api.RoleBilling && middleware.CallerOf(ctx).Role != access.Admin {
		return nil, errBillingKey
	}
	issued, err := h.issue(ctx, domain.AccountID{UUID: r.Account}, *r.Body)
	return api.IssueKey201JSONResponse{
		Body: issued, Headers: api.IssueKey201ResponseHeaders{ClickbookPosition: issued.Position},
	}, err
}

func (h *handlers) IssueInstallationKey(
	ctx context.Context, r api.IssueInstallationKeyRequestObject,
) (api.IssueInstallationKeyResponseObject, error) {
	issued, err := h.issue(ctx, domain.AccountID{}, *r.Body)
	return api.IssueInstallationKey201JSONResponse{
		Body: issued, Headers: api.IssueInstallationKey201ResponseHeaders{ClickbookPosition: issued.Position},
	}, err
}

// issue makes a key. It refuses a repeated request whose reply is lost: the key was shown before and is not stored.
func (h *handlers) issue(ctx context.Context, account domain.AccountID, terms api.KeyTerms) (api.IssuedKey, error) {
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return api.IssuedKey{}, err
	}
	if err := h.roomForKey(ctx, account); err != nil {
		return api.IssuedKey{}, err
	}
	key := apikey.Mint(write.Origin.ID())
	issued := api.IssuedKey{Prefix: key.Prefix, Role: terms.Role, Label: terms.Label}
	outcome, err := h.runWrite(ctx, write, access.Issue{
		Account: account, Prefix: key.Prefix, Hash: key.Hash, Role: string(terms.Role), Label: terms.Label,
	})
	if errors.Is(err, access.ErrExists) {
		return issued, problem.New(http.StatusConflict, "key_shown_before",
			"this key was issued and shown before; issue another one with a new Idempotency-Key")
	}
	issued.Key, issued.Position = key.Text, outcome.Position.String()
	return issued, err
}

// maxKeys bounds the valid keys of an account, and those of the installation. Keys that are issued at the same time
// may exceed it by a few.
const maxKeys = 500

var errManyKeys = domain.Refuse(domain.Disallowed, "keys_full",
	"there are 500 valid keys; revoke those that nobody uses, and issue this one again")

func (h *handlers) roomForKey(ctx context.Context, account domain.AccountID) error {
	found, err := h.Reader.Keys.Of(ctx, account)
	valid := 0
	for _, one := range found {
		if !one.Revoked {
			valid++
		}
	}
	if err == nil && valid >= maxKeys {
		return errManyKeys
	}
	return err
}

func (h *handlers) RevokeKey(ctx context.Context, r api.RevokeKeyRequestObject) (api.RevokeKeyResponseObject, error) {
	outcome, err := h.run(ctx, access.Revoke{Account: domain.AccountID{UUID: r.Account}, Prefix: r.Prefix})
	return api.RevokeKey200JSONResponse{DoneJSONResponse: done(name(r.Prefix), outcome)}, err
}

func (h *handlers) RevokeInstallationKey(
	ctx context.Context, r api.RevokeInstallationKeyRequestObject,
) (api.RevokeInstallationKeyResponseObject, error) {
	h.revoking.Lock()
	defer h.revoking.Unlock()
	if err := h.leaveAnAdmin(ctx, r.Prefix); err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, access.Revoke{Prefix: r.Prefix})
	return api.RevokeInstallationKey200JSONResponse{DoneJSONResponse: done(name(r.Prefix), outcome)}, err
}

// leaveAnAdmin refuses to revoke the last admin key. Each key is a stream of its own, so no decision sees all of them:
// the read model names the keys, and the stream of each says whether it is still valid.
func (h *handlers) leaveAnAdmin(ctx context.Context, revoked string) error {
	if valid, err := h.isAdmin(ctx, revoked); err != nil || !valid {
		return err // the command refuses an unknown key, and a revoked one is revoked
	}
	if err := h.Views.Wait(ctx, h.writes.Latest()); err != nil {
		return err
	}
	found, err := h.Reader.Keys.Of(ctx, domain.AccountID{})
	if err != nil {
		return err
	}
	for _, one := range found {
		if one.Revoked || one.Prefix == revoked {
			continue
		}
		if valid, err := h.isAdmin(ctx, one.Prefix); err != nil || valid {
			return err
		}
	}
	return access.ErrLastAdmin
}

// isAdmin reports whether a key is a valid one of the installation.
func (h *handlers) isAdmin(ctx context.Context, prefix string) (bool, error) {
	state, revision, err := commands.LoadKnown(ctx, h.Engine, access.Decider, access.Stream(prefix))
	return revision != domain.NoStream && !state.Revoked && state.Role == access.Admin, err
}

func (h *handlers) ListKeys(ctx context.Context, r api.ListKeysRequestObject) (api.ListKeysResponseObject, error) {
	found, err := h.keysOf(ctx, domain.AccountID{UUID: r.Account})
	return api.ListKeys200JSONResponse{Items: found}, err
}

func (h *handlers) ListInstallationKeys(
	ctx context.Context, _ api.ListInstallationKeysRequestObject,
) (api.ListInstallationKeysResponseObject, error) {
	found, err := h.keysOf(ctx, domain.AccountID{})
	return api.ListInstallationKeys200JSONResponse{Items: found}, err
}

func (h *handlers) keysOf(ctx context.Context, account domain.AccountID) ([]api.Key, error) {
	found, err := h.Reader.Keys.Of(ctx, account)
	return each(found, func(one directory.Key) api.Key {
		return api.Key{
			Prefix: one.Prefix, Role: api.Role(one.Role), Account: one.Account.UUID, Label: one.Label,
			IssuedAt: one.IssuedAt, Revoked: one.Revoked,
		}
	}), err
}
