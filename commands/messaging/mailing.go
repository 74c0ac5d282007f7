package messaging

import (
	"context"
	"fmt"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
)

// Page is what an email says and carries.
type Page struct {
	Text            string
	HTML            string // a whole document; "" to make it from Text
	Attachments     []Attachment
	ListUnsubscribe string // see Mail
	Urgent          bool
}

// Pages writes the pages of notices that the log does not keep, by their kind. An agenda names many clients, and its
// text in the log would outlive the erasure of any of them.
type Pages map[string]func(ctx context.Context, state message.State) (Page, error)

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
	now := d.Engine.Now()
	mail, err := d.compose(ctx, state)
	if err != nil {
		return fmt.Errorf("write the page of message %s: %w", id, err)
	}
	mail.At = now
	if err := d.Mailer.Mail(ctx, mail); err != nil {
		return fmt.Errorf("mail message %s: %w", id, err)
	}
	_, err = d.Engine.Do(context.WithoutCancel(ctx), origin, message.Mailed{Message: id, At: now})
	return ignoreEnded(err)
}

// compose returns the email of a message. A client sees it come from the account, whose name they know.
func (d *Dispatcher) compose(ctx context.Context, state message.State) (Mail, error) {
	owner, _, err := commands.Load(ctx, d.Engine, account.Decider, account.Stream(state.Account))
	if err != nil {
		return Mail{}, err
	}
	page := Page{Text: state.Text.Reveal()}
	if write, ok := d.Pages[state.Kind]; ok {
		if page, err = write(ctx, state); err != nil {
			return Mail{}, err
		}
	}
	if page.HTML == "" {
		page.HTML = HTML(owner.Locale, state.Title.Reveal(), page.Text)
	}
	mail := Mail{
		Reference: state.Message.String(), To: state.To.Reveal(), Subject: state.Title.Reveal(),
		Body: page.Text, HTML: page.HTML, Attachments: page.Attachments, ListUnsubscribe: page.ListUnsubscribe,
		Urgent: page.Urgent,
	}
	if !state.Client.IsZero() {
		mail.FromName = owner.Name.Reveal()
	}
	return mail, nil
}
