package alerts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/policy/alerting"
)

// Operators are told what concerns the installation. Without an address they are not.
type Operators struct {
	Email  string
	Mailer messaging.Mailer
}

// Handlers returns the handlers of alerts that follow an event at once.
func (a *Alerts) Handlers() []commands.Handler {
	return []commands.Handler{
		{Name: "alerting", React: a.react, Types: domain.NamesOf(
			credit.LowBalanceWarned{}, message.MailFailed{}, message.MailBounced{}, outage.OutageDetected{},
			outage.OutageCleared{},
		)},
	}
}

func (a *Alerts) react(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case credit.LowBalanceWarned:
		return a.tellCredits(ctx, origin, r, e)
	case message.MailFailed:
		return a.escalate(ctx, origin, e.Message, e.Code)
	case message.MailBounced:
		return a.escalate(ctx, origin, e.Message, e.Code)
	case outage.OutageDetected:
		return a.report(ctx, r, fmt.Sprintf("Outage of %s", e.Label()), fmt.Sprintf(
			"%s is out since about %s. Cause: %s. Of %d messages, %d failed and %d are without a receipt for too long.",
			e.Label(), clock(e.ChangePoint), e.Cause, e.Evidence.Messages, e.Evidence.Failed, e.Evidence.Silent))
	case outage.OutageCleared:
		outages, err := a.Outages.Lost(ctx)
		confirmed := slices.ContainsFunc(outages, func(o alerting.Outage) bool { return o.ID == e.ID })
		if err != nil || !confirmed { // it was only suspected
			return err
		}
		return a.report(ctx, r, fmt.Sprintf("End of the outage of %s", e.Label()),
			fmt.Sprintf("%s works again since %s.", e.Label(), clock(e.At)))
	default:
		return domain.Unexpected(r)
	}
}

func clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// report writes to the operators about the installation. The email has the id of the event, so it is sent once.
func (a *Alerts) report(ctx context.Context, r domain.Recorded, title, text string) error {
	if a.Operators.Email == "" {
		return nil
	}
	return a.Operators.Mailer.Mail(ctx, messaging.Mail{
		Reference: domain.DeriveUUID("operators", r.ID).String(), To: a.Operators.Email, Subject: title,
		Body: text + "\n", HTML: messaging.HTML("en", title, text), At: a.Engine.Now(), Urgent: true,
	})
}

// escalate tells the operators that an alert did not reach its account, so that somebody calls there.
func (a *Alerts) escalate(ctx context.Context, origin commands.Origin, id domain.MessageID, code string) error {
	lost, _, err := commands.Load(ctx, a.Engine, message.Decider, message.Stream(id))
	if err != nil || lost.Alert.About == "" || lost.Alert.About == message.AboutAlert || a.Operators.Email == "" {
		return err
	}
	owner, _, err := commands.Load(ctx, a.Engine, account.Decider, account.Stream(lost.Account))
	if err != nil {
		return err
	}
	key := domain.DeriveID[domain.MessageID]("alert", string(message.AboutAlert), id)
	text := fmt.Sprintf("An alert did not reach account %s (%s): %s. It is about: %s. The mail system says: %s.\n\n"+
		"Please call there. Their phone number in ClickBook: %s",
		owner.Name.Reveal(), lost.Account, lost.To.Reveal(), lost.Alert.About, code, owner.Phone.Reveal())
	_, err = a.Engine.Do(ctx, origin, message.QueueNotice{
		Message: key, Kind: "alert", Alert: message.Alert{About: message.AboutAlert, Failed: id},
		Letter: message.Letter{
			Account: lost.Account, Channel: message.Email, To: domain.Secret(a.Operators.Email),
			Title: domain.Secret("An alert did not reach its account"), Text: domain.Secret(text),
			ScheduledFor: a.Engine.Now(), UsefulUntil: a.Engine.Now().Add(outageUseful),
		},
	})
	return err
}
