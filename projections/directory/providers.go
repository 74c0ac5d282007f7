package directory

import (
	"context"
	"errors"
	"slices"
	"time"

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
	Settings []provider.Setting
	Secrets  []ProviderSecret // by name
	Revision domain.Revision
}

// ProviderSecret is a secret of a provider, without its values.
type ProviderSecret struct {
	Name  string
	Valid int // how many values are valid now, 1 or 2
	SetAt time.Time
}

// Route is the order of providers for a destination.
type Route struct {
	Country  string       // "ZZ" for every country without its own route
	Set      []string     // the order that was set
	Order    []string     // the order in which they are tried now, without disabled ones
	Terms    []route.Term // of each provider, or none
	Switched string       // the provider that was put first; empty when none was
	Until    time.Time    // when the switch expires; zero if it does not
	// The last change: a set order, a switch or a restoration. ChangedBy is the key or the part of the program.
	ChangedBy string
	ChangedAt time.Time
	Reason    string
	Revision  domain.Revision
}

var providers = readmodel.Projection{
	Name: "providers", Version: 4,
	Tables: []readmodel.Table{{
		Name: "providers_v4",
		Columns: `provider TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL, disabled BIGINT NOT NULL,
			reason TEXT NOT NULL, settings TEXT NOT NULL, revision BIGINT NOT NULL`,
		Key: "provider",
	}, {
		Name:    "provider_secrets_v4",
		Columns: `provider TEXT NOT NULL, name TEXT NOT NULL, valid BIGINT NOT NULL, set_at BIGINT NOT NULL`,
		Key:     "provider, name",
	}, {
		Name: "provider_routes_v4",
		Columns: `country TEXT NOT NULL, providers TEXT NOT NULL, terms TEXT NOT NULL, switched TEXT NOT NULL,
			until BIGINT NOT NULL, reason TEXT NOT NULL,
			changed_by TEXT NOT NULL, changed_at BIGINT NOT NULL, revision BIGINT NOT NULL`,
		Key: "country",
	}},
	Types: domain.NamesOf(provider.ProviderRegistered{}, provider.ProviderChanged{}, provider.ProviderDisabled{},
		provider.ProviderConfigured{}, provider.ProviderSecretSet{}, provider.ProviderSecretDropped{},
		provider.ProviderEnabled{}, route.RouteSet{}, route.RouteSwitched{}, route.RouteRestored{}),
	Apply: readmodel.ApplyEach(applyProvider),
}

func applyProvider(w readmodel.Writer, r domain.Recorded) error {
	by, at, revision := r.Meta.Actor.ID, readmodel.Micros(r.Meta.OccurredAt), int64(r.Revision)
	switch e := r.Event.(type) {
	case provider.ProviderRegistered:
		return w.Exec(`INSERT INTO providers_v4 (provider, kind, label, disabled, reason, settings, revision)
			VALUES ($1, $2, $3, 0, '', 'null', $4)`, e.Provider, e.Kind, e.Label, revision)
	case provider.ProviderChanged:
		return w.Exec(`UPDATE providers_v4 SET kind = $2, label = $3, revision = $4 WHERE provider = $1`, e.Provider,
			e.Kind, e.Label, revision)
	case provider.ProviderConfigured:
		return w.Exec(`UPDATE providers_v4 SET settings = $2, revision = $3 WHERE provider = $1`, e.Provider,
			readmodel.JSON(e.Settings), revision)
	case provider.ProviderSecretSet:
		return changeSecret(w, e.Provider, revision, `INSERT INTO provider_secrets_v4 (provider, name, valid, set_at)
			VALUES ($1, $2, 1, $3) ON CONFLICT (provider, name) DO UPDATE SET valid = 2, set_at = excluded.set_at`,
			e.Provider, e.Name, at)
	case provider.ProviderSecretDropped:
		return changeSecret(w, e.Provider, revision,
			`UPDATE provider_secrets_v4 SET valid = 1 WHERE provider = $1 AND name = $2`, e.Provider, e.Name)
	case provider.ProviderDisabled:
		return w.Exec(`UPDATE providers_v4 SET disabled = 1, reason = $2, revision = $3 WHERE provider = $1`, e.Provider,
			e.Reason, revision)
	case provider.ProviderEnabled:
		return w.Exec(`UPDATE providers_v4 SET disabled = 0, reason = '', revision = $2 WHERE provider = $1`, e.Provider,
			revision)
	case route.RouteSet:
		return w.Exec(`INSERT INTO provider_routes_v4 (country, providers, terms, switched, until, reason, changed_by,
				changed_at, revision)
			VALUES ($1, $2, $6, '', 0, '', $3, $4, $5)
			ON CONFLICT (country) DO UPDATE SET providers = excluded.providers, terms = excluded.terms, switched = '',
				until = 0, reason = '',
				changed_by = excluded.changed_by, changed_at = excluded.changed_at, revision = excluded.revision`,
			e.Country, readmodel.JSON(e.Providers), by, at, revision, readmodel.JSON(e.Terms))
	case route.RouteSwitched:
		return changeRoute(w, r, e.Country, e.Provider, e.Reason, e.Until)
	case route.RouteRestored:
		return changeRoute(w, r, e.Country, "", e.Reason, time.Time{})
	default:
		return domain.Unexpected(r)
	}
}

