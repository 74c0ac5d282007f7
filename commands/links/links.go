// Package links makes and opens signed links: a client sees, confirms, moves or cancels an appointment by one, and the
// staff mark a client as contacted by one. Whoever has the link has that right and no other. A link is short enough for
// a text, ends a day after the visit, and can be revoked. The package serves no page.
package links

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
)

// validAfter is how long a link is valid after the end of the visit.
const validAfter = 24 * time.Hour

// The addresses of the pages, which a token follows.
const (
	ManagePath    = "/m/"
	ContactedPath = "/c/"
	KeepPath      = "/k/"
	BookPath      = "/book/" // a name or the id of an account follows
)

// ErrLink refuses every token that is not valid: one that is malformed, forged, revoked or expired, or one of something
// that was erased. The reason is not told, because a stranger could learn from it what exists.
var ErrLink = domain.Refuse(domain.Unknown, "link_invalid",
	"this link is not valid, or no longer; ask the business for a new one")

// Keys authenticates tokens.
type Keys interface {
	// LinkMAC returns a keyed authentication code, the same each time.
	LinkMAC(link []byte) [16]byte
}

// Links makes links and opens them.
type Links struct {
	Engine *commands.Engine
	Keys   Keys
	Base   string // what every link begins with, without a slash at its end: "https://book.example.org"
}

// Manage returns the link by which a client manages an appointment. It follows the appointment: a move keeps it valid.
// It returns appointment.ErrUnknown for one that does not exist.
func (l Links) Manage(ctx context.Context, id domain.AppointmentID) (string, error) {
	state, err := l.appointment(ctx, id)
	if err == nil && !state.Exists() {
		err = appointment.ErrUnknown
	}
	if err != nil {
		return "", err
	}
	return l.Base + ManagePath + l.sign(token{manage, state.Links, id.UUID}), nil
}

// Contacted returns the link by which somebody marks the client of a message as contacted. It returns
// message.ErrUnknown for a message that does not exist, or is about no appointment.
func (l Links) Contacted(ctx context.Context, id domain.MessageID) (string, error) {
	about, _, err := commands.Load(ctx, l.Engine, message.Decider, message.Stream(id))
	if err != nil {
		return "", err
	}
	state, err := l.appointment(ctx, about.Appointment)
	if err == nil && (!about.Exists() || !state.Exists()) {
		err = message.ErrUnknown
	}
	if err != nil {
		return "", err
	}
	return l.Base + ContactedPath + l.sign(token{contacted, state.Links, id.UUID}), nil
}

// Managed is the appointment that a link manages, with the states on which the decision rested that it is valid.
type Managed struct {
	ID          domain.AppointmentID
	Appointment appointment.State
	Account     account.State
	Client      client.State
}

// OpenManage returns the appointment of a token, or ErrLink.
func (l Links) OpenManage(ctx context.Context, text string) (Managed, error) {
	opened, ok := l.verify(text, manage)
	if !ok {
		return Managed{}, ErrLink
	}
	return l.open(ctx, domain.AppointmentID{UUID: opened.id}, opened.generation)
}

// Row is the row of a call sheet that a link ends.
type Row struct {
	Message domain.MessageID
	State   message.State
	About   Managed
}

// OpenContacted returns the message of a token, or ErrLink.
func (l Links) OpenContacted(ctx context.Context, text string) (Row, error) {
	opened, ok := l.verify(text, contacted)
	if !ok {
		return Row{}, ErrLink
	}
	row := Row{Message: domain.MessageID{UUID: opened.id}}
	var err error
	if row.State, _, err = commands.Load(ctx, l.Engine, message.Decider, message.Stream(row.Message)); err != nil {
		return Row{}, err
	}
	row.About, err = l.open(ctx, row.State.Appointment, opened.generation)
	return row, err
}

// open returns an appointment if the links of a generation are valid now, or ErrLink.
func (l Links) open(ctx context.Context, id domain.AppointmentID, generation int) (of Managed, err error) {
	of.ID = id
	if of.Appointment, err = l.appointment(ctx, id); err != nil {
		return Managed{}, err
	}
	state := of.Appointment
	ends := state.Latest().Visit.End.Add(validAfter)
	if !state.Exists() || state.Status == appointment.StatusEnteredInError || state.Links != generation ||
		!l.Engine.Now().Before(ends) {
		return Managed{}, ErrLink
	}
	if of.Account, _, err = commands.Load(ctx, l.Engine, account.Decider, account.Stream(state.Account)); err != nil {
		return Managed{}, err
	}
	if of.Client, _, err = commands.Load(ctx, l.Engine, client.Decider, client.Stream(state.Client)); err != nil {
		return Managed{}, err
	}
	if of.Account.Closed || of.Client.Erased {
		return Managed{}, ErrLink
	}
	return of, nil
}

func (l Links) appointment(ctx context.Context, id domain.AppointmentID) (appointment.State, error) {
	state, _, err := commands.Load(ctx, l.Engine, appointment.Decider, appointment.StreamOf(id))
	return state, err
}
