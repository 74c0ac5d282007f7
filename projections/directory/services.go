package directory

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Services answers: what can the clients of an account book, and by which rules?
type Services struct{ DB readmodel.Reader }

// Service is what a client books, with its newest policy.
type Service struct {
	ID       domain.ServiceID
	Account  domain.AccountID
	Version  int // of the policy
	Policy   service.Policy
	Retired  bool
	Revision domain.Revision
}

// Cursor returns the cursor of the page that starts after this service.
func (s Service) Cursor() readmodel.NameCursor {
	return readmodel.NameCursor{Retired: s.Retired, Name: s.Policy.Name, ID: s.ID.UUID}
}

var services = readmodel.Projection{
	Name: "services", Version: 1,
	Tables: []readmodel.Table{{
		Name: "services_v1",
		Columns: `service BYTEA NOT NULL, account BYTEA NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL,
			policy TEXT NOT NULL, retired BIGINT NOT NULL, revision BIGINT NOT NULL`,
		Key:     "service",
		Indexes: []string{"(account, name, service)"},
	}},
	Types: domain.NamesOf(service.ServiceDefined{}, service.ServiceChanged{}, service.ServiceRetired{},
		service.ServiceReinstated{}),
	Apply: readmodel.ApplyEach(applyService),
}

func applyService(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case service.ServiceDefined:
		return w.Exec(`INSERT INTO services_v1 (service, account, name, version, policy, retired, revision)
			VALUES ($1, $2, $3, 1, $4, 0, $5)`, readmodel.Key(e.Service), readmodel.Key(e.Account), e.Name,
			readmodel.JSON(e.Policy), int64(r.Revision))
	case service.ServiceChanged:
		return w.Exec(`UPDATE services_v1 SET name = $2, version = $3, policy = $4, revision = $5 WHERE service = $1`,
			readmodel.Key(e.Service), e.Name, e.Version, readmodel.JSON(e.Policy), int64(r.Revision))
	case service.ServiceReinstated:
		return w.Exec(`UPDATE services_v1 SET retired = 0, revision = $2 WHERE service = $1`, readmodel.Key(e.Service),
			int64(r.Revision))
	case service.ServiceRetired:
		return w.Exec(`UPDATE services_v1 SET retired = 1, revision = $2 WHERE service = $1`, readmodel.Key(e.Service),
			int64(r.Revision))
	default:
		return domain.Unexpected(r)
	}
}

const serviceColumns = `SELECT service, account, version, policy, retired, revision FROM services_v1 `

func readService(row readmodel.Row) (s Service, err error) {
	readmodel.ReadID(&s.ID, row, 0)
	readmodel.ReadID(&s.Account, row, 1)
	s.Version, s.Retired, s.Revision = int(row.Int(2)), row.Int(4) != 0, domain.Revision(row.Int(5))
	return s, readmodel.ReadJSON(&s.Policy, row, 3)
}

// One returns a service of the account. ok is false when the account has none with that id.
func (q Services) One(
	ctx context.Context, account domain.AccountID, id domain.ServiceID,
) (found Service, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readService, serviceColumns+`WHERE service = $1 AND account = $2`,
		readmodel.Key(id), readmodel.Key(account))
}

// All returns the account's services by name, retired ones last.
func (q Services) All(ctx context.Context, account domain.AccountID) ([]Service, error) {
	return readmodel.List(ctx, q.DB, readService, serviceColumns+`WHERE account = $1 ORDER BY retired, name, service`,
		readmodel.Key(account))
}

// Page returns the account's services in the order of All, those after the cursor.
func (q Services) Page(
	ctx context.Context, account domain.AccountID, after readmodel.NameCursor, limit int,
) ([]Service, error) {
	w := pageByName(account, "service", after, limit)
	return readmodel.List(ctx, q.DB, readService, serviceColumns+w.String(), w.Args...)
}
