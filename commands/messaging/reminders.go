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
	"github.com/clickbook/clickbook/domain/policy/noticing"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

// maxDue bounds how many due reminders or waiting messages are read at once.
const maxDue = 500

// DueReminder is a reminder that a read model has due. It is checked again before anything is sent.
type DueReminder struct {
	Message     domain.MessageID
	Account     domain.AccountID
	Appointment domain.AppointmentID
	Sequence    int
	Rule        string
	Channel     string
	DueAt       time.Time
	Suppressed  string // why it was planned not to be sent; "" if it is to be
}

// DueReminders returns the reminders due before an instant, earliest first, then by message: those up to the limit, and
// the others of the same visits. A reminder is due until its message is queued or suppressed.
type DueReminders interface {
	DueBefore(ctx context.Context, now time.Time, limit int) ([]DueReminder, error)
}

// Reminders queues the reminders that are due. It checks everything again on the aggregates, so no reminder of a
// cancelled or moved appointment is queued, however late the read model is.
type Reminders struct {
	Engine *commands.Engine
	Due    DueReminders
	Quiet  reminding.Quiet

	OptOuts commands.OptOuts
	Links   Links
}

// QueueDue queues or suppresses the reminders that are due now and returns how many there were. The caller must
// update the read model before the next call. It continues after an error and returns all errors joined.
func (r *Reminders) QueueDue(ctx context.Context) (int, error) {
	due, err := r.Due.DueBefore(ctx, r.Engine.Now(), maxDue)
	if err != nil {
		return 0, err
	}
	var failures []error
	for _, visit := range byVisit(due) {
		if err := r.queueVisit(ctx, visit); err != nil {
			failures = append(failures, fmt.Errorf("reminders of appointment %s: %w", visit[0].Appointment, err))
		}
	}
	return len(due), errors.Join(failures...)
}

// byVisit groups reminders by their visit, in the order in which the first of each is due.
func byVisit(due []DueReminder) (visits [][]DueReminder) {
	type visit struct {
		appointment domain.AppointmentID
		sequence    int
	}
	at := make(map[visit]int)
	for _, one := range due {
		key := visit{one.Appointment, one.Sequence}
		i, known := at[key]
		if !known {
			i, visits = len(visits), append(visits, nil)
			at[key] = i
		}
		visits[i] = append(visits[i], one)
	}
	return visits
}

// queueVisit queues or suppresses the reminders of one visit. Of those that go by one channel in this minute it sends
// one. It suppresses the others first, so that a crash in between sends no second message.
func (r *Reminders) queueVisit(ctx context.Context, due []DueReminder) error {
	who, facts, err := r.facts(ctx, due[0])
	if err != nil {
		return err
	}
	gone, err := outdated(ctx, r.Engine, "", due[0].Appointment, due[0].Sequence)
	if err != nil {
		return err
	}
	var failures []error
	var current []reminding.Reminder
	rows := make(map[string]DueReminder) // by rule
	for _, one := range due {
		now, found := planOf(facts, one.Rule)
		reason := gone
		switch {
		case one.Suppressed != "" && !reminding.MayChange(one.Suppressed):
			reason = one.Suppressed
		case gone == "" && !found:
			reason = "rule_removed"
		}
		if reason == "" {
			current, rows[one.Rule] = append(current, now), one
			continue
		}
		failures = append(failures, r.suppress(ctx, originOf(one), facts, plannedOf(one), reason))
	}
	sent, beaten := reminding.Meet(current, r.Engine.Now())
	for _, now := range append(beaten, sent...) {
		failures = append(failures, r.queue(ctx, who, facts, rows[now.Rule], now))
	}
	return errors.Join(failures...)
}

func originOf(due DueReminder) commands.Origin {
	return commands.ForAccount(due.Account, domain.Actor{ID: "reminding", Channel: "policy"}).
		WithID(domain.DeriveUUID("reminder", due.Message)).WithCause(uuid.Nil, due.Appointment.UUID)
}

func plannedOf(due DueReminder) reminding.Reminder {
	return reminding.Reminder{Message: due.Message, Rule: due.Rule, Channel: due.Channel, DueAt: due.DueAt}
}

