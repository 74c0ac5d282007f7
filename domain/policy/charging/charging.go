// Package charging decides what a text message costs as it goes: when it is queued, hold its price; when a provider
// takes it, charge; when it finally fails, release. It knows which refund windows are known at that point of the log
// and nothing later, so the same facts in the same order give the same books, live or replayed. It refuses to look at
// the clock or to decide what is refunded afterwards.
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

// OnQueued holds the price, unless a known window covers the planned time whatever the provider will be.
func OnQueued(known window.Set, why credit.Because, q Queued) credit.Command {
	plan := window.Send{At: q.PlannedFor, Country: q.Country, Account: why.Account, Home: q.Home}
	return credit.Hold{
		Because: why, Message: q.Message, Segments: q.Segments, UnitPrice: q.UnitPrice,
		Country: q.Country, Home: q.Home, CoveredBy: known.Covering(plan),
	}
}

// Accepted is a provider's taking a message.
type Accepted struct {
	Message  string
	Attempt  int
	Provider string
	SentAt   time.Time
}

// OnAccepted charges, or waives the charge where a known window covers the acceptance. The books keep what was known
// of the message when it was queued (charge).
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

// OnFailed releases what was held.
func OnFailed(terms credit.Terms, why credit.Because, message string) credit.Command {
	return credit.Release{Because: why, Message: message, GraceDays: terms.ExpiredLotGraceDays}
}

// OnTime ends the lots whose time has come.
func OnTime(why credit.Because, books credit.State) (due []credit.Command) {
	for _, lot := range books.Lots() {
		if !lot.ExpiresAt.IsZero() && !lot.ExpiresAt.After(why.RecordedAt) {
			due = append(due, credit.ExpireGrant{Because: why, Grant: lot.ID})
		}
	}
	return due
}

// React is the policy on a running log: an event of a message and what its account's books say so far. Home is the
// account's zone as known at that event. Messages that are no text messages ask for nothing.
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
		// What was queued and is not sent after all, because it was cancelled or came too late, costs nothing.
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

// Because names a recorded event as the cause of what follows in an account's books.
func Because(account domain.AccountID, r domain.Recorded) credit.Because {
	return credit.Because{
		Account: account.String(), Cause: r.ID.String(), RecordedAt: domain.Microseconds(r.Meta.RecordedAt),
	}
}
