package messaging

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// Barring opts out a number when a provider reports that its owner wants no texts. The block list of a provider does
// not travel to another one, so without this a failover would text somebody who said STOP.
type Barring struct {
	Engine  *commands.Engine
	OptOuts commands.OptOuts
}

// Handler returns the handler of what providers report.
func (b Barring) Handler() commands.Handler {
	return commands.Handler{
		Name: "barring", React: b.react, Types: domain.NamesOf(message.SmsAttemptFailed{}, message.DeliveryReported{}),
	}
}

func (b Barring) react(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	var fault message.Fault
	switch e := r.Event.(type) {
	case message.SmsAttemptFailed:
		fault = e.Fault
	case message.DeliveryReported:
		fault = e.Fault
	default:
		return domain.Unexpected(r)
	}
	if fault != message.FaultOptedOut {
		return nil
	}
	id, err := domain.ParseID[domain.MessageID](r.Stream.Key())
	if err != nil {
		return err
	}
	text, _, err := commands.Load(ctx, b.Engine, message.Decider, message.Stream(id))
	if err != nil || text.To.Reveal() == "" { // it was erased
		return err
	}
	_, err = b.OptOuts.OutNumber(ctx, origin, text.Account, text.To.Reveal())
	return err
}
