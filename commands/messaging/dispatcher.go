// Package messaging queues reminders and agendas, submits messages to providers and the mail system, and records
// their outcome. It calls providers through the interface Provider.
package messaging

import (
	"context"
	"errors"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/lanes"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/policy/reminding"
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
	// Lanes shares the workers between accounts; nil sends at once, as a simulation must.
	Lanes *lanes.Lanes[domain.AccountID]
	// Unreceipted finds the texts of an outage; nil means that none is sent again.
	Unreceipted Unreceipted
	Limits      *NumberLimits // nil means that a number gets any number of texts

	inFlight  sync.Map // ids of the messages for which a provider or the mail system is being called now
	scheduled scheduled
	calls     calls // in progress, by provider
}

// Handlers returns the handlers of dispatching.
func (d *Dispatcher) Handlers() []commands.Handler {
	return []commands.Handler{
		{Name: "dispatching", React: d.dispatch, Types: domain.NamesOf(
			credit.CreditsHeld{}, credit.HoldWaived{}, credit.HoldRefused{},
			message.SmsAttempted{}, message.SmsSent{}, message.SmsAttemptFailed{},
		)},
		{Name: "resending", React: d.resend, Types: domain.NamesOf(outage.OutageDetected{})},
		{Name: "falling back", React: d.fallBack, Types: domain.NamesOf(message.SmsFailed{}, message.MessageSuppressed{})},
		{Name: "mailing", React: d.mail, Types: domain.NamesOf(message.ReminderQueued{}, message.NoticeQueued{})},
	}
}

func (d *Dispatcher) dispatch(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case credit.CreditsHeld:
		return d.sendPaid(ctx, origin, e.Account, e.Message)
	case credit.HoldWaived:
		return d.sendPaid(ctx, origin, e.Account, e.Message)
	case credit.HoldRefused:
		return d.suppressUnpaid(ctx, origin, e.Message)
	case message.SmsAttempted: // the call may have crashed: ask the provider
		return d.Resolve(ctx, origin, e.Message, false)
	case message.SmsSent: // a late receipt may accept one attempt while a duplicate of it is in doubt
		return d.Resolve(ctx, origin, e.Message, false)
	case message.SmsAttemptFailed:
		if e.Class == message.Transient {
			return nil // RetryWaiting sends it again when the provider has had time
		}
		return d.sendAgain(ctx, origin, e.Message)
	default:
		return domain.Unexpected(r)
	}
}

// sendPaid sends a message of an account by their ids as credit events write them.
func (d *Dispatcher) sendPaid(ctx context.Context, origin commands.Origin, account, id string) error {
	parsed, err := domain.ParseID[domain.MessageID](id)
	if err != nil {
		return err
	}
	owner, err := domain.ParseID[domain.AccountID](account)
	if err != nil {
		return err
	}
	return d.schedule(ctx, owner, parsed, func(ctx context.Context) error { return d.Send(ctx, origin, parsed) })
}

// sendAgain sends a text that a provider did not accept.
func (d *Dispatcher) sendAgain(ctx context.Context, origin commands.Origin, id domain.MessageID) error {
	state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil {
		return err
	}
	return d.schedule(ctx, state.Account, id, func(ctx context.Context) error { return d.Send(ctx, origin, id) })
}

// schedule does work on a message when it is the turn of its account. Work that is lost in a crash is found again by
// RetryWaiting.
func (d *Dispatcher) schedule(ctx context.Context, owner domain.AccountID, id domain.MessageID, work lanes.Work) error {
	if d.Lanes == nil {
		return work(ctx)
	}
	if !d.scheduled.begin(id, work) {
		return nil
	}
	added := d.Lanes.Add(owner, func(ctx context.Context) error {
		err := work(ctx)
		if errors.Is(err, lanes.ErrLater) {
			return err
		}
		if next := d.scheduled.end(id); next != nil {
			err = errors.Join(err, d.schedule(ctx, owner, id, next))
		}
		return err
	})
	if !added {
		d.scheduled.end(id)
	}
	return nil
}

