package messaging

import (
	"context"
	"slices"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/noticing"
	"github.com/clickbook/clickbook/domain/service"
)

// Invitation is what the calendar file of an email says (RFC 5546). A calendar program recognises the visit by UID,
// takes the highest Sequence, and removes it if it is cancelled.
type Invitation struct {
	UID         string
	Sequence    int
	Cancelled   bool      // METHOD:CANCEL; METHOD:REQUEST otherwise
	Stamp       time.Time // the same whenever the email is written
	Start, End  time.Time
	Zone        string // IANA, of the visit
	Summary     string
	Description string
	Organizer   Party // the account; its Email may be ""
	Attendee    Party // who gets the email
}

// Party is somebody in a calendar file.
type Party struct{ Name, Email string }

// Invite writes the calendar file of an invitation.
type Invite func(Invitation) (Attachment, error)

// invite returns the calendar file of an email about a visit, none for an email about something else.
func (d *Dispatcher) invite(ctx context.Context, state message.State) ([]Attachment, error) {
	about := state.Rule != "" || slices.Contains(inviting, state.Kind)
	if d.Invite == nil || state.Appointment.IsZero() || !about {
		return nil, nil
	}
	who, err := loadParties(ctx, d.Engine, state.Account, state.Appointment)
	if err != nil {
		return nil, err
	}
	visit, found := visitOf(who.appointment, state)
	if !found {
		return nil, nil
	}
	booked, _, err := commands.Load(ctx, d.Engine, service.Decider, service.Stream(who.appointment.Service))
	if err != nil {
		return nil, err
	}
	invitation := Invitation{
		UID: state.Appointment.String(), Sequence: visit.Sequence, Cancelled: state.Kind == noticing.Cancellation,
		Stamp: state.ScheduledFor, Start: visit.Visit.Start, End: visit.Visit.End, Zone: visit.Visit.Zone,
		Summary:     booked.Name + " (" + who.account.Name.Reveal() + ")",
		Description: state.Text.Reveal(),
		Organizer:   Party{who.account.Name.Reveal(), who.account.Email.Reveal()},
		Attendee:    Party{who.client.Name.Reveal(), state.To.Reveal()},
	}
	if !state.Staff.IsZero() {
		invitation.Summary = booked.Name + ": " + who.client.Name.Reveal()
		invitation.Attendee.Name, err = nameOf(ctx, d.Engine, state.Staff)
	}
	if err != nil {
		return nil, err
	}
	file, err := d.Invite(invitation)
	return []Attachment{file}, err
}

// inviting are the kinds of notices that have a calendar file. A visit that was declined was in no calendar.
var inviting = []string{noticing.Confirmation, noticing.Move, noticing.Approval, noticing.Cancellation}

// visitOf returns the visit that an email is about, with the SEQUENCE to send: the one in force, even if a change of
// the zone's rules has moved it since, or the one that a cancellation or a move ended.
func visitOf(now appointment.State, mail message.State) (appointment.Attempt, bool) {
	if mail.Kind != noticing.Cancellation {
		return now.Current()
	}
	for _, attempt := range slices.Backward(now.Attempts) {
		if attempt.Outcome == appointment.OutcomeSuperseded && attempt.Sequence < mail.Sequence {
			attempt.Sequence = mail.Sequence
			return attempt, true
		}
	}
	return appointment.Attempt{}, false
}
