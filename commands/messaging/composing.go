package messaging

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/noticing"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// Links returns the link by which a client sees, moves or cancels an appointment, "" if there is none. A nil Links
// returns none.
type Links func(ctx context.Context, id domain.AppointmentID) (string, error)

// composing writes the texts of messages about an appointment.
type composing struct {
	engine *commands.Engine
	links  Links
}

// forClient fills the account's template for a kind of message on a channel, or the default one, with the latest visit
// of the appointment.
func (c composing) forClient(
	ctx context.Context, who parties, id domain.AppointmentID, kind, channel string,
) (title, text string, err error) {
	var own message.Own
	own.Title, own.Text = who.account.Template(kind, channel)
	return c.fill(ctx, who, id, kind, channel, own)
}

// fill is forClient with given templates.
func (c composing) fill(
	ctx context.Context, who parties, id domain.AppointmentID, kind, channel string, own message.Own,
) (title, text string, err error) {
	words, err := c.words(ctx, who, who.appointment.Latest().Visit, channel, domain.ResourceID{})
	if err == nil && c.links != nil {
		words.Manage, err = c.links(ctx, id)
	}
	if err != nil {
		return "", "", err
	}
	return message.Compose(kind, channel, who.account.Locale, own, words)
}

// forStaff writes the email of a notice about a visit to a member of staff.
func (c composing) forStaff(
	ctx context.Context, who parties, notice noticing.Notice, visit appointment.Visit,
) (title, text string, err error) {
	words, err := c.words(ctx, who, visit, notice.Channel, notice.Staff)
	if err != nil {
		return "", "", err
	}
	return message.ComposeForStaff(notice.Kind, who.account.Locale, words, who.client.Phone.Reveal())
}

// words returns the values of the placeholders for a visit. With is the resource to name, zero for the visit's first.
func (c composing) words(
	ctx context.Context, who parties, visit appointment.Visit, channel string, with domain.ResourceID,
) (words domain.Words, err error) {
	zone, err := domain.ParseZone(visit.Zone) // the zone that the visit was agreed in
	if err != nil {
		return words, err
	}
	start := availability.Promised(visit.Local, visit.Zone, visit.Start)
	booked, _, err := commands.Load(ctx, c.engine, service.Decider, service.Stream(who.appointment.Service))
	if err != nil {
		return words, err
	}
	words = domain.Words{
		Client: who.client.Name.Reveal(), Service: booked.Name, Account: who.account.Name.Reveal(),
		Date: message.WriteDate(start, zone, who.account.Locale, channel), Time: message.WriteTime(start, zone),
	}
	if with.IsZero() && len(visit.Legs) > 0 {
		with = visit.Legs[0].Resource
	}
	if !with.IsZero() {
		words.Resource, err = nameOf(ctx, c.engine, with)
	}
	return words, err
}

// nameOf returns the name of a resource.
func nameOf(ctx context.Context, e *commands.Engine, id domain.ResourceID) (string, error) {
	state, _, err := commands.Load(ctx, e, resource.Decider, resource.Stream(id))
	return state.Name.Reveal(), err
}
