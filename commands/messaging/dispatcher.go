// Package messaging queues reminders and agendas, submits messages to providers and the mail system, and records
// their outcome. It calls providers through the interface Provider.
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
	"github.com/clickbook/clickbook/domain/policy/reminding"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

// Dispatcher submits texts to providers and emails to the mail system. It appends SmsAttempted before it calls a
// provider, so a crash leaves an attempt in doubt, never a text that is lost or sent twice.
type Dispatcher struct {
	Engine    *commands.Engine
	OptOuts   commands.OptOuts
	Mailer    Mailer
	Providers Providers
	Cells     Cells // nil means that outages are not detected
	Quiet     reminding.Quiet
	Pages     Pages
	Links     Links
	Invite    Invite // nil: emails have no calendar file

	inFlight sync.Map // ids of the messages for which a provider or the mail system is being called now
}

// maxTransient is how many attempts at a text a busy provider gets.
const maxTransient = 3

// retryAfter returns how long a text waits after a busy provider refused this attempt, counted from 1.
func retryAfter(attempt int) time.Duration { return time.Duration(attempt*attempt) * time.Minute }

// Handlers returns the handlers of dispatching.
func (d *Dispatcher) Handlers() []commands.Handler {
	return []commands.Handler{
		{Name: "dispatching", React: d.dispatch, Types: domain.NamesOf(
			credit.CreditsHeld{}, credit.HoldWaived{}, credit.HoldRefused{},
			message.SmsAttempted{}, message.SmsAttemptFailed{},
		)},
		{Name: "falling back", React: d.fallBack, Types: domain.NamesOf(message.SmsFailed{}, message.MessageSuppressed{})},
		{Name: "mailing", React: d.mail, Types: domain.NamesOf(message.ReminderQueued{}, message.NoticeQueued{})},
	}
}

func (d *Dispatcher) dispatch(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case credit.CreditsHeld:
		return d.sendPaid(ctx, origin, e.Message)
	case credit.HoldWaived:
		return d.sendPaid(ctx, origin, e.Message)
	case credit.HoldRefused:
		return d.suppressUnpaid(ctx, origin, e.Message)
	case message.SmsAttempted: // the call may have crashed: ask the provider
		return d.Resolve(ctx, origin, e.Message, false)
	case message.SmsAttemptFailed:
		if e.Class == "transient" {
			return nil // RetryWaiting sends it again when the provider has had time
		}
		return d.Send(ctx, origin, e.Message)
	default:
		return domain.Unexpected(r)
	}
}

// sendPaid sends a message by its id as credit events write it.
func (d *Dispatcher) sendPaid(ctx context.Context, origin commands.Origin, id string) error {
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
	return ignoreEnded(err)
}

// Send makes the next attempt at a text, if one is due. It uses the first provider of the route that is enabled and
// has not refused the text yet.
func (d *Dispatcher) Send(ctx context.Context, origin commands.Origin, id domain.MessageID) error {
	state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil || state.Status() != message.Queued || state.Channel != message.SMS {
		return err
	}
	if paid, err := d.paid(ctx, state); err != nil || !paid {
		return err // its credits are not held yet, or were refused
	}
	if reason, err := d.obsolete(ctx, state); err != nil || reason != "" {
		return errors.Join(err, d.giveUp(ctx, origin, state, reason))
	}
	if rests, err := d.rest(ctx, origin, state); err != nil || rests {
		return err
	}
	chosen, name, err := d.choose(ctx, state)
	if err != nil {
		return err
	}
	if chosen == nil && len(state.Attempts) == 0 {
		return nil // no provider serves the country now: the text waits for one, until it is too late
	}
	if chosen == nil {
		return d.giveUp(ctx, origin, state, "no_provider")
	}
	number := state.NextAttempt()
	d.inFlight.Store(id, true) // before the attempt is recorded: its handler must not ask the provider during the call
	defer d.inFlight.Delete(id)
	claim, err := d.Engine.Run(ctx, origin, message.StartAttempt{
		Message: id, Attempt: number, Provider: name, Country: state.Country,
		Reference: ReferenceOf(id, number), At: d.Engine.Now(),
	})
	if err != nil || len(claim.Events) == 0 {
		return ignoreEnded(err) // another worker made this attempt
	}
	accepted, err := chosen.Send(ctx, Text{
		Reference: ReferenceOf(id, number), To: state.To.Reveal(), Country: state.Country,
		Body: state.Text.Reveal(), ValidUntil: state.UsefulUntil,
	})
	return d.record(context.WithoutCancel(ctx), origin, id, number, accepted, err)
}

// paid reports whether a text may be sent: its price is held, or a refund window that is already known makes it free.
func (d *Dispatcher) paid(ctx context.Context, state message.State) (bool, error) {
	credits, _, err := commands.Load(ctx, d.Engine, credit.Decider, credit.StreamOf(state.Account))
	charge, _ := credits.Charge(state.Message.String())
	return charge.Stage == credit.Held || charge.Stage == credit.QueuedNoHold, err
}

