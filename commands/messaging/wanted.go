package messaging

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
)

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
	if state.Kind != message.KindOptOut { // the client waits for that one, and gets it once
		holds, err := d.OptOuts.HoldsFor(ctx, who, d.OptOuts.Number(state.Account, to))
		if err != nil || holds {
			return "opted_out", err
		}
	}
	if reason := domain.TakesTexts(to); reason != "" {
		return reason, nil
	}
	return d.beyondLimits(ctx, state)
}

// beyondLimits returns the limit that a text would break, "" if there is none. They bound what somebody can spend who
// stole a key, or who has numbers that share the price of a text with the caller.
func (d *Dispatcher) beyondLimits(ctx context.Context, state message.State) (string, error) {
	answers := state.Kind == message.KindOptOut || state.Kind == message.KindAnswer // somebody who got a text
	if state.Appointment.IsZero() && !answers {
		return "no_appointment", nil
	}
	owner, _, err := commands.Load(ctx, d.Engine, account.Decider, account.Stream(state.Account))
	if err != nil || !owner.Texts(state.Country) {
		return "country_not_allowed", err
	}
	if d.Limits == nil {
		return "", nil
	}
	return d.Limits.Exceeded(ctx, owner, state, d.Engine.Now())
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
