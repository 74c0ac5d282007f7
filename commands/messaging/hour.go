package messaging

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

// rest defers or ends a text that may not be sent at this hour, and reports whether it did. It is the last question
// before every attempt, because a text may have waited for a provider, a retry or the end of an outage, and the client
// or the account may have changed zone since it was queued.
func (d *Dispatcher) rest(ctx context.Context, origin commands.Origin, state message.State) (bool, error) {
	if state.Kind == message.KindOptOut || state.Kind == message.KindAnswer {
		return false, nil // the client has just written
	}
	owner, _, err := commands.Load(ctx, d.Engine, account.Decider, account.Stream(state.Account))
	if err != nil {
		return false, err
	}
	who := parties{account: owner}
	if over, err := d.overtaken(ctx, origin, state); err != nil || over {
		return over, err
	}
	if d.Engine.Now().Before(state.ScheduledFor) { // another text about the appointment has just gone
		_, err := d.Engine.Do(ctx, origin, message.Defer{Message: state.Message, Until: state.ScheduledFor})
		return true, ignoreEnded(err)
	}
	if !state.Client.IsZero() {
		who.client, _, err = commands.Load(ctx, d.Engine, client.Decider, client.Stream(state.Client))
		if err != nil {
			return false, err
		}
	}
	zone, err := who.zone()
	if err != nil {
		return false, err
	}
	hour := d.Quiet.Hour(d.Engine.Now(), state.UsefulUntil, zone, who.client.Email.Reveal() != "")
	switch {
	case hour.Suppress != "":
		return true, d.giveUp(ctx, origin, state, hour.Suppress)
	case !hour.Wait.IsZero():
		_, err := d.Engine.Do(ctx, origin, message.Defer{Message: state.Message, Until: hour.Wait})
		return true, ignoreEnded(err)
	}
	return false, nil
}

// overtaken suppresses a text that waited through the quiet time until another text about its visit became due, and
// reports whether it did.
func (d *Dispatcher) overtaken(ctx context.Context, origin commands.Origin, state message.State) (bool, error) {
	if state.Until.IsZero() || state.Rule == "" {
		return false, nil
	}
	who, err := loadParties(ctx, d.Engine, state.Account, state.Appointment)
	if err != nil {
		return false, err
	}
	facts, err := planning{d.Engine, d.OptOuts, d.Quiet}.facts(ctx, who, state.Appointment, state.Sequence)
	if err != nil || !reminding.Overtaken(state, reminding.Plan(facts), d.Engine.Now()) {
		return false, err
	}
	_, err = d.Engine.Do(ctx, origin, message.Suppress{Message: state.Message, Reason: reminding.SameMinute})
	return true, ignoreEnded(err)
}
