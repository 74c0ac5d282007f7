package ledger

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/window"
)

// directFact returns the fact of an event that a person or the clock wrote into the credits directly. Its id is the
// cause that its ledger lines name. Every other credit event follows from another fact and is none itself. A credit
// event that is neither is an error.
func directFact(r domain.Recorded, posted credit.Posted) (fact Fact, direct bool, err error) {
	fact = Fact{
		EventID: posted.Cause, RecordedAt: instant(posted.RecordedAt), Type: r.Event.EventType(),
		Account: posted.Account,
	}
	switch e := r.Event.(type) {
	case credit.CreditsPurchased:
		fact.Purchase, fact.Amount = e.Purchase, whole(e.Postings[0].Amount)
	case credit.CreditsGranted:
		fact.Grant, fact.Amount = e.Grant, whole(e.Postings[0].Amount)
		fact.ExpiresAt = instant(e.ExpiresAt)
	case credit.GrantExpired:
		fact.Grant = e.Grant
	case credit.ManualRefundIssued: // without the note: a person wrote it
		fact.Message, fact.RefundKey, fact.Amount = e.Message, e.RefundKey, whole(e.Amount)
	case credit.PeriodClosed:
		fact.Period, fact.Zone = e.Period, e.Zone
	case credit.CreditsHeld, credit.HoldWaived, credit.HoldRefused, credit.HoldReleased, credit.CreditsCharged,
		credit.ChargeWaived, credit.AcceptanceAbsorbed, credit.CreditRefunded, credit.RefundReversed,
		credit.NonDeliveryProven, credit.GoodwillKept, credit.LowBalanceWarned:
		return Fact{}, false, nil
	default:
		return Fact{}, false, domain.Unexpected(r)
	}
	return fact, true, nil
}

// followedFact returns the fact of an event that the credits react to, and whether it concerns the account.
func followedFact(of domain.AccountID, r domain.Recorded) (fact pendingFact, concerns bool, err error) {
	owner := of
	switch e := r.Event.(type) {
	case account.AccountSettingsChanged:
		owner, fact.Fact = e.Account, Fact{Account: e.Account.String(), HomeZone: e.Zone}
	case message.ReminderQueued:
		owner, fact.Fact = payer(e.Letter), queuedFact(e.Message, e.Letter)
	case message.NoticeQueued:
		owner, fact.Fact = payer(e.Letter), queuedFact(e.Message, e.Letter)
	case message.SmsSent:
		owner, fact.Fact = e.Account, Fact{
			Message: e.Message.String(), Attempt: Whole(e.Attempt), Provider: e.Provider, SentAt: instant(e.SentAt),
		}
	case message.SmsFailed:
		owner, fact.Fact = e.Account, Fact{
			Message: e.Message.String(), Attempt: Whole(e.Attempt), Provider: e.Provider, Reason: e.Class,
		}
	case message.MessageSuppressed: // after it was queued, this has the same effect as a failure
		owner, fact.onlyIfFollowed = e.Account, true
		fact.Fact = Fact{Type: "SmsFailed", Message: e.Message.String(), Reason: e.Reason}
	case message.DeliveryReported:
		owner, fact.Fact = e.Account, Fact{
			Message: e.Message.String(), Attempt: Whole(e.Attempt), State: e.State,
		}
	case window.RefundWindowDeclared:
		fact.Fact = Fact{Window: e.Window, Scope: scopeFor(of, e.Scope), Bounds: boundsOf(e.Bounds)}
	case window.RefundWindowAmended:
		fact.Fact = Fact{
			Window: e.Window, Scope: scopeFor(of, e.Scope), Bounds: boundsOf(e.Bounds), Clawback: e.Clawback,
		}
	case window.RefundWindowRevoked:
		fact.Fact = Fact{Window: e.Window, Clawback: e.Clawback}
	default:
		return fact, false, domain.Unexpected(r)
	}
	fact.Fact = identified(r, fact.Fact)
	return fact, owner == of, nil
}

// identified returns the fact with the id and time of its event, and with its type unless the fact has one.
func identified(r domain.Recorded, fact Fact) Fact {
	fact.EventID, fact.RecordedAt = r.ID.String(), instant(r.Meta.RecordedAt)
	if fact.Type == "" {
		fact.Type = r.Event.EventType()
	}
	return fact
}

// payer returns the account that pays for a letter: none for an email.
func payer(l message.Letter) domain.AccountID {
	if l.Channel != message.SMS {
		return domain.AccountID{}
	}
	return l.Account
}

// queuedFact makes a reminder of every text: the ledger does not distinguish reminders from notices.
func queuedFact(id domain.MessageID, l message.Letter) Fact {
	return Fact{
		Type: "ReminderQueued", Account: l.Account.String(), Message: id.String(), ToCountry: l.Country,
		Segments: whole(int64(l.Segments)), UnitPrice: whole(l.UnitPrice), ScheduledFor: instant(l.ScheduledFor),
	}
}

// scopeFor hides which other accounts a window is for. A list without this account becomes a list of one other
// account, because an empty list would mean every account.
func scopeFor(of domain.AccountID, scope window.Scope) *window.Scope {
	switch {
	case slices.Contains(scope.Accounts, of.String()):
		scope.Accounts = []string{of.String()}
	case len(scope.Accounts) > 0:
		scope.Accounts = []string{"another"}
	}
	return &scope
}

func boundsOf(b window.Bounds) *FactBounds {
	return &FactBounds{
		Kind: b.Kind, Start: instant(b.Start), End: instant(b.End), Zone: b.Zone, ZoneMode: b.ZoneMode,
		StartDate: b.StartDate, Days: Whole(b.Days),
	}
}

func instant(at time.Time) Instant { return Instant{domain.Microseconds(at)} }

func whole(n int64) *Whole { return new(Whole(n)) }
