package messaging

import (
	"context"
	"fmt"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// mail hands an email to the mail system. Mailing the same message twice leaves one email, so it can be repeated after
// a crash between the mailing and its record.
func (d *Dispatcher) mail(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
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
		return unlessOver(err)
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
	return unlessOver(err)
}
