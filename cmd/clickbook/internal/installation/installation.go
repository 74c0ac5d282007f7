// Package installation opens a data directory with its log, keys and read models, wires the engine to them, and runs
// what follows the log or the clock. Start with manifest.go, which lists what the engine is made of. The package
// parses no command line.
package installation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clickbook/clickbook/adapters/bus"
	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/httpapi/live"
	"github.com/clickbook/clickbook/adapters/ical"
	"github.com/clickbook/clickbook/adapters/jsonv2"
	"github.com/clickbook/clickbook/adapters/keyring"
	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/adapters/sso"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/alerts"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/books"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/commands/outages"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/commands/visiting"
	hooks "github.com/clickbook/clickbook/commands/webhooks"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/projector"
)

// Installation is an open data directory: the stores, the engine on top of them, and everything that follows the log.
type Installation struct {
	at      Location
	options Options

	Events eventLog
	log    string // the name of the log
	Keys   *keyring.Keyring
	Views  readModels
	State  *state.File

	Codec      *domain.Codec
	Engine     *commands.Engine
	Booking    booking.Bookings
	Attention  booking.Attention
	Openings   openings.Openings
	Eraser     *commands.Eraser
	OptOuts    commands.OptOuts
	Links      links.Links
	Visiting   *visiting.Visiting
	Bookkeeper *books.Credits
	Dispatcher *messaging.Dispatcher
	Inbox      messaging.Inbox
	Watch      *outages.Watch // of outages; nil without Options.Outages
	Proposals  *outages.Proposals
	Reminders  *messaging.Reminders
	Notices    *messaging.Notices
	Agendas    *messaging.Agendas
	Alerts     *alerts.Alerts
	People     *people.People
	Webhooks   *hooks.Hooks
	Projector  *projector.Projector
	live       *live.Hub
	Network    *simulated.Network
	carriers   *sms.Receiver
	trial      bool
	smtp       *mail.SMTP // nil if emails are files
	rebuilds   *rebuilds

	troubles troubles
	follows  atomic.Bool // the read models follow the log by themselves

	mu    sync.Mutex // reactors open their buses concurrently
	buses []*bus.Bus
}

// Options are what differs between a server, a simulation and a tool on the command line.
type Options struct {
	Now     func() time.Time
	Log     *slog.Logger
	Workers int    // how many messages are dispatched at once
	URL     string // what links in messages begin with; "" means this machine
	// Canaries are handsets of the operator that get a text by every provider on a schedule.
	Canaries []domain.Phone
	Trial    bool // a new installation is a trial: it has simulated providers and sends nothing
	Build    httpapi.Build
	// Operator is the email address of those who run the installation, "" if they want no emails.
	Operator string

	// SecondPerson is how many micro-credits a refund window may move without a second person; 0 means any.
	SecondPerson int64

	Organisation sso.Config // its provider signs members in; without an issuer there is none

	MailServer  *mail.Server                // nil writes emails to files
	Outages     bool                        // detect outages, and avoid providers because of them
	AutoRefund  int64                       // micro-credits up to which the window of an outage needs no approval
	Lax         bool                        // the log may lag behind the disk until Close: for work that can be run again
	Alone       bool                        // nobody else appends to the log, and one goroutine does
	Remember    int                         // streams and folded states in memory; 0 means the usual numbers
	Checkpoints commands.Checkpoints        // of the reactors; nil means state.db
	Imports     func(*Installation) Imports // of a server, which needs it
	Demo        func(*Installation) Demo    // of a server; nil for none
	Network     func(now func() time.Time) *simulated.Network
}

// Open opens or creates a data directory. Nothing runs yet.
func Open(ctx context.Context, at Location, options Options) (in *Installation, err error) {
	if err := errors.Join(checkLogURL(at.LogURL()), checkViewsURL(at.viewsURL())); err != nil {
		return nil, err
	}
	if err := checkViewsServer(ctx, at.viewsURL()); err != nil {
		return nil, err
	}
	in = &Installation{at: at, options: options, troubles: troubles{now: options.Now}}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.Close())
		}
	}()
	name, err := in.openLog(ctx)
	if err != nil {
		return in, err
	}
	var damage error
	if in.Views, damage, err = openViews(ctx, at.viewsURL()); err != nil {
		return in, err
	}
	if damage != nil && options.Log != nil {
		options.Log.Warn("the read models are damaged and will be rebuilt from the log", "error", damage)
	}
	if in.State, err = state.Open(at.Data); err != nil {
		return in, err
	}
	if err = in.State.OfLog(ctx, name); err != nil {
		return in, err
	}
	in.log = name
	if in.options.Checkpoints == nil {
		in.options.Checkpoints = in.State
	}
	if err = in.wire(ctx); err != nil {
		return in, err
	}
	return in, in.checkEnds(ctx)
}

// OpenExisting opens a data directory that must exist.
func OpenExisting(ctx context.Context, at Location) (*Installation, error) {
	return OpenExistingAt(ctx, at, "")
}

// OpenExistingAt is OpenExisting for a command that makes links, which begin with a URL; "" means this machine.
func OpenExistingAt(ctx context.Context, at Location, url string) (*Installation, error) {
	if !at.Exists() {
		return nil, NoData(at)
	}
	return Open(ctx, at, Options{Now: time.Now, URL: strings.TrimRight(url, "/")})
}

