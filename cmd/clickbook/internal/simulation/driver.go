package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/window"
)

// tick is how often the work that waits for the clock is looked at in virtual time.
const tick = 5 * time.Minute

// virtualClock only goes forward, and only when the driver says so.
type VirtualClock struct{ micros atomic.Int64 }

func (c *VirtualClock) Now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

func (c *VirtualClock) TurnTo(t time.Time) {
	if micros := t.UnixMicro(); micros > c.micros.Load() {
		c.micros.Store(micros)
	}
}

// driver lets the engine live through a record in virtual time. It replaces the wall clock, the carriers' network
// and the loop of the server, and nothing else.
type Driver struct {
	sim   Options
	In    *installation.Installation
	clock *VirtualClock
	setting

	checkpoints *installation.HeldCheckpoints

	clients map[string]domain.ClientID // by the record's number of the person
	coming  []domain.Subject           // whose keys are still to be made, in the order of their first visits
	refused []string                   // visits the engine would not book, each with its reason
	books   *commands.Reactor
	sender  *commands.Reactor
	Models  *follower
	step    func() // called after each action, for the progress bar
}

// action is something the world does at a known moment.
type action struct {
	at   time.Time
	what func(context.Context) error
}

// live runs from the first booking to the end of the simulated time, then declares the windows. When it returns the
// read models know everything.
func (d *Driver) Live(ctx context.Context, rec *record) (err error) {
	d.books, d.sender = d.In.Reactors()
	if d.Models, err = newFollower(d.In); err != nil {
		return err
	}
	d.Models.start(ctx)
	defer func() { err = errors.Join(err, d.Models.stop(ctx)) }()
	actions := d.actions(rec)
	d.coming = d.newcomers(rec)
	if err := d.settle(ctx); err != nil { // the tables are made, the account's own events are seen
		return err
	}
	for next := 0; ; {
		wake, ok, err := d.wake(ctx, actions[next:])
		if err != nil {
			return err
		}
		if !ok || !wake.Before(d.sim.To) {
			break
		}
		until := wake.Truncate(tick).Add(tick)
		if until.After(d.sim.To) {
			until = d.sim.To
		}
		n, err := d.happen(ctx, actions[next:], until)
		if err != nil {
			return err
		}
		next += n
		d.clock.TurnTo(until)
		if err := d.settle(ctx); err != nil {
			return err
		}
	}
	d.clock.TurnTo(d.sim.To)
	return d.declare(ctx)
}

// wake is the next moment at which anything happens: an action, a receipt, or a reminder that falls due.
func (d *Driver) wake(ctx context.Context, actions []action) (at time.Time, ok bool, err error) {
	consider := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	if len(actions) > 0 {
		consider(actions[0].at)
	}
	if receipt, any := d.In.Network.Next(); any {
		consider(receipt)
	}
	due, any, err := d.Models.due().NextDue(ctx)
	if any {
		consider(due)
	}
	waiting, err2 := d.Models.waiting().WaitingSince(ctx, d.sim.To, 1)
	if len(waiting) > 0 {
		consider(d.clock.Now())
	}
	if ok && at.Before(d.clock.Now()) {
		at = d.clock.Now()
	}
	return at, ok, errors.Join(err, err2)
}

// happen carries out, in order of time, the actions and the receipts up to until.
func (d *Driver) happen(ctx context.Context, actions []action, until time.Time) (done int, err error) {
	for {
		receipt, any := d.In.Network.Next()
		any = any && !receipt.After(until)
		acting := done < len(actions) && !actions[done].at.After(until)
		switch {
		case acting && (!any || !receipt.Before(actions[done].at)):
			d.clock.TurnTo(actions[done].at)
			if err := actions[done].what(ctx); err != nil {
				return done, err
			}
			done++
			d.step()
		case any:
			d.clock.TurnTo(receipt)
			for _, r := range d.In.Network.Due(receipt) {
				if err := d.In.Receive(ctx, r); err != nil {
					return done, err
				}
			}
		default:
			return done, nil
		}
	}
}

// settle runs the reactors, the reminders and the retries until nothing is left to do at this moment.
func (d *Driver) settle(ctx context.Context) error {
	for {
		if err := d.Models.tick(ctx); err != nil {
			return err
		}
		queued, err := d.In.Reminders.QueueDue(ctx)
		if err != nil {
			return err
		}
		retried, err := d.In.Dispatcher.RetryWaiting(ctx, d.Models.waiting())
		if err != nil {
			return err
		}
		followed, err := d.react(ctx)
		if err != nil || queued+retried+followed == 0 {
			return err
		}
	}
}

// react steps the reactors until both have seen everything.
func (d *Driver) react(ctx context.Context) (total int, err error) {
	for {
		done := 0
		for _, reactor := range []*commands.Reactor{d.books, d.sender} {
			n, err := reactor.Step(ctx)
			if err != nil {
				return total, err
			}
			done += n
		}
		if total += done; done == 0 {
			return total, nil
		}
	}
}

