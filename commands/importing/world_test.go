package importing_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/importing"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// world is an engine on a log in memory. It is the directory and the report of refused rows of its imports.
type world struct {
	t       *testing.T
	log     *memory.Store
	codec   *domain.Codec
	engine  *commands.Engine
	name    string // of the account that imports open or find
	options importing.Options
	end     error                              // of each sheet
	clients map[string][]importing.KnownClient // by phone number
	refused []string                           // reasons
	lines   []int                              // of the refused rows
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, log: memory.New(), name: "Studio", end: io.EOF}
	w.options.Hours = resource.Hours{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "00:00", To: "24:00"}
	var err error
	w.codec, err = aggregates.NewCodec(domaintest.NewVault())
	w.ok(err)
	w.engine = commands.NewEngine(w.log, w.codec, func() time.Time { return at("12:00") }, aggregates.All()...)
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// must imports rows from a sheet that can be read to its end.
func (w *world) must(rows ...importing.Row) importing.Report {
	w.t.Helper()
	report, err := w.importRows(rows...)
	w.ok(err)
	return report
}

func (w *world) importRows(rows ...importing.Row) (importing.Report, error) {
	w.t.Helper()
	return w.importWith(w.t.Context(), func() {}, rows...)
}

func (w *world) importWith(ctx context.Context, step func(), rows ...importing.Row) (importing.Report, error) {
	w.t.Helper()
	settings, err := account.NewSettings(account.Form{Name: w.name, Zone: "UTC", Locale: "en", Country: "GB"})
	w.ok(err)
	options := w.options
	options.Settings = settings
	im, err := importing.New(ctx, importing.Ports{
		Engine: w.engine, Booking: w.booking(), Keys: keys{}, Directory: w, Refusals: w,
	}, options)
	w.ok(err)
	err = im.All(ctx, &source{rows: rows, end: w.end}, step)
	return im.Report(), err
}

func (w *world) booking() booking.Bookings {
	return booking.Bookings{Engine: w.engine, Protocol: &booking.Protocol{Engine: w.engine}}
}

// Refuse keeps the reason.
func (w *world) Refuse(row importing.Row, reason string) error {
	w.refused, w.lines = append(w.refused, reason), append(w.lines, row.Line)
	return nil
}

// Known reads the resources and services of the account from the log.
func (w *world) Known(ctx context.Context, of domain.AccountID) (known importing.Known, err error) {
	for entry, err := range w.log.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		w.ok(err)
		recorded, err := w.codec.Decode(entry)
		w.ok(err)
		switch e := recorded.Event.(type) {
		case resource.ResourceAdded:
			if e.Account == of {
				known.Resources = append(known.Resources, importing.KnownResource{ID: e.Resource, Name: e.Name.Reveal()})
			}
		case service.ServiceDefined:
			if e.Account == of {
				known.Services = append(known.Services, importing.KnownService{ID: e.Service, Policy: e.Policy, Version: 1})
			}
		}
	}
	return known, nil
}

func (w *world) ClientsWithPhone(
	_ context.Context, _ domain.AccountID, phone string,
) ([]importing.KnownClient, error) {
	return w.clients[phone], nil
}

func (w *world) head() domain.Position {
	w.t.Helper()
	head, err := w.log.Head(w.t.Context())
	w.ok(err)
	return head
}

// count returns how many events of a type are in the log.
func (w *world) count(name string) (n int) {
	w.t.Helper()
	for _, err := range w.log.ReadAll(w.t.Context(), domain.Position{}, domain.Filter{Types: []string{name}}) {
		w.ok(err)
		n++
	}
	return n
}
