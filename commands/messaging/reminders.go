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
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// remindersAtOnce bounds how many due reminders are asked for in one question.
const remindersAtOnce = 500

// DueReminder is one row of what is due: a wake-up call, not a decision.
type DueReminder struct {
	Message     domain.MessageID
	Account     domain.AccountID
	Appointment domain.AppointmentID
	Sequence    int
	Rule        string
	Channel     string
	DueAt       time.Time
	Suppressed  string // why it will not be sent, decided when it was planned; "" when it will
}

// DueReminders answers what is due before an instant, soonest first, then by message. Rows vanish when their
// message is queued or suppressed.
type DueReminders interface {
	DueBefore(ctx context.Context, now time.Time, limit int) ([]DueReminder, error)
}

// Reminders queues the reminders whose time has come. Everything is checked again on the aggregates themselves,
// so a cancelled or moved appointment is never reminded of, however late the read model is.
type Reminders struct {
	Engine *commands.Engine
	Due    DueReminders
	Quiet  reminding.Quiet
}

// QueueDue works through what is due now and answers how many reminders that was. The caller brings the read
// model up to date between two calls.
func (r *Reminders) QueueDue(ctx context.Context) (int, error) {
	due, err := r.Due.DueBefore(ctx, r.Engine.Now(), remindersAtOnce)
	if err != nil {
		return 0, err
	}
	var failures []error
	for _, one := range due {
		origin := commands.ForAccount(one.Account, domain.Actor{ID: "reminding", Channel: "policy"}).
			WithID(domain.DeriveUUID("reminder", one.Message)).WithCause(uuid.Nil, one.Appointment.UUID)
		if err := r.queue(ctx, origin, one); err != nil { // it must not keep the others from theirs
			failures = append(failures, fmt.Errorf("reminder %s of appointment %s: %w", one.Rule, one.Appointment, err))
		}
	}
	return len(due), errors.Join(failures...)
}

func (r *Reminders) queue(ctx context.Context, origin commands.Origin, due DueReminder) error {
	who, facts, err := r.facts(ctx, due)
	if err != nil {
		return err
	}
	planned := reminding.Reminder{Message: due.Message, Rule: due.Rule, Channel: due.Channel, DueAt: due.DueAt}
	if due.Suppressed != "" {
		return r.suppress(ctx, origin, facts, planned, due.Suppressed)
	}
	if reason, err := standsNoMore(ctx, r.Engine, due.Appointment, due.Sequence); err != nil || reason != "" {
		return errors.Join(err, r.suppress(ctx, origin, facts, planned, reason))
	}
	now, found := planOf(facts, due.Rule)
	switch {
	case !found:
		return r.suppress(ctx, origin, facts, planned, "rule_removed")
	case now.Message != due.Message: // it goes another way than was planned
		if err := r.suppress(ctx, origin, facts, planned, "no_address"); err != nil {
			return err
		}
	}
	switch {
	case now.Suppressed != "":
		return r.suppress(ctx, origin, facts, now, now.Suppressed)
	case !r.Engine.Now().Before(now.UsefulUntil):
		return r.suppress(ctx, origin, facts, now, "too_late")
	}
	letter, err := r.write(ctx, who, facts, now)
	if err == nil {
		_, err = r.Engine.Do(ctx, origin, message.QueueReminder{Message: now.Message, Letter: letter, Rule: now.Rule})
	}
	if _, refused := domain.AsRefusal(err); refused { // such as a text that the template made too long
		return r.suppress(ctx, origin, facts, now, "letter_refused")
	}
	return err
}

func planOf(facts reminding.Facts, rule string) (reminding.Reminder, bool) {
	for _, reminder := range reminding.Plan(facts) {
		if reminder.Rule == rule {
			return reminder, true
		}
	}
	return reminding.Reminder{}, false
}

func (r *Reminders) suppress(
	ctx context.Context, origin commands.Origin, facts reminding.Facts, which reminding.Reminder, why string,
) error {
	if why == "" {
		return nil
	}
	_, err := r.Engine.Do(ctx, origin, reminding.Suppress(facts, which, why))
	return unlessOver(err)
}

// parties are the aggregates a reminder speaks of.
type parties struct {
	account     account.State
	client      client.State
	appointment appointment.State
}

