package directory

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Providers answers: which providers carry texts, and in which order are they tried for a destination? Providers and
// routes belong to the installation, not to an account.
type Providers struct{ DB readmodel.Reader }

// Provider is an SMS provider of the installation.
type Provider struct {
	Name     string
	Kind     string // which adapter it needs
	Label    string
	Disabled bool
	Reason   string // why it is disabled
	Revision domain.Revision
}

// Route is the order of providers for a destination.
type Route struct {
	Country  string   // "ZZ" for every country without its own route
	Set      []string // the order that was set
	Order    []string // the order in which they are tried now
	Switched string   // the provider that was put first; empty when none was
	Reason   string
	Revision domain.Revision
}

var providers = readmodel.Projection{
	Name: "providers", Version: 2,
	Tables: []readmodel.Table{{
		Name: "providers_v2",
		Columns: `provider TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL, disabled BIGINT NOT NULL,
			reason TEXT NOT NULL, revision BIGINT NOT NULL`,
		Key: "provider",
	}, {
		Name: "provider_routes_v2",
		Columns: `country TEXT NOT NULL, providers TEXT NOT NULL, switched TEXT NOT NULL, reason TEXT NOT NULL,
			 revision BIGINT NOT NULL`,
		Key: "country",
	}},
	Types: domain.NamesOf(provider.ProviderRegistered{}, provider.ProviderChanged{}, provider.ProviderDisabled{},
		provider.ProviderEnabled{}, route.RouteSet{}, route.RouteSwitched{}, route.RouteRestored{}),
	Apply: readmodel.ApplyEach(applyProvider),
}

func applyProvider(w readmodel.Writer, r domain.Recorded) error {
	revision := int64(r.Revision)
	switch e := r.Event.(type) {
	case provider.ProviderRegistered:
		return w.Exec(`INSERT INTO providers_v2 (provider, kind, label, disabled, reason, revision)
			VALUES ($1, $2, $3, 0, '', $4)`, e.Provider, e.Kind, e.Label, revision)
	case provider.ProviderChanged:
		return w.Exec(`UPDATE providers_v2 SET kind = $2, label = $3, revision = $4 WHERE provider = $1`, e.Provider,
			e.Kind, e.Label, revision)
	case provider.ProviderDisabled:
		return w.Exec(`UPDATE providers_v2 SET disabled = 1, reason = $2, revision = $3 WHERE provider = $1`, e.Provider,
			e.Reason, revision)
	case provider.ProviderEnabled:
		return w.Exec(`UPDATE providers_v2 SET disabled = 0, reason = '', revision = $2 WHERE provider = $1`, e.Provider,
			revision)
	case route.RouteSet:
		return w.Exec(`INSERT INTO provider_routes_v2 (country, providers, switched, reason, revision)
			VALUES ($1, $2, '', '', $3)
			ON CONFLICT (country) DO UPDATE SET providers = excluded.providers, switched = '', reason = '',
				 revision = excluded.revision`, e.Country, readmodel.JSON(e.Providers), revision)
	case route.RouteSwitched:
		return w.Exec(`UPDATE provider_routes_v2 SET switched = $2, reason = $3, revision = $4
			WHERE country = $1`, e.Country, e.Provider, e.Reason, revision)
	case route.RouteRestored:
		return w.Exec(`UPDATE provider_routes_v2 SET switched = '', reason = '', revision = $2
			WHERE country = $1`, e.Country, revision)
	default:
		return domain.Unexpected(r)
	}
}

// All returns the providers by name.
func (q Providers) All(ctx context.Context) ([]Provider, error) {
	return readmodel.List(ctx, q.DB, readProvider, `SELECT provider, kind, label, disabled, reason, revision
		FROM providers_v2 ORDER BY provider`)
}

func readProvider(row readmodel.Row) (Provider, error) {
	return Provider{
		Name: row.Text(0), Kind: row.Text(1), Label: row.Text(2), Disabled: row.Int(3) != 0, Reason: row.Text(4),
		Revision: domain.Revision(row.Int(5)),
	}, nil
}

// Routes returns the routes by country.
func (q Providers) Routes(ctx context.Context) ([]Route, error) {
	return readmodel.List(ctx, q.DB, readRoute, `SELECT country, providers, switched, reason, revision
		FROM provider_routes_v2 ORDER BY country`)
}

func readRoute(row readmodel.Row) (r Route, err error) {
	r.Country, r.Switched, r.Reason, r.Revision = row.Text(0), row.Text(2), row.Text(3), domain.Revision(row.Int(4))
	err = readmodel.ReadJSON(&r.Set, row, 1)
	r.Order = route.State{Providers: r.Set, First: r.Switched}.Order()
	return r, err
}
