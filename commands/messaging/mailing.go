package messaging

import (
	"context"
	"fmt"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// mail submits an email to the mail system. After a crash before its record it submits the email again, which sends
// one email.
func (d *Dispatcher) mail(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	switch r.Event.(type) {
	case message.ReminderQueued, message.NoticeQueued: // both name the message by their stream
	default:
		return domain.Unexpected(r)
	}
	id, err := domain.ParseID[domain.MessageID](r.Stream.Key())
	if err != nil {
		return err
	}
	state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil || state.Channel != message.Email || state.Status() != message.Queued {
		return err
	}
	if reason, err := d.obsolete(ctx, state); err != nil || reason != "" {
		if err != nil {
			return err
		}
		_, err = d.Engine.Do(ctx, origin, message.Suppress{Message: id, Reason: reason})
		return ignoreEnded(err)
	}
	body := state.Text.Reveal()
	if state.Kind == "agenda" {
		if body, err = d.Page(ctx, state); err != nil {
			return fmt.Errorf("write the page of message %s: %w", id, err)
		}
	}
	now := d.Engine.Now()
	err = d.Mailer.Mail(ctx, Mail{
		Reference: id.String(), To: state.To.Reveal(), Subject: state.Title.Reveal(), Body: body, At: now,
	})
	if err != nil {
		return fmt.Errorf("mail message %s: %w", id, err)
	}
	_, err = d.Engine.Do(context.WithoutCancel(ctx), origin, message.Mailed{Message: id, At: now})
	return ignoreEnded(err)
}
