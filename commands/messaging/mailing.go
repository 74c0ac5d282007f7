package messaging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

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

// maxDelays is how many times the mail system may put an email off: about two days.
const maxDelays = 100

// delayAfter returns how long an email waits after the mail system put it off for this time, counted from 1.
func delayAfter(attempt int) time.Duration {
	return min(time.Duration(attempt*attempt)*time.Minute, 30*time.Minute)
}

// mail sends an email that was queued.
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
	return d.SendMail(ctx, origin, id)
}

// SendMail submits an email to the mail system, if it is queued. What the mail system puts off is tried again by
// RetryMail. After a crash before the record the email is submitted again: see Mailer.
func (d *Dispatcher) SendMail(ctx context.Context, origin commands.Origin, id domain.MessageID) error {
	if _, sending := d.inFlight.LoadOrStore(id, true); sending {
		return nil
	}
	defer d.inFlight.Delete(id)
	state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil || state.Channel != message.Email || state.Status() != message.Queued {
		return err
	}
	now := d.Engine.Now()
	if now.Before(state.ScheduledFor) { // another email about the appointment has just gone: RetryMail sends this one
		return nil
	}
	if reason, err := d.obsolete(ctx, state); err != nil || reason != "" {
		return errors.Join(err, d.giveUpMail(ctx, origin, state, reason))
	}
	mail, err := d.compose(ctx, state)
	if err != nil {
		return fmt.Errorf("write the page of message %s: %w", id, err)
	}
	mail.At = now
	err = d.Mailer.Mail(ctx, mail)
	var refused *MailRefused
	switch {
	case errors.As(err, &refused):
		return d.refuseMail(context.WithoutCancel(ctx), origin, state, *refused)
	case err != nil:
		return fmt.Errorf("mail message %s: %w", id, err)
	}
	_, err = d.Engine.Do(context.WithoutCancel(ctx), origin, message.Mailed{Message: id, At: now})
	return ignoreEnded(err)
}

// giveUpMail ends an email that must not be sent any more. One that was put off has failed for the reason that it was
// put off for.
func (d *Dispatcher) giveUpMail(
	ctx context.Context, origin commands.Origin, state message.State, reason string,
) (err error) {
	switch {
	case reason == "":
		return nil
	case reason == "too_late" && state.Delays > 0:
		_, err = d.Engine.Do(ctx, origin, message.FailMail{Message: state.Message, Code: state.DelayCode})
	default:
		_, err = d.Engine.Do(ctx, origin, message.Suppress{Message: state.Message, Reason: reason})
	}
	return ignoreEnded(err)
}

// refuseMail records that the mail system did not accept an email. If there is no time left to try again, it failed.
func (d *Dispatcher) refuseMail(
	ctx context.Context, origin commands.Origin, state message.State, refused MailRefused,
) (err error) {
	attempt := state.Delays + 1
	until := d.Engine.Now().Add(delayAfter(attempt))
	if refused.Permanent || attempt > maxDelays || !until.Before(state.UsefulUntil) {
		_, err = d.Engine.Do(ctx, origin, message.FailMail{Message: state.Message, Code: refused.Code})
		return ignoreEnded(err)
	}
	_, err = d.Engine.Do(ctx, origin, message.DelayMail{
		Message: state.Message, Attempt: attempt, Code: refused.Code, Until: until,
	})
	return ignoreEnded(err)
}

// WaitingMails returns the emails that were queued before a time and wait for nothing after now, alerts first, then the
// longest waiting.
type WaitingMails interface {
	MailsWaiting(ctx context.Context, queued, now time.Time, limit int) ([]WaitingMail, error)
}

// WaitingMail is an email that the mail system put off, or that nobody has sent yet.
type WaitingMail struct {
	Message  domain.MessageID
	Account  domain.AccountID
	Attempts int
}

// RetryMail sends the emails that wait: those that the mail system put off until now, and those that were queued more
// than a minute ago and not sent. It is called apart from RetryWaiting, so a slow mail server does not hold up texts.
// It returns how many it acted on. It continues after an error and returns all errors joined; an email that cannot be
// composed is put off like any other.
func (d *Dispatcher) RetryMail(ctx context.Context, waiting WaitingMails) (int, error) {
	now := d.Engine.Now()
	rows, err := waiting.MailsWaiting(ctx, now.Add(-time.Minute), now, maxDue)
	if err != nil {
		return 0, err
	}
	acted := 0
	var failures []error
	for _, row := range rows {
		if ctx.Err() != nil {
			break
		}
		origin := commands.ForAccount(row.Account, domain.Actor{ID: "retrying", Channel: "policy"}).
			WithID(domain.DeriveUUID("retry", row.Message, row.Attempts)).WithCause(uuid.Nil, row.Message.UUID)
		if err := d.SendMail(ctx, origin, row.Message); err != nil {
			failures = append(failures, fmt.Errorf("waiting email %s: %w", row.Message, err))
			failures = append(failures, d.delayFault(ctx, origin, row.Message))
			continue
		}
		acted++
	}
	return acted, errors.Join(failures...)
}

// delayFault puts off an email that could not be composed, so that it is not tried every second.
func (d *Dispatcher) delayFault(ctx context.Context, origin commands.Origin, id domain.MessageID) error {
	state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if err != nil || state.Status() != message.Queued || ctx.Err() != nil {
		return err
	}
	return d.refuseMail(ctx, origin, state, MailRefused{Code: "fault"})
}

// compose returns the email of a message. A client sees it come from the account, whose name they know, and a reply
// goes there.
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
	if page.Attachments == nil {
		if page.Attachments, err = d.invite(ctx, state); err != nil {
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
		mail.FromName, mail.ReplyTo = owner.Name.Reveal(), owner.Email.Reveal()
	}
	return mail, nil
}
