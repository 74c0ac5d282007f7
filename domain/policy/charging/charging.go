// Package charging decides what a text message costs: its price is held when it is queued, charged when a provider
// accepts it, and released when it fails. It uses only the refund windows known at that point of the log, so the same
// events in the same order give the same books, live or replayed. It refuses to read the clock and to decide later
// refunds.
package charging

import (
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/window"
)

// Queued is a text message that was queued at a price.
type Queued struct {
	Message    string
	Segments   int64
	UnitPrice  int64 // micro-credits a segment
	Country    string
	Home       string // the account's zone
	PlannedFor time.Time
}

// OnQueued returns the command that holds the price, or waives the hold if a known window covers the planned time for
// any provider.
func OnQueued(known window.Set, why credit.Because, q Queued) credit.Command {
	plan := window.Send{At: q.PlannedFor, Country: q.Country, Account: why.Account, Home: q.Home}
	return credit.Hold{
		Because: why, Message: q.Message, Segments: q.Segments, UnitPrice: q.UnitPrice,
		Country: q.Country, Home: q.Home, CoveredBy: known.Covering(plan),
	}
}

// Accepted is the acceptance of a message by a provider.
type Accepted struct {
	Message  string
	Attempt  int
	Provider string
	SentAt   time.Time
}

// OnAccepted returns the command that charges, or waives the charge if a known window covers the acceptance. The
// charge is what the books have recorded since the message was queued.
func OnAccepted(
	known window.Set, terms credit.Terms, why credit.Because, charge credit.Charge, a Accepted,
) credit.Command {
	send := window.Send{
		At: a.SentAt, Country: charge.Country, Provider: a.Provider, Account: why.Account, Home: charge.Home,
	}
	return credit.Accept{
		Because: why, Message: a.Message, Attempt: a.Attempt, Provider: a.Provider, SentAt: a.SentAt,
		CoveredBy: known.Covering(send), GraceDays: terms.ExpiredLotGraceDays,
	}
}

// OnFailed returns the command that releases what was held.
func OnFailed(terms credit.Terms, why credit.Because, message string) credit.Command {
	return credit.Release{Because: why, Message: message, GraceDays: terms.ExpiredLotGraceDays}
}

// OnTime returns the commands that end the lots that have expired.
func OnTime(why credit.Because, books credit.State) (due []credit.Command) {
	for _, lot := range books.Lots() {
		if lot.Expired(why.RecordedAt) {
			due = append(due, credit.ExpireGrant{Because: why, Grant: lot.ID})
		}
	}
	return due
}

// React is the policy for a running log. It takes an event of a message, the state of the account's books and the
// home zone of the account as of that event. Emails need no command.
func React(
	known window.Set, terms credit.Terms, books credit.State, home string, r domain.Recorded,
) (credit.Command, bool) {
	switch e := r.Event.(type) {
	case message.ReminderQueued:
		return onLetter(known, r, e.Message, e.Letter, home)
	case message.NoticeQueued:
		return onLetter(known, r, e.Message, e.Letter, home)
	case message.SmsSent:
		charge, _ := books.Charge(e.Message.String())
		accepted := Accepted{e.Message.String(), e.Attempt, e.Provider, domain.Microseconds(e.SentAt)}
		return OnAccepted(known, terms, Because(e.Account, r), charge, accepted), true
	case message.SmsFailed:
		return OnFailed(terms, Because(e.Account, r), e.Message.String()), true
	case message.MessageSuppressed:
		// A message that was queued and then suppressed costs nothing.
		if _, priced := books.Charge(e.Message.String()); priced {
			return OnFailed(terms, Because(e.Account, r), e.Message.String()), true
		}
	}
	return nil, false
}

func onLetter(
	known window.Set, r domain.Recorded, id domain.MessageID, l message.Letter, home string,
) (credit.Command, bool) {
	if l.Channel != "sms" {
		return nil, false
	}
	return OnQueued(known, Because(l.Account, r), Queued{
		Message: id.String(), Segments: int64(l.Segments), UnitPrice: l.UnitPrice, Country: l.Country, Home: home,
		PlannedFor: domain.Microseconds(l.ScheduledFor),
	}), true
}

// Because returns a recorded event as the cause of a command to the books of an account.
func Because(account domain.AccountID, r domain.Recorded) credit.Because {
	return credit.Because{
		Account: account.String(), Cause: r.ID.String(), RecordedAt: domain.Microseconds(r.Meta.RecordedAt),
	}
}
