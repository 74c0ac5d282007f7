package messaging

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/noticing"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

// fallBack queues an email in place of a text that failed, if there is still time to read it.
func (d *Dispatcher) fallBack(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	switch r.Event.(type) {
	case message.SmsFailed, message.MessageSuppressed: // both name the text by their stream
	default:
		return domain.Unexpected(r)
	}
	id, err := domain.ParseID[domain.MessageID](r.Stream.Key())
	if err != nil {
		return err
	}
	text, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil || !reminding.FallsBack(text, d.Engine.Now()) || text.Client.IsZero() || text.Appointment.IsZero() {
		return err
	}
	who, err := loadParties(ctx, d.Engine, text.Account, text.Appointment)
	if err != nil || who.client.Erased || who.client.Email.Reveal() == "" {
		return err
	}
	if reason, err := outdated(ctx, d.Engine, text.Kind, text.Appointment, text.Sequence); err != nil || reason != "" {
		return err
	}
	if current, ok := who.appointment.Current(); ok && text.UsefulUntil.IsZero() { // it was never queued
		text.UsefulUntil = current.Visit.Start
	}
	mail, err := d.replacement(ctx, origin, who, text)
	if err != nil || mail.IsZero() {
		return err
	}
	_, err = d.Engine.Do(ctx, origin, message.Replace{Message: text.Message, By: mail})
	return err
}

// replacement returns the email in place of a text. The first of these that there is: an email about the visit that
// went out in the last hour; the email of a rule that is due in the next hour, which it queues now; another one that
// it queues for this text.
func (d *Dispatcher) replacement(
	ctx context.Context, origin commands.Origin, who parties, text message.State,
) (domain.MessageID, error) {
	facts, err := planning{d.Engine, d.OptOuts, d.Quiet}.facts(ctx, who, text.Appointment, text.Sequence)
	if err != nil {
		return domain.MessageID{}, err
	}
	now := d.Engine.Now()
	id := reminding.FallbackID(text)
	for _, planned := range reminding.Plan(facts) {
		sent, due, err := d.mailOf(ctx, facts, planned, text.Message)
		switch {
		case text.Rule == "": // a notice says something else than a reminder
		case err != nil:
			return domain.MessageID{}, err
		case !sent.IsZero():
			return sent, nil
		case due:
			id = planned.Message
			text.Rule = planned.Rule
		}
	}
	if mail, err := d.noticeByMail(ctx, text); err != nil || !mail.IsZero() {
		return mail, err
	}
	kind := text.Kind
	if text.Rule != "" {
		kind = "reminder"
	}
	title, body, err := composing{d.Engine, d.Links}.forClient(ctx, who, text.Appointment, kind, message.Email)
	if err != nil {
		return domain.MessageID{}, err
	}
	mail := reminding.Letter{To: who.client.Email, Title: domain.Secret(title), Text: domain.Secret(body)}
	command, ok := reminding.Fallback(id, text, mail, now)
	if !ok {
		return domain.MessageID{}, nil
	}
	_, err = d.Engine.Do(ctx, origin, command)
	return id, err
}

// noticeByMail returns the id of the email that says the same as the text of a notice, zero if there is none.
func (d *Dispatcher) noticeByMail(ctx context.Context, text message.State) (domain.MessageID, error) {
	if text.Rule != "" {
		return domain.MessageID{}, nil
	}
	id := noticing.MessageID(noticing.Change{
		Appointment: text.Appointment, Sequence: text.Sequence, Client: text.Client,
	}, text.Kind, message.Email, domain.ResourceID{})
	mail, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil || !mail.Exists() || mail.Reason != "" {
		return domain.MessageID{}, err
	}
	return id, nil
}

// mailOf looks for an email about the visit of a planned reminder. It returns the id of one that went out in the last
// hour, as that reminder or in place of its text, and reports whether the reminder itself is an email that is due
// within an hour of now and not queued yet. Instead is the text in whose place it goes, also if that was asked before.
func (d *Dispatcher) mailOf(
	ctx context.Context, facts reminding.Facts, planned reminding.Reminder, instead domain.MessageID,
) (sent domain.MessageID, due bool, err error) {
	now, none := d.Engine.Now(), domain.MessageID{}
	text, _, err := commands.Load(ctx, d.Engine, message.Decider,
		message.Stream(reminding.MessageID(facts, planned.Rule, message.SMS)))
	if err != nil {
		return none, false, err
	}
	mail := reminding.MessageID(facts, planned.Rule, message.Email)
	for _, id := range []domain.MessageID{mail, text.Fallback} {
		state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
		if err != nil {
			return none, false, err
		}
		went := state.Status() == message.Queued || state.Status() == message.Sent
		again := state.Exists() && state.Replaces == instead
		if again || state.Channel == message.Email && went && reminding.SameHour(state.ScheduledFor, now) {
			return id, false, nil
		}
		if state.Exists() && id == mail {
			return none, false, nil
		}
	}
	due = planned.Channel == message.Email && planned.Suppressed == "" && reminding.SameHour(planned.DueAt, now)
	return none, due, nil
}
