// Package noticing decides who is told of what happened to an appointment, and by which channel: the client, and the
// staff whom the visit takes. It is a function of the change, the account's settings and how people can be reached: the
// same facts give the same notices with the same ids, so nobody is told twice. It refuses to read the clock, to read
// personal data and to send anything.
package noticing

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

// The kinds of notices about an appointment.
const (
	Confirmation = "confirmation"
	Move         = "move"
	Cancellation = "cancellation"
	Approval     = "approval"
	Decline      = "decline"
)

// Change is what happened to an appointment, as far as people are told of it.
type Change struct {
	Kind        string
	Account     domain.AccountID
	Client      domain.ClientID
	Appointment domain.AppointmentID
	Sequence    int                 // after the change
	Visit       appointment.Visit   // the one that the notice is about
	Before      appointment.Visit   // of a move: the one that it replaces
	Staff       []domain.ResourceID // what the visit takes, people and other resources
	Joined      []domain.ResourceID // those of Staff that the visit before a move did not take
	Left        []domain.ResourceID // what only the visit before a move took
}

// ChangeOf returns the change that an event of an appointment makes, or false if nobody is told of it: the caller asked
// for silence, the event comes from an import, or a move keeps the local time that was promised. State is that of the
// appointment; it fills in what an event does not repeat.
func ChangeOf(r domain.Recorded, state appointment.State) (Change, bool) {
	if r.Meta.Actor.Channel == "import" {
		return Change{}, false
	}
	c := Change{Account: state.Account, Client: state.Client}
	switch e := r.Event.(type) {
	case appointment.Booked:
		if e.Approved {
			return c.about(Approval, e.Appointment, 0, e.Visit), !e.Silent
		}
		return c.about(Confirmation, e.Appointment, 0, e.Visit), !e.Silent
	case appointment.Reinstated:
		return c.about(Confirmation, e.Appointment, e.Sequence, e.Visit), !e.Silent
	case appointment.Rescheduled:
		c = c.about(Move, e.Appointment, e.Sequence, e.Visit)
		c.Before = e.Before
		before := resourcesOf(e.Before)
		c.Joined, c.Left = without(c.Staff, before), without(before, c.Staff)
		return c, !e.Silent && e.Cause == ""
	case appointment.Cancelled:
		return c.about(Cancellation, e.Appointment, e.Sequence, e.Visit), !e.Silent
	case appointment.Declined:
		return c.about(Decline, e.Appointment, 0, state.Latest().Visit), !e.Silent
	}
	return Change{}, false
}

func (c Change) about(kind string, id domain.AppointmentID, sequence int, visit appointment.Visit) Change {
	c.Kind, c.Appointment, c.Sequence = kind, id, sequence
	c.Visit, c.Staff = visit, resourcesOf(visit)
	return c
}

// resourcesOf returns what a visit takes, each once.
func resourcesOf(visit appointment.Visit) (ids []domain.ResourceID) {
	for _, leg := range visit.Legs {
		if !slices.Contains(ids, leg.Resource) {
			ids = append(ids, leg.Resource)
		}
	}
	return ids
}

// without returns the resources that are not among others.
func without(ids, others []domain.ResourceID) (rest []domain.ResourceID) {
	for _, id := range ids {
		if !slices.Contains(others, id) {
			rest = append(rest, id)
		}
	}
	return rest
}

// Facts is the input of a plan.
type Facts struct {
	Change  Change
	Now     time.Time
	Notices account.Notices
	Reach   reminding.Reach // of the client
	Zone    *time.Location  // of the client, else of the account; quiet hours are local to it
	Quiet   reminding.Quiet
	Mailed  []domain.ResourceID // the resources of the change that have an email address
}

// Notice is one message to queue, or to record as suppressed if Suppressed gives a reason.
type Notice struct {
	Message    domain.MessageID
	Kind       string
	Channel    string
	Staff      domain.ResourceID // to whom it goes; zero for the client
	Suppressed string            // opted_out, no_address, erased, quiet_hours, a reason of domain.NoTexts, or ""
}

// Plan returns the notices of a change: first those to the client, then those to the staff. A visit that has started
// has none. A client who cannot be texted, or not at this hour, gets an email instead if they have an address. Staff
// whom a move takes off the visit are told that it is cancelled, and those whom it puts on that it is booked.
func Plan(facts Facts) []Notice {
	if !facts.Now.Before(facts.Change.Visit.Start) {
		return nil
	}
	wanted := RuleOf(facts.Notices, facts.Change.Kind)
	return append(facts.toClient(wanted), facts.toStaff(wanted)...)
}

// RuleOf returns what an account wants for a kind of notice.
func RuleOf(notices account.Notices, kind string) account.Notice {
	return map[string]account.Notice{
		Confirmation: notices.Booked, Move: notices.Moved, Cancellation: notices.Cancelled,
		Approval: notices.Approved, Decline: notices.Declined,
	}[kind]
}

func (f Facts) toClient(wanted account.Notice) (plan []Notice) {
	mail := wanted.Email
	if wanted.SMS {
		reason := f.textless()
		instead := reason != "" && f.Reach.Email && !f.Reach.Erased
		if reason == quietHours && !f.Reach.Email {
			reason = "" // it waits for the morning, if it is still useful then
		}
		plan = append(plan, f.notice(f.Change.Kind, message.SMS, domain.ResourceID{}, reason))
		mail = mail || instead
	}
	if mail {
		reason := ""
		switch {
		case f.Reach.Erased:
			reason = "erased"
		case !f.Reach.Email:
			reason = f.Reach.Unreached(message.Email)
		}
		plan = append(plan, f.notice(f.Change.Kind, message.Email, domain.ResourceID{}, reason))
	}
	return plan
}

// quietHours is the reason to suppress a text that an email replaces, because it is night.
const quietHours = "quiet_hours"

// textless returns why the client gets no text now, "" if they do.
func (f Facts) textless() string {
	switch {
	case f.Reach.Erased:
		return "erased"
	case !f.Reach.Phone || f.Reach.OptedOut || f.Reach.NoTexts != "":
		return f.Reach.Unreached(message.SMS)
	case f.Quiet.End(f.Now, f.Zone).After(f.Now):
		return quietHours
	}
	return ""
}

func (f Facts) toStaff(wanted account.Notice) (plan []Notice) {
	tell := func(kind string, who []domain.ResourceID) {
		for _, id := range who {
			if slices.Contains(f.Mailed, id) {
				plan = append(plan, f.notice(kind, message.Email, id, ""))
			}
		}
	}
	if !wanted.Staff {
		return nil
	}
	tell(f.Change.Kind, without(f.Change.Staff, f.Change.Joined))
	tell(Confirmation, f.Change.Joined)
	tell(Cancellation, f.Change.Left)
	return plan
}

func (f Facts) notice(kind, channel string, staff domain.ResourceID, reason string) Notice {
	return Notice{
		Message: MessageID(f.Change, kind, channel, staff), Kind: kind, Channel: channel, Staff: staff, Suppressed: reason,
	}
}

// VisitOf returns the visit that a notice of the change is about: the one before a move for those whom it takes off.
func (c Change) VisitOf(notice Notice) appointment.Visit {
	if slices.Contains(c.Left, notice.Staff) {
		return c.Before
	}
	return c.Visit
}

// MessageID returns the id of a notice. It is the same on every machine, and different for every change.
func MessageID(change Change, kind, channel string, staff domain.ResourceID) domain.MessageID {
	return domain.DeriveID[domain.MessageID](
		"notice", change.Appointment, change.Sequence, kind, change.Client, staff, channel)
}
