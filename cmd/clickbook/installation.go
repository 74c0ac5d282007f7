package main

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
type installation struct {
	at      home
	options installOptions

	events eventLog
	log    string // the name of the log
	keys   *keyring.Keyring
	views  readModels
	state  *state.File

	codec      *domain.Codec
	engine     *commands.Engine
	booking    booking.Bookings
	openings   openings.Openings
	eraser     *commands.Eraser
	bookkeeper *books.Credits
	dispatcher *messaging.Dispatcher
	reminders  *messaging.Reminders
	agendas    *messaging.Agendas
	projector  *projector.Projector
	network    *simulated.Network

	mu    sync.Mutex // reactors open their buses side by side
	buses []*bus.Bus
}

// installOptions are what differs between a server, a simulation and a tool on the command line.
type installOptions struct {
	now     func() time.Time
	log     *slog.Logger
	workers int // messages dispatched at once

	lax         bool // the files may lag behind until the end: simulations and first imports can be run again
	checkpoints commands.Checkpoints
	network     func(now func() time.Time) *simulated.Network
	projections []readmodel.Projection
}

// open opens or makes the data directory. Every error says what to do.
func open(ctx context.Context, at home, options installOptions) (in *installation, err error) {
	if err := errors.Join(checkLog(at.logURL()), checkViews(at.viewsURL())); err != nil {
		return nil, err
	}
	if err := askViews(ctx, at.viewsURL()); err != nil {
		return nil, err
	}
	in = &installation{at: at, options: options}
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
	if in.views, damage, err = openViews(ctx, at.viewsURL()); err != nil {
		return in, err
	}
	if damage != nil && options.log != nil {
		options.log.Warn("the read models were damaged and are made anew from the log", "error", damage)
	}
	if in.state, err = state.Open(at.data); err != nil {
		return in, err
	}
	if err = in.state.OfLog(ctx, name); err != nil {
		return in, err
	}
	in.log = name
	if in.options.checkpoints == nil {
		in.options.checkpoints = in.state
	}
	return in, in.wire()
}

// wire puts the parts together. Nothing runs yet.
func (in *installation) wire() (err error) {
	if in.codec, err = aggregates.NewCodec(in.keys); err != nil {
		return err
	}
	in.codec.ReadWith(jsonv2.Unmarshal)
	in.engine = commands.NewEngine(in.remembering(), in.codec, in.options.now, aggregates.All()...)
	if in.options.log != nil {
		in.engine.WithLog(in.options.log)
	}
	in.openings = openings.Openings{Engine: in.engine}
	in.booking = booking.Bookings{
		Engine: in.engine, Openings: in.openings,
		Protocol: &booking.Protocol{Engine: in.engine, Log: in.options.log},
	}
	in.eraser = &commands.Eraser{Engine: in.engine, Keys: in.keys}
	in.bookkeeper = &books.Credits{Engine: in.engine, Log: in.events, Terms: credit.ProductTerms}
	wanted := in.options.projections
	if wanted == nil {
		wanted = projections.All()
	}
	in.projector = projector.NewProjector(in.events, in.codec, in.views, wanted...)
	in.projector.OfLog(in.log)
	in.reminders = &messaging.Reminders{
		Engine: in.engine, Due: dueRows{projections.Due{DB: in.views}}, Quiet: reminding.Nights,
	}
	return in.wireDispatch()
}

// remembering is the log with a place for folded states: its own, or the state file where it has none.
func (in *installation) remembering() commands.Store {
	if _, own := in.events.(domain.Snapshots); own {
		return in.events
	}
	return struct {
		eventLog
		domain.Snapshots
	}{in.events, in.state}
}

func (in *installation) wireDispatch() error {
	mailer, err := outbox.NewOutbox(filepath.Join(in.at.data, "mail"),
		mail.Address{Name: "ClickBook", Address: "clickbook@localhost.invalid"})
	if err != nil {
		return err
	}
	in.agendas = &messaging.Agendas{
		Engine: in.engine, Read: agendaRows{projections.Agenda{DB: in.views}, directory.Resources{DB: in.views}},
	}
	if in.options.network != nil {
		in.network = in.options.network(in.options.now)
	}
	in.dispatcher = &messaging.Dispatcher{
		Engine: in.engine, Mailer: mailer, Page: in.agendas.Page, Providers: in.providers(),
	}
	return nil
}

// reactor gives handlers a transport, a checkpoint and a poison queue.
func (in *installation) reactor(name string, workers int, handlers []commands.Handler) *commands.Reactor {
	return &commands.Reactor{
		Name: name, Handlers: handlers, Log: in.events, Codec: in.codec, Checkpoints: in.options.checkpoints,
		Workers: workers, Slog: in.options.log,
		Transport: func(handle func(context.Context, domain.Entry) error) (commands.Transport, error) {
			carrier, err := bus.New(bus.Options{
				Name: name, Log: in.options.log,
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

func (in *installation) putAside(ctx context.Context, reactor string, entry domain.Entry, reason string) error {
	if in.options.log != nil {
		in.options.log.Error("an event was put aside; see the operations guide", "reactor", reactor,
			"type", entry.Type, "stream", entry.Stream, "position", entry.Position, "reason", reason)
	}
	return in.state.PutAside(ctx, reactor, entry, reason)
}

// warnOfPoison says at each start what was put aside before, until somebody has looked after it.
func (in *installation) warnOfPoison(ctx context.Context) error {
	aside, err := in.state.Poisoned(ctx, 20)
	for _, event := range aside {
		in.options.log.Warn("an event was put aside before; see the operations guide", "reactor", event.Reactor,
			"type", event.Type, "stream", event.Stream, "position", event.Position, "reason", event.Reason)
	}
	return err
}

// receive takes a carrier's receipt into the log. One that makes no sense to us is an error of the carrier: it is
// said in the log and forgotten.
func (in *installation) receive(ctx context.Context, receipt messaging.Receipt) error {
	_, err := messaging.Receive(ctx, in.engine, receipt)
	if refusal, refused := domain.AsRefusal(err); refused {
		if in.options.log != nil {
			in.options.log.Warn("a receipt was refused", "reference", receipt.Reference, "code", refusal.Code)
		}
		return nil
	}
	return err
}

// Close ends everything in the opposite order.
func (in *installation) Close() error {
	var errs []error
	for _, carrier := range in.buses {
		errs = append(errs, carrier.Close())
	}
	if in.state != nil {
		errs = append(errs, in.state.Close())
	}
	if in.views != nil {
		errs = append(errs, in.views.Close())
	}
	if in.events != nil {
		errs = append(errs, in.events.Close())
	}
	if in.keys != nil {
		errs = append(errs, in.keys.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing %s: %w", in.at.data, err)
	}
	return nil
}

// closing closes an installation whose work ended with err, and tells both.
func closing(err error, in *installation) error { return errors.Join(err, in.Close()) }
