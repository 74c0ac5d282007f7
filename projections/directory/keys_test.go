package directory_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestKeysBelongToAnAccountOrToTheInstallation(t *testing.T) {
	given := []Append{
		On(access.Stream("cb_x7Qp"), Monday, access.KeyIssued{
			Account: Acme, Prefix: "cb_x7Qp", Hash: "0a", Role: "owner", Label: "desk",
		}),
		{At: Monday, Stream: access.Stream("cb_root"), Events: []domain.Event{
			access.KeyIssued{Prefix: "cb_root", Hash: "0b", Role: "admin"}, access.KeyRevoked{Prefix: "cb_root"},
		}},
	}
	desk := directory.Key{Prefix: "cb_x7Qp", Account: Acme, Hash: "0a", Role: "owner", Label: "desk", IssuedAt: Monday}
	root := directory.Key{Prefix: "cb_root", Hash: "0b", Role: "admin", IssuedAt: Monday, Revoked: true}
	of := func(account domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) { return read.Keys.Of(ctx, account) }
	}
	find := func(prefix string) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return Found(read.Keys.Find(ctx, prefix))
		}
	}
	Run(t, given, []Example{
		{Name: "of an account", Query: of(Acme), Want: []directory.Key{desk}},
		{Name: "of another account", Query: of(Other)},
		{Name: "of the installation", Query: of(domain.AccountID{}), Want: []directory.Key{root}},
		{Name: "a revoked key", Query: find("cb_root"), Want: root},
		{Name: "no key with that prefix", Query: find("cb_none")},
	})
}

// TestKeysListTheNewestRevokedOnes revokes 501 keys, one a minute.
func TestKeysListTheNewestRevokedOnes(t *testing.T) {
	var given []Append
	var want []directory.Key
	for i := range 501 {
		key := directory.Key{
			Prefix: fmt.Sprintf("cb_%03d", i), Account: Acme, Role: "staff", Revoked: true,
			IssuedAt: Monday.Add(time.Duration(i) * time.Minute),
		}
		given = append(given, Append{At: key.IssuedAt, Stream: access.Stream(key.Prefix), Events: []domain.Event{
			access.KeyIssued{Account: Acme, Prefix: key.Prefix, Role: key.Role}, access.KeyRevoked{Prefix: key.Prefix},
		}})
		want = append(want, key)
	}
	Run(t, given, []Example{{
		Name:  "of an account",
		Query: func(ctx context.Context, read projections.Reader) (any, error) { return read.Keys.Of(ctx, Acme) },
		Want:  want[1:],
	}})
}
