package messaging

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
)

// rest defers or ends a text that may not be sent at this hour, and reports whether it did. It is the last question
// before every attempt, because a text may have waited for a provider, a retry or the end of an outage, and the client
// or the account may have changed zone since it was queued.
func (d *Dispatcher) rest(ctx context.Context, origin commands.Origin, state message.State) (bool, error) {
	owner, _, err := commands.Load(ctx, d.Engine, account.Decider, account.Stream(state.Account))
	if err != nil {
		return false, err
	}
	who := parties{account: owner}
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
