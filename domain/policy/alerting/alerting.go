// Package alerting decides when the people of an account are told that messages did not reach their clients, and
// writes what they are told in the languages that ClickBook speaks. It refuses to know how an email looks and where
// the facts come from.
package alerting

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
)

// Call is a row of a call sheet: an appointment ahead whose client a message did not reach.
type Call struct {
	Message   domain.MessageID
	Start     time.Time
	Zone      string // of the promised time
	Cancelled bool   // the client does not know that the appointment was cancelled
	Resources []domain.ResourceID
	Client    string // name
	Phone     string // E.164, "" if there is none
	Service   string

	Kind    string // of the message: reminder, move, …
	State   string // failed, undelivered, expired, no_receipt, suppressed, bounced
	Reason  string // of a suppression
	Instead string // what became of the email in its place: "", queued, sent, failed, bounced
	Since   time.Time
	Outage  domain.OutageID // that explains it; zero for none

	Contacted time.Time // zero if nobody has
	Link      string    // that marks the client as contacted; "" for none
}

// Outage is a confirmed outage in which texts were lost.
type Outage struct {
	outage.Cell
	ID      domain.OutageID
	Cause   outage.Cause
	Began   time.Time // the change point
	Found   time.Time
	Cleared time.Time // zero while it lasts
}

// Told is the newest alert about one thing to one person. The zero value is none.
type Told struct {
	Round   int
	At      time.Time
	Through time.Time
}

const (
	// Pause is how long after an alert of an outage the next one can follow.
	Pause = 10 * time.Minute
	// settling is how old a row must be. An event that was decided on just before the rows were read may be recorded
	// just after: its row is in the next alert, not in none.
	settling = 2 * time.Second
)

// Next returns what the next alert about these rows will have told: they are new and wait for a call. ok is false if
// none is due.
func Next(told Told, calls []Call, now time.Time) (next Told, ok bool) {
	next = Told{Round: told.Round + 1, At: now, Through: now.Add(-settling)}
	if told.Round > 0 && now.Before(told.At.Add(Pause)) {
		return told, false
	}
	isNew := func(c Call) bool {
		return c.Contacted.IsZero() && c.Since.After(told.Through) && !c.Since.After(next.Through)
	}
	if !slices.ContainsFunc(calls, isNew) {
		return told, false
	}
	return next, true
}

// Through returns the rows that were known at a time.
func Through(calls []Call, at time.Time) []Call {
	return slices.DeleteFunc(slices.Clone(calls), func(c Call) bool { return c.Since.After(at) })
}

// Of returns the rows of a member of staff, or all for the zero resource.
func Of(calls []Call, resource domain.ResourceID) []Call {
	if resource.IsZero() {
		return calls
	}
	return slices.DeleteFunc(slices.Clone(calls), func(c Call) bool { return !slices.Contains(c.Resources, resource) })
}

// In returns the rows that an outage explains. The zero outage explains the rest.
func In(calls []Call, outage domain.OutageID) []Call {
	return slices.DeleteFunc(slices.Clone(calls), func(c Call) bool { return c.Outage != outage })
}

// Waiting returns the rows whose client nobody has contacted.
func Waiting(calls []Call) []Call {
	return slices.DeleteFunc(slices.Clone(calls), func(c Call) bool { return !c.Contacted.IsZero() })
}
