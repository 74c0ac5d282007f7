package directory

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Resources answers: which people, rooms and equipment does an account have, and when are they available?
type Resources struct{ DB readmodel.Reader }

// Resource is a staff member, room or piece of equipment with its weekly hours.
type Resource struct {
	ID       domain.ResourceID
	Account  domain.AccountID
	Name     string
	Kind     string
	Units    int
	Zone     string // of the weekly hours; empty when none are set
	Hours    []resource.Hours
	Retired  bool
	Revision domain.Revision
	Email    string // of a member of staff, for the agenda
	Agenda   resource.Agenda
}

// Cursor returns the cursor of the page that starts after this resource.
func (r Resource) Cursor() readmodel.NameCursor {
	return readmodel.NameCursor{Retired: r.Retired, Name: r.Name, ID: r.ID.UUID}
}

// Block is a time block of a resource.
type Block struct {
	ID       domain.BlockID
	Resource domain.ResourceID
	resource.TimeBlock
}

var resources = readmodel.Projection{
	Name: "resources", Version: 2,
	Tables: []readmodel.Table{{
		Name: "resources_v2",
		Columns: `resource BYTEA NOT NULL, account BYTEA NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
			units BIGINT NOT NULL, zone TEXT NOT NULL, hours TEXT NOT NULL, retired BIGINT NOT NULL,
			revision BIGINT NOT NULL, email TEXT NOT NULL, agenda TEXT NOT NULL`,
		Key:     "resource",
		Indexes: []string{"(account, name, resource)"},
	}, {
		Name: "resource_blocks_v2",
		Columns: `resource BYTEA NOT NULL, block BYTEA NOT NULL, start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,
			available BIGINT NOT NULL, replaces BIGINT NOT NULL, services TEXT NOT NULL`,
		Key:     "resource, block",
		Indexes: []string{"(resource, end_at)"},
	}},
	Types: domain.NamesOf(resource.ResourceAdded{}, resource.ResourceChanged{}, resource.ResourceRetired{},
		resource.ResourceReinstated{},
		resource.WeeklyHoursSet{}, resource.TimeBlockAdded{}, resource.TimeBlockRemoved{}),
	Apply: readmodel.ApplyEach(applyResource),
}