// localURL is the address of a server that was given none.
const localURL = "http://127.0.0.1:8080"

// wire puts the parts together.
func (in *Installation) wire(ctx context.Context) (err error) {
	if in.Codec, err = aggregates.NewCodec(in.Keys); err != nil {
		return err
	}
	in.Codec.ReadWith(jsonv2.Unmarshal)
	if in.trial, err = in.settleTrial(ctx); err != nil {
		return err
	}
	in.Engine = commands.NewEngine(in.withSnapshots(), in.Codec, in.options.Now, in.aggregates()...)
	if in.options.Log != nil {
		in.Engine.WithLog(in.options.Log)
	}
	if in.options.Remember > 0 {
		in.Engine.Remember(in.options.Remember)
	}
	in.Openings = openings.Openings{Engine: in.Engine}
	in.Booking = booking.Bookings{
		Engine: in.Engine, Openings: in.Openings,
		Protocol: &booking.Protocol{Engine: in.Engine, Log: in.options.Log},
	}
	in.Attention = booking.Attention{Bookings: in.Booking, Ahead: aheadRows{in}}
	in.Eraser = &commands.Eraser{Engine: in.Engine, Keys: in.Keys}
	in.OptOuts = commands.OptOuts{Engine: in.Engine, Keys: in.Keys}
	in.Links = links.Links{Engine: in.Engine, Keys: in.Keys, Base: cmp.Or(in.options.URL, localURL)}
	in.Visiting = &visiting.Visiting{
		Bookings: in.Booking, Links: in.Links, Eraser: in.Eraser, Limits: visiting.NewLimits(),
		Directory: visitorsDirectory{in},
	}
	in.Webhooks = in.newHooks()
	in.Bookkeeper = &books.Credits{Engine: in.Engine, Log: in.Events, Terms: credit.ProductTerms}
	in.Projector = projector.New(in.Events, in.Codec, in.Views, in.projections()...)
	in.Projector.SetLog(in.log)
	in.live = httpapi.NewLive(in.Events, in.Projector, projections.Messages{DB: in.Views})
	in.rebuilds = newRebuilds(in.Projector, in.options.Log)
	in.Reminders = &messaging.Reminders{
		Engine: in.Engine, Due: DueRows{projections.Due{DB: in.Views}}, Quiet: reminding.Nights,
		OptOuts: in.OptOuts, Links: in.Links.Manage,
	}
	in.Notices = &messaging.Notices{
		Engine: in.Engine, OptOuts: in.OptOuts, Quiet: reminding.Nights, Links: in.Links.Manage,
	}
	return in.wireDispatch()
}

// withSnapshots returns the log with a place for folded states: its own, or state.db if it has none.
func (in *Installation) withSnapshots() commands.Store {
	if _, own := in.Events.(domain.Snapshots); own {
		return in.Events
	}
	return struct {
		eventLog
		domain.Snapshots
	}{in.Events, in.State}
}

func (in *Installation) wireDispatch() error {
	mailer, err := in.mailer()
	if err != nil {
		return err
	}
	in.Alerts = in.alerts(mailer)
	in.People = people.New(people.Config{
		Engine: in.Engine, Store: in.State, Directory: memberRows{directory.Members{DB: in.Views}}, Mailer: mailer,
		Base: cmp.Or(in.options.URL, localURL), Log: in.options.Log,
	})
	in.Agendas = &messaging.Agendas{Engine: in.Engine, Read: NewAgendaRows(in.Views)}
	if in.options.Network != nil {
		in.Network = in.options.Network(in.options.Now)
	}
	in.Inbox = messaging.Inbox{
		Engine: in.Engine, OptOuts: in.OptOuts, Sent: sentRows{in}, Visits: visits{in.Booking}, Log: in.options.Log,
	}
	in.carriers = &sms.Receiver{
		Engine: in.Engine, Log: in.options.Log, Inbound: in.Inbox.Receive,
		Registry: sms.NewRegistry(sms.RegistryOptions{
			Public: in.options.URL, Base: httpapi.Base, Now: in.options.Now, Log: in.options.Log, Lookup: in.textOf,
		}, in.kinds()...),
	}
	in.Dispatcher = &messaging.Dispatcher{
		Engine: in.Engine, OptOuts: in.OptOuts, Mailer: mailer, Providers: in.carriers, Quiet: reminding.Nights,
		Links: in.Links.Manage, Invite: ical.Invite,
		Pages: messaging.Pages{
			"agenda": in.Agendas.Page, "alert": in.Alerts.Page, message.KindReply: in.Inbox.Page,
		},
	}
	in.wireOutages()
	return nil
}

// Close closes everything in the reverse order of Open.
func (in *Installation) Close() error {
	var errs []error
	for _, one := range in.buses {
		errs = append(errs, one.Close())
	}
	if in.People != nil {
		in.People.Wait()
	}
	if in.smtp != nil {
		errs = append(errs, in.smtp.Close())
	}
	if in.State != nil {
		errs = append(errs, in.State.Close())
	}
	if in.Views != nil {
		errs = append(errs, in.Views.Close())
	}
	if in.Events != nil {
		errs = append(errs, in.Events.Close())
	}
	if in.Keys != nil {
		errs = append(errs, in.Keys.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing %s: %w", in.at.Data, err)
	}
	return nil
}