// actions are everything the world will do, in order of time.
func (d *Driver) actions(rec *record) []action {
	actions := make([]action, 0, 3*len(rec.visits)+200)
	for i := range rec.visits {
		v := &rec.visits[i]
		actions = append(actions, action{v.booked, func(ctx context.Context) error { return d.book(ctx, *v) }})
		if v.noShow {
			actions = append(actions, action{v.end(), func(ctx context.Context) error { return d.mark(ctx, v, "noshow") }})
			continue
		}
		actions = append(actions,
			action{v.start, func(ctx context.Context) error { return d.mark(ctx, v, "arrived") }},
			action{v.end(), func(ctx context.Context) error { return d.mark(ctx, v, "fulfilled") }})
	}
	for _, s := range d.sim.Switches {
		actions = append(actions, action{s.at, func(ctx context.Context) error { return d.switchRoute(ctx, s) }})
	}
	for day := d.sim.From; day.Before(d.sim.To); day = day.AddDate(0, 0, 1) {
		actions = append(actions, action{day.Add(6 * time.Hour), d.morning})
	}
	slices.SortStableFunc(actions, func(a, b action) int { return a.at.Compare(b.at) })
	return actions
}

func (v *visit) end() time.Time { return v.start.Add(visitMin * time.Minute) }

// morning is what the server does once a day: the agenda, and lots whose time has come.
func (d *Driver) morning(ctx context.Context) error {
	if _, err := d.In.Agendas.Queue(ctx, d.account); err != nil {
		return err
	}
	return d.In.Bookkeeper.ExpireGrants(ctx, d.account)
}

func (d *Driver) switchRoute(ctx context.Context, s routeSwitch) error {
	return d.operate(ctx, route.Switch{Country: s.country, Provider: s.provider, By: "operator", Reason: "simulated switch"},
		"switch", s.at.Unix(), s.country, s.provider)
}

// book registers the client at their first visit and books it, by the same way as the API does. A visit that the
// engine refuses is reported, not forced.
func (d *Driver) book(ctx context.Context, v visit) error {
	who, err := d.client(ctx, v)
	if err != nil {
		return err
	}
	_, err = d.In.Booking.Book(ctx, d.as("book", v.id), booking.Order{
		Appointment: appointment.IDOf(d.account, v.id), Account: d.account, Client: who, Service: d.service,
		Resource: d.resources[v.clinic], Start: v.start,
	})
	if refusal, refused := domain.AsRefusal(err); refused {
		d.refused = append(d.refused, fmt.Sprintf("appointment %s at %s: %s", v.id, v.clinic, refusal.Sentence))
		return nil
	}
	return err
}

func (d *Driver) client(ctx context.Context, v visit) (domain.ClientID, error) {
	if id, known := d.clients[v.patient]; known {
		return id, nil
	}
	id := d.clientID(v)
	made := makePerson(d.sim.Seed, v, len(d.clients))
	contact, err := client.NewContact(client.Form{
		Name: made.name, Phone: made.phone, Email: made.email, Country: "BR",
	})
	if err != nil {
		return id, fmt.Errorf("made-up client %s: %w", strconv.Itoa(len(d.clients)), err)
	}
	if len(d.clients)%keysAtOnce == 0 {
		if err := d.makeKeys(ctx); err != nil {
			return id, err
		}
	}
	d.clients[v.patient] = id
	return id, d.do(ctx, client.Register{Client: id, Account: d.account, Contact: contact}, "client", v.patient)
}

func (d *Driver) clientID(v visit) domain.ClientID {
	return domain.DeriveID[domain.ClientID](d.account, "patient", v.patient)
}

// keysAtOnce is how many clients get their keys in one go: each go waits for the disk.
const keysAtOnce = 512

// newcomers are the record's people in the order in which they are registered.
func (d *Driver) newcomers(rec *record) (subjects []domain.Subject) {
	seen := make(map[string]bool)
	for _, v := range rec.visits {
		if !seen[v.patient] {
			seen[v.patient] = true
			subjects = append(subjects, client.Stream(d.clientID(v)))
		}
	}
	return subjects
}

func (d *Driver) makeKeys(ctx context.Context) error {
	next := d.coming[:min(keysAtOnce, len(d.coming))]
	d.coming = d.coming[len(next):]
	return d.In.Keys.Prepare(ctx, next...)
}

func (d *Driver) mark(ctx context.Context, v *visit, as string) error {
	id := appointment.IDOf(d.account, v.id)
	var cmd domain.Command
	switch as {
	case "arrived":
		cmd = appointment.Arrive{Appointment: id}
	case "fulfilled":
		cmd = appointment.Fulfil{Appointment: id, At: d.In.Engine.Now()}
	default:
		cmd = appointment.MarkNoShow{Appointment: id, At: d.In.Engine.Now()}
	}
	_, err := d.In.Engine.Do(ctx, d.as(as, v.id), cmd)
	if errors.Is(err, appointment.ErrUnknown) { // it was refused when it was to be booked
		return nil
	}
	return err
}

// declare opens the refund windows and lets the books follow.
func (d *Driver) declare(ctx context.Context) error {
	for i, w := range d.sim.Windows {
		id := domain.DeriveUUID("simulation", int64(d.sim.Seed), "window", i).String()
		terms := window.Terms{Scope: w.scope, Bounds: w.bounds}
		preview, err := d.In.Bookkeeper.Preview(ctx, window.RefundWindowDeclared{Window: id, Terms: terms})
		if err != nil {
			return err
		}
		declared := window.Declare{Window: id, Terms: terms, Signed: window.Signed{Preview: preview, By: "simulation"}}
		if err := d.operate(ctx, declared, "window", i); err != nil {
			return err
		}
	}
	return d.settle(ctx)
}