// record records what a provider returned. Its context must not end: stopping the program must not lose it.
func (d *Dispatcher) record(
	ctx context.Context, origin commands.Origin, id domain.MessageID, attempt int, accepted Accepted, err error,
) error {
	var refused *NotAccepted
	switch {
	case err == nil:
		_, err = d.Engine.Do(ctx, origin, message.Accept{
			Message: id, Attempt: attempt, ProviderID: accepted.ProviderID, Network: accepted.Network, At: accepted.At,
		})
	case errors.As(err, &refused):
		_, err = d.Engine.Do(ctx, origin, message.RejectAttempt{
			Message: id, Attempt: attempt, Class: refused.Class, Code: refused.Code, Fault: refused.Fault,
			Final: refused.Class == "permanent" || refused.Class == "transient" && attempt >= maxTransient,
		})
	default:
		return nil // the outcome is unknown: the attempt stays in doubt until Resolve
	}
	return ignoreEnded(err)
}

// Resolve asks the provider for the outcome of an open attempt and records it. If the provider cannot tell, the
// attempt stays in doubt; if timedOut is set it fails, and another one may follow.
func (d *Dispatcher) Resolve(ctx context.Context, origin commands.Origin, id domain.MessageID, timedOut bool) error {
	state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil {
		return err
	}
	open, ok := state.Open()
	if _, calling := d.inFlight.Load(id); !ok || calling {
		return nil
	}
	var standing Standing
	err = ErrCannotTell
	found, _, failed := d.find(ctx, open.Provider)
	if failed != nil {
		return failed
	}
	if found != nil {
		standing, err = found.Status(ctx, Inquiry{
			Reference: open.Reference, ProviderID: open.ProviderID, To: state.To.Reveal(), Attempted: open.At,
		})
	}
	if err != nil && timedOut {
		var refused *NotAccepted
		if !errors.As(err, &refused) {
			err = &NotAccepted{Class: "unknown", Code: "doubt_ran_out"}
		}
	}
	return d.record(context.WithoutCancel(ctx), origin, id, open.Number, standing.Accepted, err)
}

// obsolete returns why a queued message must not be sent any more, "" if it must.
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
	case state.Channel == message.SMS:
		if reason, err := d.unwanted(ctx, state, who); err != nil || reason != "" {
			return reason, err
		}
	}
	if state.Appointment.IsZero() {
		return "", nil
	}
	return outdated(ctx, d.Engine, state.Kind, state.Appointment, state.Sequence)
}

// unwanted returns why a text must not go to its number any more, "" if it may. It asks for the number in the text,
// which the client may no longer have.
func (d *Dispatcher) unwanted(ctx context.Context, state message.State, who client.State) (string, error) {
	to := state.To.Reveal()
	if holds, err := d.OptOuts.HoldsFor(ctx, who, d.OptOuts.Number(state.Account, to)); err != nil || holds {
		return "opted_out", err
	}
	return domain.TakesTexts(to), nil
}

// giveUp ends a message without another attempt. It is suppressed if there was no attempt, and failed otherwise.
func (d *Dispatcher) giveUp(ctx context.Context, origin commands.Origin, state message.State, reason string) error {
	if n := len(state.Attempts); n > 0 {
		last := state.Attempts[n-1]
		_, err := d.Engine.Do(ctx, origin, message.RejectAttempt{
			Message: state.Message, Attempt: last.Number, Class: last.Class, Code: reason, Fault: last.Fault, Final: true,
		})
		return ignoreEnded(err)
	}
	_, err := d.Engine.Do(ctx, origin, message.Suppress{Message: state.Message, Reason: reason})
	return ignoreEnded(err)
}

// choose returns the first provider of the route that is enabled and did not refuse this message, nil if there is
// none. A refusal because the provider was busy does not count.
func (d *Dispatcher) choose(ctx context.Context, state message.State) (Provider, string, error) {
	order, err := d.order(ctx, state.Country)
	if err == nil {
		order, err = d.inServiceFirst(ctx, order, state)
	}
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
		found, enabled, err := d.find(ctx, name)
		if err != nil {
			return nil, "", err
		}
		if found != nil && enabled {
			return found, name, nil
		}
	}
	return nil, "", nil
}

// find returns a registered provider, nil if its kind is unknown here, and whether it may get new texts.
func (d *Dispatcher) find(ctx context.Context, name string) (Provider, bool, error) {
	known, _, err := commands.Load(ctx, d.Engine, provider.Decider, provider.Stream(name))
	if err != nil || known.Kind == "" {
		return nil, false, err
	}
	if d.Providers == nil {
		return nil, false, nil
	}
	return d.Providers.Find(name, known), known.Enabled(), nil
}

// order returns the providers of a country, in order. A country without its own route has that of all others.
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

// ignoreEnded drops the refusals of a message or an attempt that another worker has ended.
func ignoreEnded(err error) error {
	for _, expected := range []error{message.ErrOver, message.ErrOpen, message.ErrNumber, message.ErrAccepted} {
		if errors.Is(err, expected) {
			return nil
		}
	}
	return err
}
