package importing_test

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/importing"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
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
	end     error    // of each sheet
	erased  bool     // the directory knows no clients
	refused []string // reasons
	lines   []int    // of the refused rows
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
	w.ok(im.Survey(ctx, &source{rows: rows, end: w.end}))
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

// Known reads what the account has from the log.
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
		case client.ClientRegistered:
			if e.Account == of && !w.erased {
				known.Clients = append(known.Clients, importing.KnownClient{
					ID: e.Client, Name: e.Name.Reveal(), Phone: e.Phone.Reveal(), Email: e.Email.Reveal(),
				})
			}
		case service.ServiceDefined:
			if e.Account == of {
				known.Services = append(known.Services, importing.KnownService{ID: e.Service, Policy: e.Policy, Version: 1})
			}
		}
	}
	return known, nil
}

// whoCame returns a letter for the client of each booking in order, the same one for the same client.
func (w *world) whoCame() string {
	var starts []appointment.Booked
	for _, e := range w.events() {
		if e, ok := e.(appointment.Booked); ok {
			starts = append(starts, e)
		}
	}
	slices.SortFunc(starts, func(a, b appointment.Booked) int { return a.Visit.Start.Compare(b.Visit.Start) })
	letters := make(map[domain.ClientID]rune)
	var who []rune
	for _, e := range starts {
		if letters[e.Client] == 0 {
			letters[e.Client] = 'a' + rune(len(letters))
		}
		who = append(who, letters[e.Client])
	}
	return string(who)
}

// notes returns the notes in the order of the log.
func (w *world) notes() (notes []string) {
	for _, e := range w.events() {
		if e, ok := e.(appointment.NoteAdded); ok {
			notes = append(notes, e.Text.Reveal())
		}
	}
	return notes
}

func (w *world) events() (all []domain.Event) {
	w.t.Helper()
	for entry, err := range w.log.ReadAll(w.t.Context(), domain.Position{}, domain.Filter{}) {
		w.ok(err)
		recorded, err := w.codec.Decode(entry)
		w.ok(err)
		all = append(all, recorded.Event)
	}
	return all
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
