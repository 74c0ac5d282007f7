// Package messaging queues reminders and agendas, submits messages to providers and the mail system, and records
// what became of them. It knows providers only through the port Provider.
package messaging

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

// Dispatcher hands messages to carriers and the mail system. SmsAttempted is in the log before a carrier is
// called, so that a crash leaves an attempt in doubt, never a lost or doubled text.
type Dispatcher struct {
	Engine *commands.Engine
	Mailer Mailer
	// Carrier answers who speaks to a provider of a kind (simulated, …), nil when this program cannot.
	Provider func(kind, name string) Provider
	// Page writes the body of a notice that is not kept in the log, such as the agenda: it would tell about many
	// clients and outlive the erasure of each.
	Page func(ctx context.Context, state message.State) (string, error)

	calling sync.Map // ids of the messages that a carrier is being called for just now
}

// maxTransient is how often a text is offered again to a carrier that is busy.
const maxTransient = 3

// retryAfter is how long a busy carrier is left alone, by the attempt that it refused.
func retryAfter(attempt int) time.Duration { return time.Duration(attempt*attempt) * time.Minute }

// Handlers returns the handlers of dispatching.
func (d *Dispatcher) Handlers() []commands.Handler {
	return []commands.Handler{
		{Name: "dispatching", React: d.react, Types: []string{
			"CreditsHeld", "HoldWaived", "HoldRefused", "SmsAttempted", "SmsAttemptFailed",
		}},
		{Name: "falling back", React: d.fallBack, Types: []string{"SmsFailed", "MessageSuppressed"}},
		{Name: "mailing", React: d.mail, Types: []string{"ReminderQueued", "NoticeQueued"}},
	}
}

func (d *Dispatcher) react(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case credit.CreditsHeld:
		return d.sendByText(ctx, origin, e.Message)
	case credit.HoldWaived:
		return d.sendByText(ctx, origin, e.Message)
	case credit.HoldRefused:
		return d.suppressUnpaid(ctx, origin, e.Message)
	case message.SmsAttempted:
		return d.settle(ctx, origin, e)
	case message.SmsAttemptFailed:
		if e.Class == "transient" {
			return nil // tried again when its time has come, by Retry
		}
		return d.Send(ctx, origin, e.Message)
	}
	return nil
}

// sendByText takes the id as the books write it.
func (d *Dispatcher) sendByText(ctx context.Context, origin commands.Origin, id string) error {
	parsed, err := domain.ParseID[domain.MessageID](id)
	if err != nil {
		return err
	}
	return d.Send(ctx, origin, parsed)
}

func (d *Dispatcher) suppressUnpaid(ctx context.Context, origin commands.Origin, id string) error {
	parsed, err := domain.ParseID[domain.MessageID](id)
	if err != nil {
		return err
	}
	_, err = d.Engine.Do(ctx, origin, message.Suppress{Message: parsed, Reason: "no_credit"})
	return unlessOver(err)
}

// Send makes the next attempt at a message, if there is one to make. It takes the first provider of the route that is
// enabled and has not refused the message yet.
func (d *Dispatcher) Send(ctx context.Context, origin commands.Origin, id domain.MessageID) error {
	state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil || state.Status() != message.Queued || state.Channel != message.SMS {
		return err
	}
	if paid, err := d.paid(ctx, state); err != nil || !paid {
		return err // the books have not come to it yet, or refused it
	}
	if reason, err := d.obsolete(ctx, state); err != nil || reason != "" {
		return errors.Join(err, d.giveUp(ctx, origin, state, reason))
	}
	carrier, name, err := d.choose(ctx, state)
	if err != nil {
		return err
	}
	if carrier == nil && len(state.Attempts) == 0 {
		return nil // no provider carries texts there now: it waits until one does, or until it is too late
	}
	if carrier == nil {
		return d.giveUp(ctx, origin, state, "no_provider")
	}
	number := state.NextAttempt()
	d.calling.Store(id, true) // before the attempt is recorded: the handler that sees it must not ask the carrier yet
	defer d.calling.Delete(id)
	claim, err := d.Engine.Run(ctx, origin, message.StartAttempt{
		Message: id, Attempt: number, Provider: name, Country: state.Country,
		Reference: ReferenceOf(id, number), At: d.Engine.Now(),
	})
	if err != nil || len(claim.Events) == 0 {
		return unlessOver(err) // somebody else claimed it
	}
	accepted, err := carrier.Send(ctx, Text{
		Reference: ReferenceOf(id, number), To: state.To.Reveal(), Country: state.Country,
		Body: state.Text.Reveal(), ValidUntil: state.UsefulUntil,
	})
	return d.record(context.WithoutCancel(ctx), origin, id, number, accepted, err)
}

// paid reports whether the books let a text go: its price is held, or a known window makes it free.
func (d *Dispatcher) paid(ctx context.Context, state message.State) (bool, error) {
	books, _, err := commands.Load(ctx, d.Engine, credit.Decider, credit.StreamOf(state.Account))
	charge, _ := books.Charge(state.Message.String())
	return charge.Stage == credit.Held || charge.Stage == credit.QueuedNoHold, err
}

