package directory_test

import (
	"context"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestServicesReturnTheNewestPolicy(t *testing.T) {
	policy := service.Policy{Name: "Haircut and beard", DurationMin: 45, Requirements: []service.Requirement{
		{AnyOf: []service.Choice{{Resource: Chair, Units: 1}}},
	}}
	given := append(Opened(), On(service.Stream(Haircut), Monday,
		service.ServiceChanged{Service: Haircut, Version: 2, Policy: policy}, service.ServiceRetired{Service: Haircut}))
	want := directory.Service{ID: Haircut, Account: Acme, Version: 2, Policy: policy, Retired: true, Revision: 2}
	one := func(account domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return Found(read.Services.One(ctx, account, Haircut))
		}
	}
	all := func(account domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Services.All(ctx, account)
		}
	}
	Run(t, given, []Example{
		{Name: "one", Query: one(Acme), Want: want},
		{Name: "one of another account", Query: one(Other)},
		{Name: "all", Query: all(Acme), Want: []directory.Service{want}},
		{Name: "all of another account", Query: all(Other)},
	})
}
