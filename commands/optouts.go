package commands

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/optout"
)

// Fingerprints makes keyed hashes.
type Fingerprints interface {
	// Fingerprint returns a keyed hash of a text, the same each time.
	Fingerprint(text string) [16]byte
}

// OptOuts keeps who wants no texts. An opt-out belongs to an account and a phone number, and holds for every client
// with that number. A client without a number opts out for themselves.
type OptOuts struct {
	Engine *Engine
	Keys   Fingerprints
}

// Number returns the id of a phone number in an account. The key stays in the keyring, so nobody else can find the
// number by trying all, and the same number has another id in another account.
func (o OptOuts) Number(account domain.AccountID, e164 string) domain.NumberID {
	if e164 == "" {
		return domain.NumberID{}
	}
	return domain.NumberID{UUID: o.Keys.Fingerprint("opt-out\x00" + account.String() + "\x00" + e164)}
}

// Run runs one command, as Engine.Run or Engine.RunAt.
type Run func(cmd domain.Command) (Outcome, error)

// Out opts a client and their number out. Run receives the command to the client. It is run first, because it may be
// refused; Holds counts it until the number's own record follows.
func (o OptOuts) Out(ctx context.Context, origin Origin, id domain.ClientID, run Run) (Outcome, error) {
	state, _, err := Load(ctx, o.Engine, client.Decider, client.Stream(id))
	if err != nil {
		return Outcome{}, err
	}
	number := o.Number(state.Account, state.Phone.Reveal())
	outcome, err := run(client.OptOut{Client: id, Number: number})
	if err != nil || number.IsZero() {
		return outcome, err
	}
	return o.follow(ctx, origin, outcome, optout.OptOut{Number: number, Account: state.Account})
}

// In opts a client and their number in again, and with it every client who has the number.
func (o OptOuts) In(ctx context.Context, origin Origin, id domain.ClientID, run Run) (Outcome, error) {
	outcome, err := run(client.OptIn{Client: id})
	if err != nil {
		return outcome, err
	}
	state, _, err := Load(ctx, o.Engine, client.Decider, client.Stream(id))
	number := o.Number(state.Account, state.Phone.Reveal())
	if err != nil || number.IsZero() {
		return outcome, err
	}
	return o.follow(ctx, origin, outcome, optout.OptIn{Number: number, Account: state.Account})
}

// OutNumber opts a number out of an account, whoever has it.
func (o OptOuts) OutNumber(ctx context.Context, origin Origin, account domain.AccountID, e164 string) (Outcome, error) {
	return o.Engine.Run(ctx, origin, optout.OptOut{Number: o.Number(account, e164), Account: account})
}

// InNumber lets an account send texts to a number again.
func (o OptOuts) InNumber(ctx context.Context, origin Origin, account domain.AccountID, e164 string) (Outcome, error) {
	return o.Engine.Run(ctx, origin, optout.OptIn{Number: o.Number(account, e164), Account: account})
}

// HoldsNumber reports whether a number is opted out of an account.
func (o OptOuts) HoldsNumber(ctx context.Context, account domain.AccountID, e164 string) (bool, error) {
	state, _, err := LoadKnown(ctx, o.Engine, optout.Decider, optout.Stream(o.Number(account, e164)))
	return state.OptedOut, err
}

// follow runs the command to the number after that to the client. The outcome is the client's, at the later position.
func (o OptOuts) follow(
	ctx context.Context, origin Origin, outcome Outcome, cmd domain.Command,
) (Outcome, error) {
	second, err := o.Engine.Run(ctx, origin, cmd)
	if second.Position.Compare(outcome.Position) > 0 {
		outcome.Position = second.Position
	}
	return outcome, err
}

// Holds reports whether a client wants no texts now. It reads the streams, not a read model, so an opt-out that is
// recorded holds at once.
func (o OptOuts) Holds(ctx context.Context, who client.State) (bool, error) {
	number := o.Number(who.Account, who.Phone.Reveal())
	return o.HoldsFor(ctx, who, number)
}

// HoldsFor is Holds for a text to a number that is already written down, whatever number the client has now.
func (o OptOuts) HoldsFor(ctx context.Context, who client.State, number domain.NumberID) (bool, error) {
	if who.OptedOut && who.OptedOutNumber.IsZero() {
		return true, nil
	}
	if number.IsZero() {
		return false, nil
	}
	state, _, err := Load(ctx, o.Engine, optout.Decider, optout.Stream(number))
	follows := who.OptedOut && who.OptedOutNumber == number && !state.Known // a crash before the number's own record
	return state.OptedOut || follows, err
}