// queue settles a reminder as it is planned now. If it goes by another channel than it was due by, the one that was
// due is suppressed, and a text names the email in its place. This comes last: it ends the reminder in the read model.
func (r *Reminders) queue(
	ctx context.Context, who parties, facts reminding.Facts, due DueReminder, now reminding.Reminder,
) error {
	origin, instead := originOf(due), domain.MessageID{}
	if now.Message != due.Message && due.Channel == message.SMS {
		instead = due.Message
	}
	waits, err := r.settle(ctx, origin, who, facts, now, instead)
	if err != nil || waits || now.Message == due.Message {
		return err
	}
	if err := r.suppress(ctx, origin, facts, plannedOf(due), facts.Reach.Unreached(due.Channel)); err != nil {
		return err
	}
	if instead.IsZero() || now.Suppressed != "" {
		return nil
	}
	_, err = r.Engine.Do(ctx, origin, message.Replace{Message: instead, By: now.Message})
	return err
}

// settle queues a reminder that is due, or suppresses or defers it. It reports whether the reminder is still to come.
// Instead is the text in whose place an email goes.
func (r *Reminders) settle(
	ctx context.Context, origin commands.Origin, who parties, facts reminding.Facts, which reminding.Reminder,
	instead domain.MessageID,
) (waits bool, err error) {
	if reason := r.unsendable(facts, which); reason != "" {
		return false, r.suppress(ctx, origin, facts, which, reason)
	}
	told, err := r.justTold(ctx, who, facts, which)
	if err != nil {
		return false, err
	}
	if told {
		return false, r.suppress(ctx, origin, facts, which, reminding.SameMinute)
	}
	if which.Channel == message.SMS {
		hour := r.Quiet.Hour(r.Engine.Now(), which.UsefulUntil, facts.Zone, facts.Reach.Email)
		if hour.Suppress != "" {
			return false, r.suppress(ctx, origin, facts, which, hour.Suppress)
		}
		if !hour.Wait.IsZero() {
			_, err := r.Engine.Do(ctx, origin, reminding.Defer(facts, which, hour.Wait))
			return true, ignoreEnded(err)
		}
	}
	letter, err := r.write(ctx, who, facts, which)
	letter.Replaces = instead
	if err == nil {
		queue := message.QueueReminder{Message: which.Message, Letter: letter, Rule: which.Rule}
		_, err = r.Engine.Do(ctx, origin, queue)
	}
	if _, refused := domain.AsRefusal(err); refused { // for example the template made the text too long
		err = r.suppress(ctx, origin, facts, which, "letter_refused")
	}
	return false, err
}

// unsendable returns why a reminder that is due is not sent at all, "" if it is.
func (r *Reminders) unsendable(facts reminding.Facts, which reminding.Reminder) string {
	if which.Suppressed == "" && !r.Engine.Now().Before(which.UsefulUntil) {
		return "too_late"
	}
	return which.Suppressed
}

// planOf returns the reminder that a rule plans from the facts, or false if the rule is gone.
func planOf(facts reminding.Facts, rule string) (reminding.Reminder, bool) {
	for _, reminder := range reminding.Plan(facts) {
		if reminder.Rule == rule {
			return reminder, true
		}
	}
	return reminding.Reminder{}, false
}

// suppress records why a reminder is not sent. Without a reason it does nothing.
func (r *Reminders) suppress(
	ctx context.Context, origin commands.Origin, facts reminding.Facts, which reminding.Reminder, why string,
) error {
	if why == "" {
		return nil
	}
	_, err := r.Engine.Do(ctx, origin, reminding.Suppress(facts, which, why))
	return ignoreEnded(err)
}

// parties are the aggregates that a message is about.
type parties struct {
	account     account.State
	client      client.State
	appointment appointment.State
}

// facts loads what the plan of a reminder depends on. Its visit is the current one.
func (r *Reminders) facts(ctx context.Context, due DueReminder) (parties, reminding.Facts, error) {
	who, err := loadParties(ctx, r.Engine, due.Account, due.Appointment)
	if err != nil {
		return who, reminding.Facts{}, err
	}
	facts, err := planning{r.Engine, r.OptOuts, r.Quiet}.facts(ctx, who, due.Appointment, due.Sequence)
	return who, facts, err
}

