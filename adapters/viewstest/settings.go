package viewstest

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// found asks for one thing twice: its own account sees it as wanted, another account sees nothing.
func found[T any](w *world, want T, ask func(domain.AccountID) (T, bool, error)) {
	w.t.Helper()
	got, ok, err := ask(acme)
	w.ok(err)
	if !ok || !reflect.DeepEqual(got, want) {
		w.t.Fatalf("found\n got: %+v\nwant: %+v", got, want)
	}
	if got, ok, err := ask(other); ok || err != nil {
		w.t.Fatalf("another account found %+v (%v)", got, err)
	}
}

func accountsKnowTheirSettings(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	w.happened(acme, monday, account.Stream(acme),
		account.TemplateSet{Account: acme, Kind: "reminder", Channel: "sms", Text: domain.Secret("Hello {client}")},
		account.TemplateSet{Account: acme, Kind: "reminder", Channel: "sms", Text: domain.Secret("Olá {client}")},
		account.AccountSettingsChanged{Account: acme, Settings: account.Settings{
			Name: domain.Secret("Salon"), Email: domain.Secret("owner@example.com"), Phone: domain.Secret("+5527333300000"),
			Zone: "America/Bahia", Locale: "pt-BR", Country: "BR",
		}})
	w.catchUp()
	accounts := directory.Accounts{DB: w.db}
	want := directory.Account{
		ID: acme, Name: "Salon", Email: "owner@example.com", Phone: "+5527333300000", Zone: "America/Bahia", Locale: "pt-BR",
		Country: "BR", Rules: []account.ReminderRule{{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"}}, Revision: 4,
	}
	found(w, want, func(of domain.AccountID) (directory.Account, bool, error) { return accounts.One(t.Context(), of) })
	templates, err := accounts.Templates(t.Context(), acme)
	w.ok(err)
	if want := []directory.Template{{Kind: "reminder", Channel: "sms", Text: "Olá {client}"}}; !reflect.DeepEqual(templates, want) {
		t.Fatalf("the templates are %+v", templates)
	}
	w.happened(acme, monday, account.Stream(acme), account.AccountClosed{Account: acme})
	w.catchUp()
	all, err := accounts.All(t.Context(), domain.AccountID{}, 10)
	w.ok(err)
	if len(all) != 1 || !all[0].Closed || all[0].Revision != 5 {
		t.Fatalf("all accounts are %+v", all)
	}
	if rest, err := accounts.All(t.Context(), acme, 10); err != nil || rest != nil {
		t.Fatalf("after the last account comes %+v (%v)", rest, err)
	}
}

func servicesShowTheNewestPolicy(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	policy := service.Policy{Name: "Haircut and beard", DurationMin: 45, Requirements: []service.Requirement{
		{AnyOf: []service.Choice{{Resource: chair, Units: 1}}},
	}}
	w.happened(acme, monday, service.Stream(haircut), service.ServiceChanged{Service: haircut, Version: 2, Policy: policy},
		service.ServiceRetired{Service: haircut})
	w.catchUp()
	services := directory.Services{DB: w.db}
	want := directory.Service{ID: haircut, Account: acme, Version: 2, Policy: policy, Retired: true, Revision: 2}
	found(w, want, func(of domain.AccountID) (directory.Service, bool, error) {
		return services.One(t.Context(), of, haircut)
	})
	all, err := services.All(t.Context(), acme)
	w.ok(err)
	if !reflect.DeepEqual(all, []directory.Service{want}) {
		t.Fatalf("all services are %+v", all)
	}
}

func resourcesHaveHoursAndBlocks(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	hours := []resource.Hours{{Days: []int{1, 2}, From: "09:00", To: "17:00"}}
	block := func(n byte, day int, available bool) resource.TimeBlockAdded {
		start := monday.AddDate(0, 0, day)
		return resource.TimeBlockAdded{Resource: chair, Block: domain.BlockID{UUID: id(n)}, TimeBlock: resource.TimeBlock{
			Interval: domain.Interval{Start: start, End: start.Add(time.Hour)}, Available: available,
			Services: []domain.ServiceID{haircut},
		}}
	}
	w.happened(acme, monday, resource.Stream(chair),
		resource.WeeklyHoursSet{Resource: chair, Zone: "America/Sao_Paulo", Hours: hours},
		resource.ResourceChanged{Resource: chair, Account: acme, Profile: resource.Profile{
			Name: domain.Secret("Chair"), Kind: "equipment", Units: 2,
		}},
		block(21, 1, true), block(22, 2, false), block(23, 30, true),
		resource.TimeBlockRemoved{Resource: chair, Block: domain.BlockID{UUID: id(22)}})
	w.catchUp()
	resources := directory.Resources{DB: w.db}
	want := directory.Resource{
		ID: chair, Account: acme, Name: "Chair", Kind: "equipment", Units: 2, Zone: "America/Sao_Paulo", Hours: hours,
		Revision: 6,
	}
	found(w, want, func(of domain.AccountID) (directory.Resource, bool, error) {
		return resources.One(t.Context(), of, chair)
	})
	during := domain.Interval{Start: monday, End: monday.AddDate(0, 0, 7)}
	blocks, err := resources.Blocks(t.Context(), acme, chair, during)
	w.ok(err)
	first := block(21, 1, true)
	if want := []directory.Block{{ID: first.Block, Resource: chair, TimeBlock: first.TimeBlock}}; !reflect.DeepEqual(blocks, want) {
		t.Fatalf("the blocks are %+v", blocks)
	}
	if blocks, err := resources.Blocks(t.Context(), other, chair, during); err != nil || blocks != nil {
		t.Fatalf("another account sees %+v (%v)", blocks, err)
	}
}

func theInstallationKnowsProvidersWindowsAndKeys(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.happened(domain.AccountID{}, monday, provider.Stream("alpha"),
		provider.ProviderRegistered{Provider: "alpha", Kind: "simulated", Label: "Alpha"},
		provider.ProviderDisabled{Provider: "alpha", Reason: "banned"})
	w.happened(domain.AccountID{}, monday, route.Stream("BR"),
		route.RouteSet{Country: "BR", Providers: []string{"alpha", "beta"}},
		route.RouteSwitched{Country: "BR", Provider: "beta", By: "operator", Reason: "outage"})
	terms := window.Terms{Bounds: window.Bounds{Kind: window.Instants, Start: monday, End: monday.Add(time.Hour)}}
	signed := window.Signed{Preview: window.Totals{Accounts: 1, Messages: 2, Refunded: 3}, By: "k"}
	w.happened(domain.AccountID{}, monday, "window-w1", window.RefundWindowDeclared{Window: "w1", Terms: terms, Signed: signed},
		window.RefundWindowRevoked{Window: "w1"})
	w.happened(acme, monday, access.Stream("cb_x7Qp"), access.KeyIssued{Account: acme, Prefix: "cb_x7Qp", Hash: "0a", Role: "owner", Label: "desk"})
	w.happened(domain.AccountID{}, monday, access.Stream("cb_root"), access.KeyIssued{Prefix: "cb_root", Hash: "0b", Role: "admin"},
		access.KeyRevoked{Prefix: "cb_root"})
	w.catchUp()

	providers, err := directory.Providers{DB: w.db}.All(t.Context())
	w.ok(err)
	same(t, providers, []directory.Provider{{
		Name: "alpha", Kind: "simulated", Label: "Alpha", Disabled: true, Reason: "banned", Revision: 1,
	}})
	routes, err := directory.Providers{DB: w.db}.Routes(t.Context())
	w.ok(err)
	same(t, routes, []directory.Route{{
		Country: "BR", Set: []string{"alpha", "beta"}, Order: []string{"beta", "alpha"}, Switched: "beta", By: "operator",
		Reason: "outage", Revision: 1,
	}})
	windows, err := projections.Windows{DB: w.db}.All(t.Context())
	w.ok(err)
	same(t, windows, []projections.Window{{ID: "w1", Terms: terms, Revoked: true, DeclaredAt: monday, ChangedAt: monday, Revision: 1}})
	keys, err := directory.Keys{DB: w.db}.Of(t.Context(), acme)
	w.ok(err)
	same(t, keys, []directory.Key{{Prefix: "cb_x7Qp", Account: acme, Hash: "0a", Role: "owner", Label: "desk", IssuedAt: monday}})
	root, ok, err := directory.Keys{DB: w.db}.Find(t.Context(), "cb_root")
	w.ok(err)
	if !ok || !root.Revoked || !root.Account.IsZero() {
		t.Fatalf("the admin's key is %+v", root)
	}
}

func same[T any](t *testing.T, got, want []T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("found\n got: %+v\nwant: %+v", got, want)
	}
}

// The day is that of the wall clock: 23:30 of the evening before and 00:30 of the next morning are other days.
func theAgendaIsALocalDay(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	midnight := time.Date(2016, 5, 3, 3, 0, 0, 0, time.UTC) // in São Paulo
	for n, start := range []time.Duration{-30 * time.Minute, 0, 9 * time.Hour, 23*time.Hour + 30*time.Minute, 24*time.Hour + 30*time.Minute} {
		w.booked(visitID(byte(n+1)), anna, monday, midnight.Add(start))
	}
	w.happened(acme, monday, streamOf(visitID(3)), appointment.Cancelled{Appointment: visitID(3), Client: anna, Sequence: 1})
	w.catchUp()
	rows, err := projections.Agenda{DB: w.db}.On(t.Context(), acme, "2016-05-03")
	w.ok(err)
	var starts []string
	for _, row := range rows {
		starts = append(starts, row.Visit.Local+" "+row.ClientName)
	}
	same(t, starts, []string{"2016-05-03T00:00:00 Anna Conceição", "2016-05-03T23:30:00 Anna Conceição"})
	if _, err := (projections.Agenda{DB: w.db}).On(t.Context(), acme, "3 May"); !isRefusal(err) {
		t.Fatalf("a date that is none was answered %v", err)
	}
}

func aFewProjectionsGoAheadAndTheOthersFollow(t *testing.T, s Suite) {
	w := newWorld(t, s)
	everything(w)
	n, err := w.projector.CatchUp(t.Context(), "due", "messages")
	w.ok(err)
	if n != w.events {
		t.Fatalf("%d events were applied, not %d", n, w.events)
	}
	ahead, behind := w.hashes(), newWorld(t, s)
	everything(behind)
	behind.catchUp()
	want := behind.hashes()
	for name, there := range map[string]bool{"due": true, "messages": true, "calendar": false, "clients": false} {
		if (ahead[name] == want[name]) != there {
			t.Errorf("%s is there already: %v, want %v", name, !there, there)
		}
	}
	w.catchUp()
	if got := w.hashes(); !reflect.DeepEqual(got, want) {
		t.Fatalf("in the end %v, want %v", got, want)
	}
}

// Rows of one version must not meet those of another, so tables carry it; no question is asked of the wrong one.
func tablesCarryTheirVersion(t *testing.T, _ Suite) {
	var names, tables []string
	for _, projection := range projections.All() {
		names = append(names, projection.Name)
		for _, table := range projection.Tables {
			tables = append(tables, table.Name)
			if !strings.HasSuffix(table.Name, "_v"+projection.String()[len(projection.Name)+2:]) {
				t.Errorf("table %s is not named for version %d", table.Name, projection.Version)
			}
			if !regexp.MustCompile(`^[a-z_]+_v[1-9][0-9]*$`).MatchString(table.Name) {
				t.Errorf("table %s is not a plain name", table.Name)
			}
		}
		known := slices.Clone(projection.Types)
		slices.Sort(known)
		if len(slices.Compact(known)) != len(projection.Types) || len(known) == 0 {
			t.Errorf("%s listens to %v", projection.Name, projection.Types)
		}
	}
	for _, list := range [][]string{names, tables} {
		slices.Sort(list)
		if n := len(list); len(slices.Compact(list)) != n {
			t.Errorf("a name stands twice in %v", list)
		}
	}
}