// scheduled are the messages whose work waits or is in progress. Work that comes meanwhile is done after it: it follows
// an event that the work in progress may not know.
type scheduled struct {
	mu   sync.Mutex
	next map[domain.MessageID]lanes.Work // nil: nothing has come meanwhile
}

// begin reports whether the work is the only one on the message. If not, end returns it later.
func (s *scheduled) begin(id domain.MessageID, work lanes.Work) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, waits := s.next[id]; waits {
		s.next[id] = work
		return false
	}
	if s.next == nil {
		s.next = make(map[domain.MessageID]lanes.Work)
	}
	s.next[id] = nil
	return true
}

// has reports whether work on the message waits or is in progress.
func (s *scheduled) has(id domain.MessageID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, waits := s.next[id]
	return waits
}

// end returns the work that came meanwhile, nil for none.
func (s *scheduled) end(id domain.MessageID) lanes.Work {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.next[id]
	delete(s.next, id)
	return next
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
// has not refused the text yet. It returns lanes.ErrLater if the provider has enough calls in progress.
func (d *Dispatcher) Send(ctx context.Context, origin commands.Origin, id domain.MessageID) error {
	state, err := commands.LoadCurrent(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil || state.Status() != message.Queued || state.Channel != message.SMS {
		return err
	}
	if paid, err := d.paid(ctx, state); err != nil || !paid {
		return err // its credits are not held yet, or were refused
	}
	switch reason, err := d.obsolete(ctx, state); {
	case err != nil: // it says nothing about the text, which is tried again
		return err
	case reason != "":
		return d.giveUp(ctx, origin, state, reason)
	}
	if rests, err := d.rest(ctx, origin, state); err != nil || rests {
		return err
	}
	chosen, err := d.choose(ctx, state)
	switch {
	case err != nil:
		return err
	case chosen.Provider == nil && len(state.Attempts) == 0:
		return nil // no provider serves the country now: the text waits for one, until it is too late
	case chosen.Provider == nil:
		return d.giveUp(ctx, origin, state, "no_provider")
	}
	return d.attempt(ctx, origin, state, chosen, state.InDoubt())
}

// attempt submits a text to a provider and records what it returns.
func (d *Dispatcher) attempt(
	ctx context.Context, origin commands.Origin, state message.State, chosen choice, duplicate bool,
) error {
	if !d.calls.begin(chosen.name) {
		return lanes.ErrLater
	}
	defer d.calls.end(chosen.name)
	id, number := state.Message, state.NextAttempt()
	d.inFlight.Store(id, true) // before the attempt is recorded: its handler must not ask the provider during the call
	defer d.inFlight.Delete(id)
	claim, err := d.Engine.Run(ctx, origin, message.StartAttempt{
		Message: id, Attempt: number, Provider: chosen.name, Country: state.Country,
		Reference: ReferenceOf(id, number), Sender: chosen.sender, At: d.Engine.Now(), PossibleDuplicate: duplicate,
	})
	if err != nil || len(claim.Events) == 0 {
		return ignoreEnded(err) // another worker made this attempt
	}
	accepted, err := chosen.Send(ctx, Text{
		Reference: ReferenceOf(id, number), From: chosen.sender, To: state.To.Reveal(), Country: state.Country,
		Body: state.Text.Reveal(), ValidUntil: state.UsefulUntil,
	})
	if refused := (*NotAccepted)(nil); !errors.As(err, &refused) { // the client may get it
		d.Limits.Count(state.To.Reveal(), d.Engine.Now())
	}
	return d.record(context.WithoutCancel(ctx), origin, id, number, accepted, err)
}

// paid reports whether a text may be sent: its price is held, or a refund window that is already known makes it free.
func (d *Dispatcher) paid(ctx context.Context, state message.State) (bool, error) {
	// A remembered state may be older than the event that brought us here, and nobody would ask again.
	credits, err := commands.LoadCurrent(ctx, d.Engine, credit.Decider, credit.StreamOf(state.Account))
	charge, _ := credits.Charge(state.Message.String())
	return charge.Stage == credit.Held || charge.Stage == credit.QueuedNoHold, err
}
