package messaging

import (
	"context"
	"errors"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
)

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
			Final: endsWith(*refused, attempt),
		})
	default:
		return d.doubt(ctx, origin, id, attempt)
	}
	return ignoreEnded(err)
}

// doubt leaves an attempt open whose outcome is unknown, until Resolve. Where another attempt was accepted, it ends
// now: nothing waits for its outcome, and while it is open, the text could not fail when the other one does not
// arrive. A receipt can still prove that it was accepted.
func (d *Dispatcher) doubt(ctx context.Context, origin commands.Origin, id domain.MessageID, attempt int) error {
	state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil || !state.Accepted() {
		return err
	}
	_, err = d.Engine.Do(ctx, origin, message.RejectAttempt{
		Message: id, Attempt: attempt, Class: message.Unexplained, Code: message.DoubtRanOut,
	})
	return ignoreEnded(err)
}

// maxTransient is how many attempts at a text a provider gets that is busy for a reason it does not say.
const maxTransient = 3

// maxAttempts is how many attempts at a text there are.
const maxAttempts = 10

// endsWith reports whether no attempt follows a rejection. A provider that says why it cannot take a text now gets it
// again as long as the text is useful.
func endsWith(refused NotAccepted, attempt int) bool {
	switch {
	case refused.Class == message.Permanent, attempt >= maxAttempts:
		return true
	case refused.Class == message.Unexplained && refused.Code == message.DoubtRanOut:
		return refused.final
	}
	return refused.Class == message.Transient && refused.Fault == "" && attempt >= maxTransient
}

// Resolve asks the provider for the outcome of an open attempt and records it. If the provider cannot tell, the
// attempt stays in doubt. If timedOut is set it fails, and so does the text, unless the account allows another attempt
// although the client may then get the text twice.
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
			again, failed := d.allowsDuplicates(ctx, state.Account)
			if failed != nil {
				return failed
			}
			err = &NotAccepted{Class: message.Unexplained, Code: message.DoubtRanOut, final: !again}
		}
	}
	ctx = context.WithoutCancel(ctx)
	if err := d.record(ctx, origin, id, open.Number, standing.Accepted, err); err != nil || standing.Receipt.State == "" {
		return err
	}
	_, err = Receive(ctx, d.Engine, standing.Receipt)
	return err
}

// allowsDuplicates reports whether the account accepts that a client may get a text twice.
func (d *Dispatcher) allowsDuplicates(ctx context.Context, id domain.AccountID) (bool, error) {
	owner, _, err := commands.Load(ctx, d.Engine, account.Decider, account.Stream(id))
	return owner.Limits.PossibleDuplicates, err
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
