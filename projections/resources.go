package projections

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
)

// Resources answers: whom and what does an account work with, and when are they there?
type Resources struct{ DB Reader }

// Resource is a staff member, room or piece of equipment with its standing hours.
type Resource struct {
	ID       domain.ResourceID
	Account  domain.AccountID
	Name     string
	Kind     string
	Units    int
	Zone     string // of the hours, empty when none were set
	Hours    []resource.Hours
	Retired  bool
	Revision domain.Revision
}

// Block is a time block of a resource.
type Block struct {
	ID       domain.BlockID
	Resource domain.ResourceID
	resource.TimeBlock
}

var resources = Projection{
	Name: "resources", Version: 1,
	Tables: []Table{{
		Name: "resources_v1",
		Columns: `resource BYTEA NOT NULL, account BYTEA NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
			units BIGINT NOT NULL, zone TEXT NOT NULL, hours TEXT NOT NULL, retired BIGINT NOT NULL,
			revision BIGINT NOT NULL`,
		Key:     "resource",
		Indexes: []string{"(account, name, resource)"},
	}, {
		Name: "resource_blocks_v1",
		Columns: `resource BYTEA NOT NULL, block BYTEA NOT NULL, start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,
			available BIGINT NOT NULL, replaces BIGINT NOT NULL, services TEXT NOT NULL`,
		Key:     "resource, block",
		Indexes: []string{"(resource, end_at)"},
	}},
	Types: types(resource.ResourceAdded{}, resource.ResourceChanged{}, resource.ResourceRetired{},
		resource.WeeklyHoursSet{}, resource.TimeBlockAdded{}, resource.TimeBlockRemoved{}),
	Apply: each(learnResource),
}

func learnResource(s session, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case resource.ResourceAdded:
		return s.exec(`INSERT INTO resources_v1 (resource, account, name, kind, units, zone, hours, retired, revision)
			VALUES ($1, $2, $3, $4, $5, '', '[]', 0, $6)`, key(e.Resource), key(e.Account), e.Name.Reveal(), e.Kind,
			e.Units, int64(r.Revision))
	case resource.ResourceChanged:
		return s.exec(`UPDATE resources_v1 SET name = $2, kind = $3, units = $4, revision = $5 WHERE resource = $1`,
			key(e.Resource), e.Name.Reveal(), e.Kind, e.Units, int64(r.Revision))
	case resource.ResourceRetired:
		return s.exec(`UPDATE resources_v1 SET retired = 1, revision = $2 WHERE resource = $1`, key(e.Resource),
			int64(r.Revision))
	case resource.WeeklyHoursSet:
		return s.exec(`UPDATE resources_v1 SET zone = $2, hours = $3, revision = $4 WHERE resource = $1`,
			key(e.Resource), e.Zone, text(e.Hours), int64(r.Revision))
	case resource.TimeBlockAdded:
		err := s.exec(`INSERT INTO resource_blocks_v1 (resource, block, start_at, end_at, available, replaces, services)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, key(e.Resource), key(e.Block), micros(e.Interval.Start),
			micros(e.Interval.End), e.Available, e.Replace, text(e.Services))
		return s.touch(err, e.Resource, r.Revision)
	case resource.TimeBlockRemoved:
		err := s.exec(`DELETE FROM resource_blocks_v1 WHERE resource = $1 AND block = $2`, key(e.Resource), key(e.Block))
		return s.touch(err, e.Resource, r.Revision)
	}
	return nil
}

func (s session) touch(err error, id domain.ResourceID, revision domain.Revision) error {
	if err != nil {
		return err
	}
	return s.exec(`UPDATE resources_v1 SET revision = $2 WHERE resource = $1`, key(id), int64(revision))
}

const resourceColumns = `SELECT resource, account, name, kind, units, zone, hours, retired, revision
	FROM resources_v1 `

func readResource(row Row) (r Resource, err error) {
	readID(&r.ID, row, 0)
	readID(&r.Account, row, 1)
	r.Name, r.Kind, r.Units, r.Zone = row.Text(2), row.Text(3), int(row.Int(4)), row.Text(5)
	r.Retired, r.Revision = row.Int(7) != 0, domain.Revision(row.Int(8))
	return r, readJSON(&r.Hours, row, 6)
}

// One is a resource of the account, ok false when it has none of that id.
func (q Resources) One(
	ctx context.Context, account domain.AccountID, id domain.ResourceID,
) (found Resource, ok bool, err error) {
	return one(ctx, q.DB, readResource, resourceColumns+`WHERE resource = $1 AND account = $2`, key(id), key(account))
}

// All are the resources of an account by name, retired ones last.
func (q Resources) All(ctx context.Context, account domain.AccountID) ([]Resource, error) {
	return list(ctx, q.DB, readResource, resourceColumns+`WHERE account = $1 ORDER BY retired, name, resource`,
		key(account))
}

// Blocks are the time blocks of a resource of the account that touch the interval, earliest first.
func (q Resources) Blocks(
	ctx context.Context, account domain.AccountID, id domain.ResourceID, during domain.Interval,
) ([]Block, error) {
	return list(ctx, q.DB, readBlock, `SELECT b.resource, b.block, b.start_at, b.end_at, b.available, b.replaces,
			b.services
		FROM resource_blocks_v1 b JOIN resources_v1 r ON r.resource = b.resource
		WHERE b.resource = $1 AND r.account = $2 AND b.end_at > $3 AND b.start_at < $4
		ORDER BY b.start_at, b.block`, key(id), key(account), micros(during.Start), micros(during.End))
}

func readBlock(row Row) (b Block, err error) {
	readID(&b.Resource, row, 0)
	readID(&b.ID, row, 1)
	b.Interval = domain.Interval{Start: moment(row.Int(2)), End: moment(row.Int(3))}
	b.Available, b.Replace = row.Int(4) != 0, row.Int(5) != 0
	return b, readJSON(&b.Services, row, 6)
}
