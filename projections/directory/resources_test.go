package directory_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestResourcesReturnHoursAndBlocks(t *testing.T) {
	hours := []resource.Hours{{Days: []int{1, 2}, From: "09:00", To: "17:00"}}
	block := func(n byte, day int, available bool) resource.TimeBlockAdded {
		start := Monday.AddDate(0, 0, day)
		return resource.TimeBlockAdded{Resource: Chair, Block: domain.BlockID{UUID: ID(n)}, TimeBlock: resource.TimeBlock{
			Interval: domain.Interval{Start: start, End: start.Add(time.Hour)}, Available: available,
			Services: []domain.ServiceID{Haircut},
		}}
	}
	given := append(Opened(), On(resource.Stream(Chair), Monday,
		resource.WeeklyHoursSet{Resource: Chair, Zone: "America/Sao_Paulo", Hours: hours},
		resource.ResourceChanged{Resource: Chair, Account: Acme, Profile: resource.Profile{
			Name: domain.Secret("Chair"), Kind: "equipment", Units: 2,
		}},
		block(21, 1, true), block(22, 2, false), block(23, 30, true),
		resource.TimeBlockRemoved{Resource: Chair, Block: domain.BlockID{UUID: ID(22)}}))
	want := directory.Resource{
		ID: Chair, Account: Acme, Name: "Chair", Kind: "equipment", Units: 2, Zone: "America/Sao_Paulo", Hours: hours,
		Revision: 6,
	}
	retired := want
	retired.Retired, retired.Revision = true, 7
	one := func(account domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return Found(read.Resources.One(ctx, account, Chair))
		}
	}
	all := func(account domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Resources.All(ctx, account)
		}
	}
	blocks := func(account domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Resources.Blocks(ctx, account, Chair, domain.Interval{Start: Monday, End: Monday.AddDate(0, 0, 7)})
		}
	}
	first := block(21, 1, true)
	Run(t, given, []Example{
		{Name: "one", Query: one(Acme), Want: want},
		{Name: "one of another account", Query: one(Other)},
		{Name: "all", Query: all(Acme), Want: []directory.Resource{want}},
		{Name: "all of another account", Query: all(Other)},
		{
			Name: "blocks of a week", Query: blocks(Acme),
			Want: []directory.Block{{ID: first.Block, Resource: Chair, TimeBlock: first.TimeBlock}},
		},
		{Name: "blocks of another account", Query: blocks(Other)},
		{
			Name:  "one that is retired",
			Given: []Append{On(resource.Stream(Chair), Monday, resource.ResourceRetired{Resource: Chair})},
			Query: one(Acme), Want: retired,
		},
	})
}
