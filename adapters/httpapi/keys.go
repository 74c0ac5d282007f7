package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/projections/directory"
)

// Issued is what the API asks about the keys there are.
type Issued interface {
	Of(ctx context.Context, account domain.AccountID) ([]directory.Key, error)
}

// EngineKeys finds keys in their own streams, so that a revoked key stops at once.
type EngineKeys struct{ Engine *commands.Engine }

// FindKey answers the key of a prefix.
func (k EngineKeys) FindKey(ctx context.Context, prefix string) (StoredKey, bool, error) {
	state, _, err := commands.Load(ctx, k.Engine, access.Decider, access.Stream(prefix))
	return StoredKey{
		Prefix: prefix, Hash: state.Hash, Role: state.Role, Account: state.Account, Label: state.Label,
		Revoked: state.Revoked,
	}, state.Hash != "", err
}

var errBillingKey = deny(http.StatusForbidden, "role_forbidden",
	"an owner issues owner and staff keys; ask the installation's admin for a billing key")

func (a *api) IssueKey(ctx context.Context, r IssueKeyRequestObject) (IssueKeyResponseObject, error) {
	if _, err := a.opened(ctx, r.Account); err != nil {
		return nil, err
	}
	if r.Body.Role == RoleBilling && callerOf(ctx).Role != access.Admin {
		return nil, errBillingKey
	}
	issued, err := a.issue(ctx, domain.AccountID{UUID: r.Account}, *r.Body)
	return IssueKey201JSONResponse{issued, IssueKey201ResponseHeaders{issued.Position}}, err
}

func (a *api) IssueInstallationKey(
	ctx context.Context, r IssueInstallationKeyRequestObject,
) (IssueInstallationKeyResponseObject, error) {
	issued, err := a.issue(ctx, domain.AccountID{}, *r.Body)
	return IssueInstallationKey201JSONResponse{issued, IssueInstallationKey201ResponseHeaders{issued.Position}}, err
}

// issue makes a key. A repeated request gets an error, because the text of its key was shown before.
func (a *api) issue(ctx context.Context, account domain.AccountID, terms KeyTerms) (IssuedKey, error) {
	origin, err := originOf(ctx)
	if err != nil {
		return IssuedKey{}, err
	}
	key := MintKey(origin.ID())
	issued := IssuedKey{Prefix: key.Prefix, Role: terms.Role, Label: terms.Label}
	outcome, err := a.run(ctx, access.Issue{
		Account: account, Prefix: key.Prefix, Hash: key.Hash, Role: string(terms.Role), Label: terms.Label,
	})
	if errors.Is(err, access.ErrExists) {
		return issued, deny(http.StatusConflict, "key_shown_before",
			"this key was issued and shown before; issue another one with a new Idempotency-Key")
	}
	issued.Key, issued.Position = key.Text, outcome.Position.String()
	return issued, err
}

func (a *api) RevokeKey(ctx context.Context, r RevokeKeyRequestObject) (RevokeKeyResponseObject, error) {
	outcome, err := a.run(ctx, access.Revoke{Account: domain.AccountID{UUID: r.Account}, Prefix: r.Prefix})
	return RevokeKey200JSONResponse{done(name(r.Prefix), outcome)}, err
}

func (a *api) RevokeInstallationKey(
	ctx context.Context, r RevokeInstallationKeyRequestObject,
) (RevokeInstallationKeyResponseObject, error) {
	outcome, err := a.run(ctx, access.Revoke{Prefix: r.Prefix})
	return RevokeInstallationKey200JSONResponse{done(name(r.Prefix), outcome)}, err
}

func (a *api) ListKeys(ctx context.Context, r ListKeysRequestObject) (ListKeysResponseObject, error) {
	found, err := a.keysOf(ctx, domain.AccountID{UUID: r.Account})
	return ListKeys200JSONResponse{Items: found}, err
}

func (a *api) ListInstallationKeys(
	ctx context.Context, _ ListInstallationKeysRequestObject,
) (ListInstallationKeysResponseObject, error) {
	found, err := a.keysOf(ctx, domain.AccountID{})
	return ListInstallationKeys200JSONResponse{Items: found}, err
}

func (a *api) keysOf(ctx context.Context, account domain.AccountID) ([]Key, error) {
	found, err := a.Issued.Of(ctx, account)
	return each(found, func(one directory.Key) Key {
		return Key{
			Prefix: one.Prefix, Role: Role(one.Role), Account: one.Account.UUID, Label: one.Label,
			IssuedAt: one.IssuedAt, Revoked: one.Revoked,
		}
	}), err
}