// facts loads what the plan depends on. The visit is the one that stands.
func (r *Reminders) facts(ctx context.Context, due DueReminder) (parties, reminding.Facts, error) {
	who, err := loadParties(ctx, r.Engine, due.Account, due.Appointment)
	if err != nil {
		return who, reminding.Facts{}, err
	}
	facts := reminding.Facts{
		Account: due.Account, Client: who.appointment.Client, Appointment: due.Appointment, Sequence: due.Sequence,
		Rules: who.account.Rules, Quiet: r.Quiet,
		Reach: reminding.Reach{
			Phone: who.client.Phone.Reveal() != "", Email: who.client.Email.Reveal() != "",
			OptedOut: who.client.OptedOut, Erased: who.client.Erased,
		},
	}
	if standing, ok := who.appointment.Current(); ok {
		facts.Start = standing.Visit.Start
	}
	facts.Zone, err = who.zone()
	return who, facts, err
}

// zone is where the client's clock stands: their own, else the account's.
func (p parties) zone() (*time.Location, error) {
	if p.client.Zone != "" {
		return domain.ParseZone(p.client.Zone)
	}
	return domain.ParseZone(p.account.Zone)
}

func loadParties(
	ctx context.Context, e *commands.Engine, of domain.AccountID, id domain.AppointmentID,
) (who parties, err error) {
	if who.account, _, err = commands.Load(ctx, e, account.Decider, account.Stream(of)); err != nil {
		return who, err
	}
	if who.appointment, _, err = commands.Load(ctx, e, appointment.Decider, appointment.StreamOf(id)); err != nil {
		return who, err
	}
	who.client, _, err = commands.Load(ctx, e, client.Decider, client.Stream(who.appointment.Client))
	return who, err
}

// write composes the letter in the account's words, for the client's clock.
func (r *Reminders) write(
	ctx context.Context, who parties, facts reminding.Facts, which reminding.Reminder,
) (message.Letter, error) {
	title, text, err := composeFor(ctx, r.Engine, who, "reminder", which.Channel)
	if err != nil {
		return message.Letter{}, err
	}
	letter := message.Letter{
		Account: facts.Account, Client: facts.Client, Appointment: facts.Appointment, Sequence: facts.Sequence,
		Channel: which.Channel, To: who.client.Phone, Country: who.client.Country,
		Title: domain.Secret(title), Text: domain.Secret(text),
		UnitPrice:    message.UnitPrice(who.client.Country),
		ScheduledFor: r.Engine.Now(), UsefulUntil: which.UsefulUntil,
	}
	if which.Channel == message.Email {
		letter.To = who.client.Email
	}
	return letter, nil
}

// composeFor fills the account's template, or ours, with the words of the visit that stands.
func composeFor(ctx context.Context, e *commands.Engine, who parties, kind, channel string) (title, text string, err error) {
	standing, _ := who.appointment.Current()
	visit := standing.Visit
	zone, err := domain.ParseZone(visit.Zone) // the wall clock of the visit is the promise
	if err != nil {
		return "", "", err
	}
	booked, _, err := commands.Load(ctx, e, service.Decider, service.Stream(who.appointment.Service))
	if err != nil {
		return "", "", err
	}
	words := domain.Words{
		Client: who.client.Name.Reveal(), Service: booked.Name, Account: who.account.Name.Reveal(),
		Date: message.WriteDate(visit.Start, zone, who.account.Locale), Time: message.WriteTime(visit.Start, zone),
	}
	if len(visit.Legs) > 0 {
		with, _, err := commands.Load(ctx, e, resource.Decider, resource.Stream(visit.Legs[0].Resource))
		if err != nil {
			return "", "", err
		}
		words.Resource = with.Name.Reveal()
	}
	own := who.account.Template(kind, channel)
	return message.Compose(kind, channel, who.account.Locale, own, words)
}

// standsNoMore says why a reminder of this revision of an appointment must not go out, "" when it must.
func standsNoMore(ctx context.Context, e *commands.Engine, id domain.AppointmentID, sequence int) (string, error) {
	state, _, err := commands.Load(ctx, e, appointment.Decider, appointment.StreamOf(id))
	switch {
	case err != nil:
		return "", err
	case state.Status != appointment.StatusBooked && state.Status != appointment.StatusArrived:
		return "cancelled", nil
	case state.Sequence != sequence:
		return "moved", nil
	}
	return "", nil
}