// record records what a carrier returned. Stopping the program must not lose it, so its context cannot end.
func (d *Dispatcher) record(
	ctx context.Context, origin commands.Origin, id domain.MessageID, attempt int, accepted Accepted, err error,
) error {
	var refused *NotAccepted
	switch {
	case err == nil:
		_, err = d.Engine.Do(ctx, origin, message.Accept{
			Message: id, Attempt: attempt, ProviderID: accepted.ProviderID, At: accepted.At,
		})
	case errors.As(err, &refused):
		_, err = d.Engine.Do(ctx, origin, message.RejectAttempt{
			Message: id, Attempt: attempt, Class: refused.Class, Code: refused.Code,
			Final: refused.Class == "permanent" || refused.Class == "transient" && attempt >= maxTransient,
		})
	default:
		return nil // nobody knows: the attempt stays in doubt until Settle
	}
	return unlessOver(err)
}

// settle asks the carrier about an attempt whose outcome is not recorded, as after a crash.
func (d *Dispatcher) settle(ctx context.Context, origin commands.Origin, e message.SmsAttempted) error {
	return d.Settle(ctx, origin, e.Message, false)
}

// Settle asks the carrier for the outcome of an open attempt. If it cannot tell and ranOut is set, the attempt fails
// and another one may follow.
func (d *Dispatcher) Settle(ctx context.Context, origin commands.Origin, id domain.MessageID, ranOut bool) error {
	state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil {
		return err
	}
	open, ok := state.Open()
	if _, calling := d.calling.Load(id); !ok || calling {
		return nil
	}
	var accepted Accepted
	err = ErrCannotTell
	carrier, _, failed := d.carrier(ctx, open.Provider)
	if failed != nil {
		return failed
	}
	if carrier != nil {
		accepted, err = carrier.Status(ctx, open.Reference, open.At)
	}
	if err != nil && ranOut {
		var refused *NotAccepted
		if !errors.As(err, &refused) {
			err = &NotAccepted{Class: "unknown", Code: "doubt_ran_out"}
		}
	}
	return d.record(context.WithoutCancel(ctx), origin, id, open.Number, accepted, err)
}

// obsolete says why a queued message must not go out any more, "" when it must.
func (d *Dispatcher) obsolete(ctx context.Context, state message.State) (string, error) {
	if !d.Engine.Now().Before(state.UsefulUntil) {
		return "too_late", nil
	}
	if state.Client.IsZero() {
		return "", nil
	}
	who, _, err := commands.Load(ctx, d.Engine, client.Decider, client.Stream(state.Client))
	switch {
	case err != nil:
		return "", err
	case who.Erased:
		return "erased", nil
	case state.Channel == message.SMS && who.OptedOut:
		return "opted_out", nil
	}
	if state.Rule == "" { // a notice may well speak of an appointment that stands no more
		return "", nil
	}
	return standsNoMore(ctx, d.Engine, state.Appointment, state.Sequence)
}

// giveUp ends a message without another attempt: suppressed if there was none, failed after one.
func (d *Dispatcher) giveUp(ctx context.Context, origin commands.Origin, state message.State, reason string) error {
	if n := len(state.Attempts); n > 0 {
		last := state.Attempts[n-1]
		_, err := d.Engine.Do(ctx, origin, message.RejectAttempt{
			Message: state.Message, Attempt: last.Number, Class: last.Class, Code: reason, Final: true,
		})
		return unlessOver(err)
	}
	_, err := d.Engine.Do(ctx, origin, message.Suppress{Message: state.Message, Reason: reason})
	return unlessOver(err)
}

// choose takes the first provider of the route that is enabled, known here, and did not refuse this message
// otherwise than for being busy.
func (d *Dispatcher) choose(ctx context.Context, state message.State) (Provider, string, error) {
	order, err := d.order(ctx, state.Country)
	if err != nil {
		return nil, "", err
	}
	refused := make(map[string]bool)
	for _, attempt := range state.Attempts {
		refused[attempt.Provider] = refused[attempt.Provider] || attempt.Class != "transient"
	}
	for _, name := range order {
		if refused[name] {
			continue
		}
		carrier, enabled, err := d.carrier(ctx, name)
		if err != nil {
			return nil, "", err
		}
		if carrier != nil && enabled {
			return carrier, name, nil
		}
	}
	return nil, "", nil
}

// carrier is who speaks to a provider, and whether new texts may go there.
func (d *Dispatcher) carrier(ctx context.Context, name string) (Provider, bool, error) {
	known, _, err := commands.Load(ctx, d.Engine, provider.Decider, provider.Stream(name))
	if err != nil || known.Kind == "" {
		return nil, false, err
	}
	return d.Provider(known.Kind, name), known.Enabled(), nil
}

// order is the route of a country, or the one for all countries without their own.
func (d *Dispatcher) order(ctx context.Context, country string) ([]string, error) {
	for _, key := range []string{country, route.Elsewhere} {
		state, _, err := commands.Load(ctx, d.Engine, route.Decider, route.Stream(key))
		if err != nil {
			return nil, err
		}
		if state.Exists() {
			return state.Order(), nil
		}
	}
	return nil, nil
}

// unlessOver forgets a refusal that says that the message has ended meanwhile: that is what races look like.
func unlessOver(err error) error {
	for _, expected := range []error{message.ErrOver, message.ErrOpen, message.ErrNumber, message.ErrAccepted} {
		if errors.Is(err, expected) {
			return nil
		}
	}
	return err
}
