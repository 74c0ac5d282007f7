package messaging

import (
	"context"
	"errors"
	"slices"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/noticing"
	"github.com/clickbook/clickbook/domain/policy/reminding"
	"github.com/clickbook/clickbook/domain/resource"
)

// Notices tells clients and staff what happened to an appointment, as the account's settings say.
type Notices struct {
	Engine  *commands.Engine
	OptOuts commands.OptOuts
	Quiet   reminding.Quiet
	Links   Links
}

// Handler returns the handler of notices. Package noticing decides who is told.
func (n *Notices) Handler() commands.Handler {
	return commands.Handler{Name: "noticing", React: n.react, Types: domain.NamesOf(
		appointment.Booked{}, appointment.Rescheduled{}, appointment.Reinstated{}, appointment.Cancelled{},
		appointment.Declined{},
	)}
}

func (n *Notices) react(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	switch r.Event.(type) { // all name the appointment by their stream
	case appointment.Booked, appointment.Rescheduled, appointment.Reinstated, appointment.Cancelled, appointment.Declined:
	default:
		return domain.Unexpected(r)
	}
	owner, _, err := commands.Load(ctx, n.Engine, account.Decider, account.Stream(r.Meta.Account))
	if err != nil || !owner.Open || owner.Notices == (account.Notices{}) {
		return err
	}
	id, err := domain.ParseID[domain.AppointmentID](r.Stream.Key())
	if err != nil {
		return err
	}
	who, err := loadParties(ctx, n.Engine, r.Meta.Account, id)
	if err != nil {
		return err
	}
	change, told := noticing.ChangeOf(r, who.appointment)
	if !told || stale(change.Kind, change.Sequence, who.appointment) != "" {
		return nil // what has changed it since has its own notice
	}
	return n.tell(ctx, origin, who, change)
}

// tell queues the notices of a change, or records why one is not sent.
func (n *Notices) tell(ctx context.Context, origin commands.Origin, who parties, change noticing.Change) error {
	facts, err := planning{n.Engine, n.OptOuts, n.Quiet}.facts(ctx, who, change.Appointment, change.Sequence)
	if err != nil {
		return err
	}
	addresses, err := n.addresses(ctx, change)
	if err != nil {
		return err
	}
	plan := noticing.Plan(noticing.Facts{
		Change: change, Now: n.Engine.Now(), Notices: who.account.Notices, Reach: facts.Reach, Zone: facts.Zone,
		Quiet: n.Quiet, Mailed: slices.Collect(addresses.ids),
	})
	var failures []error
	for _, notice := range plan {
		failures = append(failures, n.settle(ctx, origin, who, change, notice, addresses[notice.Staff]))
	}
	return errors.Join(failures...)
}

// addresses are the email addresses of staff.
type addresses map[domain.ResourceID]domain.Private

func (a addresses) ids(yield func(domain.ResourceID) bool) {
	for id := range a {
		if !yield(id) {
			return
		}
	}
}

func (n *Notices) addresses(ctx context.Context, change noticing.Change) (addresses, error) {
	found := make(addresses)
	for _, id := range slices.Concat(change.Staff, change.Left) {
		state, _, err := commands.Load(ctx, n.Engine, resource.Decider, resource.Stream(id))
		if err != nil {
			return nil, err
		}
		if state.Email.Reveal() != "" {
			found[id] = state.Email
		}
	}
	return found, nil
}

// settle queues a notice or suppresses it.
func (n *Notices) settle(
	ctx context.Context, origin commands.Origin, who parties, change noticing.Change, notice noticing.Notice,
	to domain.Private,
) error {
	origin = origin.WithID(domain.DeriveUUID(origin.ID(), notice.Message))
	suppress := message.Suppress{Message: notice.Message, Reason: notice.Suppressed, About: message.About{
		Account: change.Account, Client: change.Client, Staff: notice.Staff, Appointment: change.Appointment,
		Sequence: change.Sequence, Kind: notice.Kind, Channel: notice.Channel, Country: who.client.Country,
	}}
	if notice.Suppressed == "" {
		letter, err := n.write(ctx, who, change, notice, to)
		if err == nil {
			_, err = n.Engine.Do(ctx, origin, message.QueueNotice{Message: notice.Message, Kind: notice.Kind, Letter: letter})
		}
		if _, refused := domain.AsRefusal(err); !refused { // a template may make the text too long
			return err
		}
		suppress.Reason = "letter_refused"
	}
	_, err := n.Engine.Do(ctx, origin, suppress)
	return ignoreEnded(err)
}

// write composes a notice to the client, or to a member of staff at an address.
func (n *Notices) write(
	ctx context.Context, who parties, change noticing.Change, notice noticing.Notice, to domain.Private,
) (message.Letter, error) {
	compose := composing{n.Engine, n.Links}
	var title, text string
	var err error
	if notice.Staff.IsZero() {
		title, text, err = compose.forClient(ctx, who, change.Appointment, notice.Kind, notice.Channel)
	} else {
		title, text, err = compose.forStaff(ctx, who, notice, change.VisitOf(notice))
	}
	if err != nil {
		return message.Letter{}, err
	}
	at, err := n.turn(ctx, who, change, notice)
	if err != nil {
		return message.Letter{}, err
	}
	prices := message.PricesInForce()
	letter := message.Letter{
		Account: change.Account, Client: change.Client, Staff: notice.Staff, Appointment: change.Appointment,
		Sequence: change.Sequence, Channel: notice.Channel, To: to, Title: domain.Secret(title), Text: domain.Secret(text),
		Country: who.client.Country, UnitPrice: prices.UnitPrice(who.client.Country), PriceList: prices.Version,
		ScheduledFor: at, UsefulUntil: change.VisitOf(notice).Start,
	}
	switch {
	case !notice.Staff.IsZero():
	case notice.Channel == message.SMS:
		letter.To = who.client.Phone
	default:
		letter.To = who.client.Email
	}
	return letter, nil
}