// changeSecret changes a secret by a statement, and the provider's revision.
func changeSecret(w readmodel.Writer, name string, revision int64, statement string, args ...any) error {
	if err := w.Exec(statement, args...); err != nil {
		return err
	}
	return w.Exec(`UPDATE providers_v4 SET revision = $2 WHERE provider = $1`, name, revision)
}

// changeRoute puts a provider first, or none.
func changeRoute(w readmodel.Writer, r domain.Recorded, country, first, reason string, until time.Time) error {
	return w.Exec(`UPDATE provider_routes_v4 SET switched = $2, reason = $3, changed_by = $4, changed_at = $5,
			revision = $6, until = $7 WHERE country = $1`, country, first, reason, r.Meta.Actor.ID,
		readmodel.Micros(r.Meta.OccurredAt), int64(r.Revision), readmodel.Micros(until))
}

// All returns the providers by name.
func (q Providers) All(ctx context.Context) ([]Provider, error) {
	found, err := readmodel.List(ctx, q.DB, readProvider, `SELECT provider, kind, label, disabled, reason, settings,
		revision FROM providers_v4 ORDER BY provider`)
	if err != nil {
		return nil, err
	}
	at := make(map[string]int)
	for i, one := range found {
		at[one.Name] = i
	}
	_, err = readmodel.List(ctx, q.DB, func(row readmodel.Row) (struct{}, error) {
		one := &found[at[row.Text(0)]]
		one.Secrets = append(one.Secrets, ProviderSecret{
			Name: row.Text(1), Valid: int(row.Int(2)), SetAt: readmodel.Time(row.Int(3)),
		})
		return struct{}{}, nil
	}, `SELECT provider, name, valid, set_at FROM provider_secrets_v4 ORDER BY provider, name`)
	return found, err
}

func readProvider(row readmodel.Row) (Provider, error) {
	one := Provider{
		Name: row.Text(0), Kind: row.Text(1), Label: row.Text(2), Disabled: row.Int(3) != 0, Reason: row.Text(4),
		Revision: domain.Revision(row.Int(6)),
	}
	return one, readmodel.ReadJSON(&one.Settings, row, 5)
}

// Routes returns the routes by country.
func (q Providers) Routes(ctx context.Context) ([]Route, error) {
	routes, err := readmodel.List(ctx, q.DB, readRoute, `SELECT country, providers, switched, reason, changed_by,
		changed_at, revision, terms, until FROM provider_routes_v4 ORDER BY country`)
	if err != nil {
		return nil, err
	}
	known, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	enabled := make(map[string]bool)
	for _, one := range known {
		enabled[one.Name] = !one.Disabled
	}
	for i := range routes {
		routes[i].Order = slices.DeleteFunc(routes[i].Order, func(name string) bool { return !enabled[name] })
	}
	return routes, nil
}

// Unserved returns the countries of routes without an enabled provider, and "ZZ" if no route serves the countries
// that have none of their own.
func (q Providers) Unserved(ctx context.Context) (countries []string, err error) {
	routes, err := q.Routes(ctx)
	elsewhere := false
	for _, one := range routes {
		elsewhere = elsewhere || one.Country == route.Elsewhere
		if len(one.Order) == 0 {
			countries = append(countries, one.Country)
		}
	}
	if err == nil && !elsewhere {
		countries = append(countries, route.Elsewhere)
	}
	return countries, err
}

func readRoute(row readmodel.Row) (r Route, err error) {
	r = Route{
		Country: row.Text(0), Switched: row.Text(2), Reason: row.Text(3), ChangedBy: row.Text(4),
		ChangedAt: readmodel.Time(row.Int(5)), Revision: domain.Revision(row.Int(6)),
	}
	r.Until = readmodel.Time(row.Int(8))
	err = errors.Join(readmodel.ReadJSON(&r.Set, row, 1), readmodel.ReadJSON(&r.Terms, row, 7))
	r.Order = route.State{Providers: r.Set, First: r.Switched}.Order(time.Time{})
	return r, err
}
