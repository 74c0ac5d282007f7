// Package installation opens a data directory with its log, keys and read models, wires the engine to them, and runs
// what follows the log or the clock. It parses no command line.
package installation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"path/filepath"
	"sync"
	"time"

	"github.com/clickbook/clickbook/adapters/bus"
	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/jsonv2"
	"github.com/clickbook/clickbook/adapters/keyring"
	outbox "github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/books"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/policy/reminding"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// installation is one data directory at work: the stores, the engine and everything that follows the log.
type Installation struct {
	at      Home
	options Options

	Events eventLog
	log    string // the name of the log
	Keys   *keyring.Keyring
	Views  readModels
	State  *state.File

	Codec      *domain.Codec
	Engine     *commands.Engine
	Booking    booking.Bookings
	Openings   openings.Openings
	Eraser     *commands.Eraser
	Bookkeeper *books.Credits
	Dispatcher *messaging.Dispatcher
	Reminders  *messaging.Reminders
	Agendas    *messaging.Agendas
	Projector  *projector.Projector
	Network    *simulated.Network

	mu    sync.Mutex // reactors open their buses side by side
	buses []*bus.Bus
}

// installOptions are what differs between a server, a simulation and a tool on the command line.
type Options struct {
	Now     func() time.Time
	Log     *slog.Logger
	Workers int // messages dispatched at once
	Build   httpapi.Build

	Lax         bool // the files may lag behind until the end: simulations and first imports can be run again
	Checkpoints commands.Checkpoints
	Network     func(now func() time.Time) *simulated.Network
	projections []readmodel.Projection
}

// open opens or makes the data directory. Every error says what to do.
func Open(ctx context.Context, at Home, options Options) (in *Installation, err error) {
	if err := errors.Join(checkLog(at.LogURL()), checkViews(at.viewsURL())); err != nil {
		return nil, err
	}
	if err := askViews(ctx, at.viewsURL()); err != nil {
		return nil, err
	}
	in = &Installation{at: at, options: options}
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
		options.Log.Warn("the read models were damaged and are made anew from the log", "error", damage)
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
	return in, in.wire()
}

// wire puts the parts together. Nothing runs yet.
func (in *Installation) wire() (err error) {
	if in.Codec, err = aggregates.NewCodec(in.Keys); err != nil {
		return err
	}
	in.Codec.ReadWith(jsonv2.Unmarshal)
	in.Engine = commands.NewEngine(in.remembering(), in.Codec, in.options.Now, aggregates.All()...)
	if in.options.Log != nil {
		in.Engine.WithLog(in.options.Log)
	}
	in.Openings = openings.Openings{Engine: in.Engine}
	in.Booking = booking.Bookings{
		Engine: in.Engine, Openings: in.Openings,
		Protocol: &booking.Protocol{Engine: in.Engine, Log: in.options.Log},
	}
	in.Eraser = &commands.Eraser{Engine: in.Engine, Keys: in.Keys}
	in.Bookkeeper = &books.Credits{Engine: in.Engine, Log: in.Events, Terms: credit.ProductTerms}
	wanted := in.options.projections
	if wanted == nil {
		wanted = projections.All()
	}
	in.Projector = projector.New(in.Events, in.Codec, in.Views, wanted...)
	in.Projector.SetLog(in.log)
	in.Reminders = &messaging.Reminders{
		Engine: in.Engine, Due: DueRows{projections.Due{DB: in.Views}}, Quiet: reminding.Nights,
	}
	return in.wireDispatch()
}

// remembering is the log with a place for folded states: its own, or the state file where it has none.
func (in *Installation) remembering() commands.Store {
	if _, own := in.Events.(domain.Snapshots); own {
		return in.Events
	}
	return struct {
		eventLog
		domain.Snapshots
	}{in.Events, in.State}
}

func (in *Installation) wireDispatch() error {
	mailer, err := outbox.NewOutbox(filepath.Join(in.at.Data, "mail"),
		mail.Address{Name: "ClickBook", Address: "clickbook@localhost.invalid"})
	if err != nil {
		return err
	}
	in.Agendas = &messaging.Agendas{
		Engine: in.Engine, Read: agendaRows{projections.Agenda{DB: in.Views}, directory.Resources{DB: in.Views}},
	}
	if in.options.Network != nil {
		in.Network = in.options.Network(in.options.Now)
	}
	in.Dispatcher = &messaging.Dispatcher{
		Engine: in.Engine, Mailer: mailer, Page: in.Agendas.Page, Providers: in.providers(),
	}
	return nil
}

// reactor gives handlers a transport, a checkpoint and a poison queue.
func (in *Installation) reactor(name string, workers int, handlers []commands.Handler) *commands.Reactor {
	return &commands.Reactor{
		Name: name, Handlers: handlers, Log: in.Events, Codec: in.Codec, Checkpoints: in.options.Checkpoints,
		Workers: workers, Slog: in.options.Log,
		Transport: func(handle func(context.Context, domain.Entry) error) (commands.Transport, error) {
			carrier, err := bus.New(bus.Options{
				Name: name, Log: in.options.Log,
				Poison: func(ctx context.Context, entry domain.Entry, reason string) error {
					return in.putAside(ctx, name, entry, reason)
				},
			}, handle)
			if err == nil {
				in.mu.Lock()
				defer in.mu.Unlock()
				in.buses = append(in.buses, carrier)
			}
			return carrier, err
		},
	}
}

func (in *Installation) putAside(ctx context.Context, reactor string, entry domain.Entry, reason string) error {
	if in.options.Log != nil {
		in.options.Log.Error("an event was put aside; see the operations guide", "reactor", reactor,
			"type", entry.Type, "stream", entry.Stream, "position", entry.Position, "reason", reason)
	}
	return in.State.PutAside(ctx, reactor, entry, reason)
}

// warnOfPoison says at each start what was put aside before, until somebody has looked after it.
func (in *Installation) warnOfPoison(ctx context.Context) error {
	aside, err := in.State.Poisoned(ctx, 20)
	for _, event := range aside {
		in.options.Log.Warn("an event was put aside before; see the operations guide", "reactor", event.Reactor,
			"type", event.Type, "stream", event.Stream, "position", event.Position, "reason", event.Reason)
	}
	return err
}

// receive takes a carrier's receipt into the log. One that makes no sense to us is an error of the carrier: it is
// said in the log and forgotten.
func (in *Installation) Receive(ctx context.Context, receipt messaging.Receipt) error {
	_, err := messaging.Receive(ctx, in.Engine, receipt)
	if refusal, refused := domain.AsRefusal(err); refused {
		if in.options.Log != nil {
			in.options.Log.Warn("a receipt was refused", "reference", receipt.Reference, "code", refusal.Code)
		}
		return nil
	}
	return err
}

// Close ends everything in the opposite order.
func (in *Installation) Close() error {
	var errs []error
	for _, carrier := range in.buses {
		errs = append(errs, carrier.Close())
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
