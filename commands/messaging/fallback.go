package messaging

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
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
	if reason, err := outdated(ctx, d.Engine, text.Appointment, text.Sequence); err != nil || reason != "" {
		return err
	}
	if current, ok := who.appointment.Current(); ok && text.UsefulUntil.IsZero() { // it was never queued
		text.UsefulUntil = current.Visit.Start
	}
	kind := text.Kind
	if text.Rule != "" {
		kind = "reminder"
	}
	title, body, err := composeFor(ctx, d.Engine, who, kind, message.Email)
	if err != nil {
		return err
	}
	mail := reminding.Letter{To: who.client.Email, Title: domain.Secret(title), Text: domain.Secret(body)}
	if command, ok := reminding.Fallback(text, mail, d.Engine.Now()); ok {
		_, err = d.Engine.Do(ctx, origin, command)
	}
	return err
}