// planning is what a plan needs beside the parties of its messages.
type planning struct {
	engine  *commands.Engine
	optOuts commands.OptOuts
	quiet   reminding.Quiet
}

// facts returns what the plan of the current visit depends on. What a number takes is looked up each time, because
// numbering plans change.
func (p planning) facts(
	ctx context.Context, who parties, id domain.AppointmentID, sequence int,
) (reminding.Facts, error) {
	facts := reminding.Facts{
		Account: who.appointment.Account, Client: who.appointment.Client, Appointment: id, Sequence: sequence,
		Rules: who.account.Rules, Quiet: p.quiet, Country: who.client.Country,
	}
	if current, ok := who.appointment.Current(); ok {
		facts.Start = current.Visit.Start
	}
	phone := who.client.Phone.Reveal()
	optedOut, err := p.optOuts.Holds(ctx, who.client)
	if err != nil {
		return facts, err
	}
	facts.Reach = reminding.Reach{
		Phone: phone != "", Email: who.client.Email.Reveal() != "", OptedOut: optedOut, Erased: who.client.Erased,
		NoTexts: domain.TakesTexts(phone),
	}
	facts.Zone, err = who.zone()
	return facts, err
}

// zone returns the zone of the client, or of the account if the client has none.
func (p parties) zone() (*time.Location, error) {
	if p.client.Zone != "" {
		return domain.ParseZone(p.client.Zone)
	}
	return domain.ParseZone(p.account.Zone)
}

// loadParties loads the appointment as it is now: a handler may come before the engine remembers the event that it
// handles, and another node may have changed it.
func loadParties(
	ctx context.Context, e *commands.Engine, of domain.AccountID, id domain.AppointmentID,
) (who parties, err error) {
	if who.account, _, err = commands.Load(ctx, e, account.Decider, account.Stream(of)); err != nil {
		return who, err
	}
	who.appointment, err = commands.LoadCurrent(ctx, e, appointment.Decider, appointment.StreamOf(id))
	if err != nil {
		return who, err
	}
	who.client, _, err = commands.Load(ctx, e, client.Decider, client.Stream(who.appointment.Client))
	return who, err
}

// write composes a reminder from the account's template.
func (r *Reminders) write(
	ctx context.Context, who parties, facts reminding.Facts, which reminding.Reminder,
) (message.Letter, error) {
	title, text, err := composing{r.Engine, r.Links}.forClient(ctx, who, facts.Appointment, "reminder", which.Channel)
	if err != nil {
		return message.Letter{}, err
	}
	prices := message.PricesInForce()
	letter := message.Letter{
		Account: facts.Account, Client: facts.Client, Appointment: facts.Appointment, Sequence: facts.Sequence,
		Channel: which.Channel, To: who.client.Phone, Country: who.client.Country,
		Title: domain.Secret(title), Text: domain.Secret(text),
		UnitPrice: prices.UnitPrice(who.client.Country), PriceList: prices.Version,
		ScheduledFor: r.Engine.Now(), UsefulUntil: which.UsefulUntil,
	}
	if which.Channel == message.Email {
		letter.To = who.client.Email
	}
	return letter, nil
}

// outdated returns why a message about a sequence of an appointment must not be sent, "" if it must. Kind is that of a
// notice, "" for a reminder.
func outdated(
	ctx context.Context, e *commands.Engine, kind string, id domain.AppointmentID, sequence int,
) (string, error) {
	state, err := commands.LoadCurrent(ctx, e, appointment.Decider, appointment.StreamOf(id))
	if err != nil {
		return "", err
	}
	return stale(kind, sequence, state), nil
}

// stale returns why a message about a sequence of an appointment is out of date, "" if it is not.
func stale(kind string, sequence int, now appointment.State) string {
	standing := now.Status == appointment.StatusBooked || now.Status == appointment.StatusArrived
	switch {
	case kind == noticing.Decline:
		return ""
	case kind == noticing.Cancellation && standing && sequence < now.Sequence:
		return "reinstated"
	case kind == noticing.Cancellation:
		return ""
	case !standing:
		return "cancelled"
	case sequence < now.Promised || sequence > now.Sequence: // in between, the local time is the same
		return "moved"
	}
	return ""
}
