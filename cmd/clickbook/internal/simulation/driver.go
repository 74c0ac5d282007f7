package simulation

import (
	"context"
	"errors"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/virtual"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/window"
)

// tick is how often, in virtual time, the driver does the work that waits for the clock.
const tick = 5 * time.Minute

// driver runs an installation through a record in virtual time.
type driver struct {
	options Options
	in      *installation.Installation
	clock   *virtual.Clock
	setup

	checkpoints *virtual.Checkpoints

	clients map[string]domain.ClientID // by the record's number of the person
	keyless []domain.Subject           // new clients without keys, in the order of their first visits
	refused []string                   // visits that the engine refused, each with its reason
	books   *commands.Reactor
	sender  *commands.Reactor
	models  *follower
	step    func() // called after each action, for the progress bar
}

// simulate runs from the first booking to the end of the simulated time, then declares the refund windows. When it
// returns, the read models are up to date.
func (d *driver) simulate(ctx context.Context, rec *record) (err error) {
	if d.models, err = newFollower(ctx, d.in); err != nil {
		return err
	}
	d.books, d.sender = d.in.Reactors() // with the readers of the follower
	d.books.Transport, d.sender.Transport = direct, direct
	d.models.start(ctx)
	defer func() {
		d.in.Engine.Remember(1) // the last commands were given; their states would only be in the way of the read models
		err = errors.Join(err, d.models.stop(ctx))
	}()
	actions := d.actions(rec)
	d.keyless = d.newClients(rec)
	if err := d.runUntilIdle(ctx); err != nil { // creates the tables and handles the events of the setup
		return err
	}
	for next := 0; ; {
		moment, ok, err := d.nextMoment(ctx, actions[next:])
		if err != nil {
			return err
		}
		if !ok || !moment.Before(d.options.To) {
			break
		}
		until := moment.Truncate(tick).Add(tick)
		if until.After(d.options.To) {
			until = d.options.To
		}
		n, err := d.play(ctx, actions[next:], until)
		if err != nil {
			return err
		}
		next += n
		d.clock.AdvanceTo(until)
		if err := d.runUntilIdle(ctx); err != nil {
			return err
		}
	}
	d.clock.AdvanceTo(d.options.To)
	return d.declareWindows(ctx)
}

// direct returns a transport that calls the reactor in the goroutine that steps it. The first error ends a simulation,
// so nothing is retried or put aside.
func direct(handle func(context.Context, domain.Entry) error) (commands.Transport, error) {
	return transport(handle), nil
}

type transport func(context.Context, domain.Entry) error

// Deliver implements commands.Transport.
func (t transport) Deliver(ctx context.Context, entry domain.Entry) error { return t(ctx, entry) }

// nextMoment returns when the next action, receipt or reminder is due. A text that waits for a provider is due now.
func (d *driver) nextMoment(ctx context.Context, actions []action) (at time.Time, ok bool, err error) {
	consider := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	if len(actions) > 0 {
		consider(actions[0].at)
	}
	if receipt, any := d.in.Network.Next(); any {
		consider(receipt)
	}
	due, any, err := d.models.due().NextDue(ctx)
	if any {
		consider(due)
	}
	waiting, err2 := d.models.waiting().WaitingSince(ctx, d.options.To, 1)
	if len(waiting) > 0 {
		consider(waiting[0].Since)
	}
	if ok && at.Before(d.clock.Now()) {
		at = d.clock.Now()
	}
	return at, ok, errors.Join(err, err2)
}

// play carries out the actions and delivers the receipts up to until, in order of time.
func (d *driver) play(ctx context.Context, actions []action, until time.Time) (done int, err error) {
	for {
		receipt, any := d.in.Network.Next()
		any = any && !receipt.After(until)
		acting := done < len(actions) && !actions[done].at.After(until)
		switch {
		case acting && (!any || !receipt.Before(actions[done].at)):
			d.clock.AdvanceTo(actions[done].at)
			if err := actions[done].do(ctx); err != nil {
				return done, err
			}
			done++
			d.step()
		case any:
			d.clock.AdvanceTo(receipt)
			for _, r := range d.in.Network.Due(receipt) {
				if err := d.in.Receive(ctx, r); err != nil {
					return done, err
				}
			}
		default:
			return done, nil
		}
	}
}

// runUntilIdle runs the reactors, the reminders and the retries until nothing is left to do at this moment. If nothing
// was appended since the read models were brought up to date, nothing more can be due.
func (d *driver) runUntilIdle(ctx context.Context) error {
	for {
		if err := d.models.tick(ctx); err != nil {
			return err
		}
		queued, err := d.in.Reminders.QueueDue(ctx)
		if err != nil {
			return err
		}
		retried, err := d.in.Dispatcher.RetryWaiting(ctx, d.models.waiting())
		if err != nil {
			return err
		}
		reacted, err := d.react(ctx)
		if err != nil || queued+retried+reacted == 0 {
			return err
		}
		if head, err := d.in.Events.Head(ctx); err != nil || queued+retried == 0 && d.models.current.at == head {
			return err
		}
	}
}

// react steps both reactors until they reach the end of the log.
func (d *driver) react(ctx context.Context) (total int, err error) {
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

// declareWindows declares the refund windows and posts the refunds.
func (d *driver) declareWindows(ctx context.Context) error {
	for i, w := range d.options.Windows {
		id := domain.DeriveUUID("simulation", int64(d.options.Seed), "window", i).String()
		terms := window.Terms{Scope: w.scope, Bounds: w.bounds}
		preview, err := d.in.Bookkeeper.Preview(ctx, window.RefundWindowDeclared{Window: id, Terms: terms})
		if err != nil {
			return err
		}
		declared := window.Declare{Window: id, Terms: terms, Signed: window.Signed{Preview: preview, By: "simulation"}}
		if err := d.operate(ctx, declared, "window", i); err != nil {
			return err
		}
	}
	return d.runUntilIdle(ctx)
}