func applyResource(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case resource.ResourceAdded:
		return w.Exec(`INSERT INTO resources_v2 (resource, account, name, kind, units, zone, hours, retired, revision,
				email, agenda)
			VALUES ($1, $2, $3, $4, $5, '', '[]', 0, $6, $7, $8)`, readmodel.Key(e.Resource), readmodel.Key(e.Account),
			e.Name.Reveal(), e.Kind, e.Units, int64(r.Revision), e.Email.Reveal(), readmodel.JSON(e.Agenda))
	case resource.ResourceChanged:
		return w.Exec(`UPDATE resources_v2 SET name = $2, kind = $3, units = $4, revision = $5, email = $6, agenda = $7
			WHERE resource = $1`, readmodel.Key(e.Resource), e.Name.Reveal(), e.Kind, e.Units, int64(r.Revision),
			e.Email.Reveal(), readmodel.JSON(e.Agenda))
	case resource.ResourceReinstated:
		return w.Exec(`UPDATE resources_v2 SET retired = 0, revision = $2 WHERE resource = $1`, readmodel.Key(e.Resource),
			int64(r.Revision))
	case resource.ResourceRetired:
		return w.Exec(`UPDATE resources_v2 SET retired = 1, revision = $2 WHERE resource = $1`, readmodel.Key(e.Resource),
			int64(r.Revision))
	case resource.WeeklyHoursSet:
		return w.Exec(`UPDATE resources_v2 SET zone = $2, hours = $3, revision = $4 WHERE resource = $1`,
			readmodel.Key(e.Resource), e.Zone, readmodel.JSON(e.Hours), int64(r.Revision))
	case resource.TimeBlockAdded:
		err := w.Exec(`INSERT INTO resource_blocks_v2 (resource, block, start_at, end_at, available, replaces, services)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, readmodel.Key(e.Resource), readmodel.Key(e.Block),
			readmodel.Micros(e.Interval.Start), readmodel.Micros(e.Interval.End), e.Available, e.Replace,
			readmodel.JSON(e.Services))
		return setResourceRevision(w, err, e.Resource, r.Revision)
	case resource.TimeBlockRemoved:
		err := w.Exec(`DELETE FROM resource_blocks_v2 WHERE resource = $1 AND block = $2`,
			readmodel.Key(e.Resource), readmodel.Key(e.Block))
		return setResourceRevision(w, err, e.Resource, r.Revision)
	default:
		return domain.Unexpected(r)
	}
}

// setResourceRevision follows a change of a block. It returns err if that change failed.
func setResourceRevision(w readmodel.Writer, err error, id domain.ResourceID, revision domain.Revision) error {
	if err != nil {
		return err
	}
	return w.Exec(`UPDATE resources_v2 SET revision = $2 WHERE resource = $1`, readmodel.Key(id), int64(revision))
}

const resourceColumns = `SELECT resource, account, name, kind, units, zone, hours, retired, revision,
		email, agenda
	FROM resources_v2 `

func readResource(row readmodel.Row) (r Resource, err error) {
	readmodel.ReadID(&r.ID, row, 0)
	readmodel.ReadID(&r.Account, row, 1)
	r.Name, r.Kind, r.Units, r.Zone = row.Text(2), row.Text(3), int(row.Int(4)), row.Text(5)
	r.Retired, r.Revision = row.Int(7) != 0, domain.Revision(row.Int(8))
	r.Email = row.Text(9)
	if err := readmodel.ReadJSON(&r.Agenda, row, 10); err != nil {
		return r, err
	}
	return r, readmodel.ReadJSON(&r.Hours, row, 6)
}

// One returns a resource of the account. ok is false when the account has none with that id.
func (q Resources) One(
	ctx context.Context, account domain.AccountID, id domain.ResourceID,
) (found Resource, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readResource, resourceColumns+`WHERE resource = $1 AND account = $2`,
		readmodel.Key(id), readmodel.Key(account))
}

// All returns the account's resources by name, retired ones last.
func (q Resources) All(ctx context.Context, account domain.AccountID) ([]Resource, error) {
	return readmodel.List(ctx, q.DB, readResource, resourceColumns+`WHERE account = $1
		ORDER BY retired, name, resource`, readmodel.Key(account))
}

// Mailed returns the staff of the account who have an email address and are not retired, by name.
func (q Resources) Mailed(ctx context.Context, account domain.AccountID) ([]Resource, error) {
	return readmodel.List(ctx, q.DB, readResource, resourceColumns+`WHERE account = $1 AND retired = 0 AND email <> ''
		ORDER BY name, resource`, readmodel.Key(account))
}

// Page returns the account's resources in the order of All, those after the cursor.
func (q Resources) Page(
	ctx context.Context, account domain.AccountID, after readmodel.NameCursor, limit int,
) ([]Resource, error) {
	w := pageByName(account, "resource", after, limit)
	return readmodel.List(ctx, q.DB, readResource, resourceColumns+w.String(), w.Args...)
}

// pageByName selects a page of an account's things by name, retired ones last.
func pageByName(account domain.AccountID, id string, after readmodel.NameCursor, limit int) *readmodel.Where {
	w := new(readmodel.Where)
	w.And(`account = ?`, readmodel.Key(account))
	if !after.IsZero() {
		w.And(`(retired, name, `+id+`) > (?, ?, ?)`, readmodel.Flag(after.Retired), after.Name, after.ID[:])
	}
	w.Add(` ORDER BY retired, name, `+id+` LIMIT 0 + ?`, limit)
	return w
}

// Blocks returns the time blocks of a resource of the account that overlap the interval, earliest first.
func (q Resources) Blocks(
	ctx context.Context, account domain.AccountID, id domain.ResourceID, during domain.Interval,
) ([]Block, error) {
	return readmodel.List(ctx, q.DB, readBlock, `SELECT b.resource, b.block, b.start_at, b.end_at, b.available, b.replaces,
			b.services
		FROM resource_blocks_v2 b JOIN resources_v2 r ON r.resource = b.resource
		WHERE b.resource = $1 AND r.account = $2 AND b.end_at > $3 AND b.start_at < $4
		ORDER BY b.start_at, b.block`, readmodel.Key(id), readmodel.Key(account), readmodel.Micros(during.Start),
		readmodel.Micros(during.End))
}

// AllBlocks returns the time blocks of all resources of the account that overlap the interval, earliest first.
func (q Resources) AllBlocks(
	ctx context.Context, account domain.AccountID, during domain.Interval,
) ([]Block, error) {
	return readmodel.List(ctx, q.DB, readBlock, `SELECT b.resource, b.block, b.start_at, b.end_at, b.available, b.replaces,
			b.services
		FROM resources_v2 r JOIN resource_blocks_v2 b ON b.resource = r.resource
		WHERE r.account = $1 AND b.end_at > $2 AND b.start_at < $3
		ORDER BY b.start_at, b.block`, readmodel.Key(account), readmodel.Micros(during.Start),
		readmodel.Micros(during.End))
}

func readBlock(row readmodel.Row) (b Block, err error) {
	readmodel.ReadID(&b.Resource, row, 0)
	readmodel.ReadID(&b.ID, row, 1)
	b.Interval = domain.Interval{Start: readmodel.Time(row.Int(2)), End: readmodel.Time(row.Int(3))}
	b.Available, b.Replace = row.Int(4) != 0, row.Int(5) != 0
	return b, readmodel.ReadJSON(&b.Services, row, 6)
}
