package main

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/adapters/jsonlines"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/window"
)

// factTypes are the events that facts come from. Those of the books also tell in which order the others were heard.
func factTypes() []string {
	names := []string{
		"AccountOpened", "AccountSettingsChanged", "ReminderQueued", "NoticeQueued", "MessageSuppressed", "SmsSent",
		"SmsFailed", "DeliveryReported",
	}
	for _, t := range slices.Concat(window.Types, credit.Types) {
		names = append(names, t.Name)
	}
	return names
}

// factOrder puts facts into the order in which the books took them in. What is written into the books directly, such
// as a purchase, stands where it happened; what the books follow, such as a text that was sent, may be followed a
// little after it happened. So the latter waits until the books show that they followed it, or something after it.
type factOrder struct {
	write   func(jsonlines.Fact) error
	waiting []waitingFact
	told    map[string]bool // ids of the facts that the books were told directly
}

// waitingFact is one that the books have not followed yet, as far as has been read.
type waitingFact struct {
	jsonlines.Fact
	onlyIfFollowed bool // where nothing follows from it, it is no fact of the books
}

func (o *factOrder) take(of domain.AccountID, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case credit.Event:
		if r.Stream.Key() != of.String() {
			return nil
		}
		posted := credit.PostedOf(e)
		if fact, direct := directFact(e, posted); direct {
			if o.told[fact.EventID] { // one cause of several facts: each needs an id of its own
				fact.EventID = r.ID.String()
			}
			o.told[fact.EventID] = true
			return o.write(fact)
		}
		return o.followed(posted.Cause)
	case account.AccountOpened:
		if e.Account != of {
			return nil
		}
		if err := o.rest(); err != nil {
			return err
		}
		return o.write(factOf(r, jsonlines.Fact{Account: of.String(), HomeZone: e.Zone}))
	}
	if fact, ok := followedFact(of, r); ok {
		o.waiting = append(o.waiting, fact)
	}
	return nil
}

// followed writes what the books have followed now that they followed the cause.
func (o *factOrder) followed(cause string) error {
	i := slices.IndexFunc(o.waiting, func(w waitingFact) bool { return w.EventID == cause })
	for _, w := range o.waiting[:i+1] {
		if w.onlyIfFollowed && w.EventID != cause {
			continue
		}
		if err := o.write(w.Fact); err != nil {
			return err
		}
	}
	o.waiting = o.waiting[i+1:]
	return nil
}

// rest writes what is left, in log order.
func (o *factOrder) rest() error {
	for _, w := range o.waiting {
		if w.onlyIfFollowed {
			continue
		}
		if err := o.write(w.Fact); err != nil {
			return err
		}
	}
	o.waiting = nil
	return nil
}

// factOf names the event that a fact comes from.
func factOf(r domain.Recorded, fact jsonlines.Fact) jsonlines.Fact {
	fact.EventID, fact.RecordedAt = r.ID.String(), instant(r.Meta.RecordedAt)
	if fact.Type == "" {
		fact.Type = r.Event.EventType()
	}
	return fact
}

func whole(n int64) *jsonlines.Whole { w := jsonlines.Whole(n); return &w }

// directFact is what people or the clock write into the books. Its id is the cause that its lines name.
func directFact(event credit.Event, posted credit.Posted) (fact jsonlines.Fact, ok bool) {
	fact = jsonlines.Fact{
		EventID: posted.Cause, RecordedAt: instant(posted.RecordedAt), Type: event.EventType(),
		Account: posted.Account,
	}
	switch e := event.(type) {
	case credit.CreditsPurchased:
		fact.Purchase, fact.Amount = e.Purchase, whole(e.Postings[0].Amount)
	case credit.CreditsGranted:
		fact.Grant, fact.Amount = e.Grant, whole(e.Postings[0].Amount)
		fact.ExpiresAt = instant(e.ExpiresAt)
	case credit.GrantExpired:
		fact.Grant = e.Grant
	case credit.ManualRefundIssued: // the note stays here: a person wrote it
		fact.Message, fact.RefundKey, fact.Amount = e.Message, e.RefundKey, whole(e.Amount)
	case credit.PeriodClosed:
		fact.Period, fact.Zone = e.Period, e.Zone
	default:
		return jsonlines.Fact{}, false
	}
	return fact, true
}

// followedFact is what the books of an account react to, where the event concerns them.
func followedFact(of domain.AccountID, r domain.Recorded) (waitingFact, bool) {
	owner, fact, onlyIfFollowed := of, jsonlines.Fact{}, false
	switch e := r.Event.(type) {
	case account.AccountSettingsChanged:
		owner, fact = e.Account, jsonlines.Fact{Account: e.Account.String(), HomeZone: e.Zone}
	case message.ReminderQueued:
		owner, fact = payer(e.Letter), queuedFact(e.Message, e.Letter)
	case message.NoticeQueued:
		owner, fact = payer(e.Letter), queuedFact(e.Message, e.Letter)
	case message.SmsSent:
		owner, fact = e.Account, jsonlines.Fact{
			Message: e.Message.String(), Attempt: jsonlines.Whole(e.Attempt), Provider: e.Provider,
			SentAt: instant(e.SentAt),
		}
	case message.SmsFailed:
		owner, fact = e.Account, jsonlines.Fact{
			Message: e.Message.String(), Attempt: jsonlines.Whole(e.Attempt), Provider: e.Provider, Reason: e.Class,
		}
	case message.MessageSuppressed: // one that was queued before ends like one that failed
		owner, onlyIfFollowed = e.Account, true
		fact = jsonlines.Fact{Type: "SmsFailed", Message: e.Message.String(), Reason: e.Reason}
	case message.DeliveryReported:
		owner, fact = e.Account, jsonlines.Fact{
			Message: e.Message.String(), Attempt: jsonlines.Whole(e.Attempt), State: e.State,
		}
	case window.Event:
		fact = windowFact(of, e)
	}
	return waitingFact{factOf(r, fact), onlyIfFollowed}, owner == of
}

// payer is whose credits a letter costs: nobody's, when it is an email.
func payer(l message.Letter) domain.AccountID {
	if l.Channel != message.SMS {
		return domain.AccountID{}
	}
	return l.Account
}

// queuedFact calls every text a reminder, for the books know no other.
func queuedFact(id domain.MessageID, l message.Letter) jsonlines.Fact {
	return jsonlines.Fact{
		Type: "ReminderQueued", Account: l.Account.String(), Message: id.String(), ToCountry: l.Country,
		Segments: whole(int64(l.Segments)), UnitPrice: whole(l.UnitPrice), ScheduledFor: instant(l.ScheduledFor),
	}
}

func windowFact(of domain.AccountID, event window.Event) jsonlines.Fact {
	fact := jsonlines.Fact{Window: event.ID()}
	switch e := event.(type) {
	case window.RefundWindowDeclared:
		fact.Scope, fact.Bounds = scopeFor(of, e.Scope), boundsOf(e.Bounds)
	case window.RefundWindowAmended:
		fact.Scope, fact.Bounds, fact.Clawback = scopeFor(of, e.Scope), boundsOf(e.Bounds), e.Clawback
	case window.RefundWindowRevoked:
		fact.Clawback = e.Clawback
	}
	return fact
}

// scopeFor leaves out which other accounts a window is for. A list without this account must not become empty, for
// that would mean everybody.
func scopeFor(of domain.AccountID, scope window.Scope) *window.Scope {
	switch {
	case slices.Contains(scope.Accounts, of.String()):
		scope.Accounts = []string{of.String()}
	case len(scope.Accounts) > 0:
		scope.Accounts = []string{"another"}
	}
	return &scope
}

func boundsOf(b window.Bounds) *jsonlines.FactBounds {
	return &jsonlines.FactBounds{
		Kind: b.Kind, Start: instant(b.Start), End: instant(b.End), Zone: b.Zone, ZoneMode: b.ZoneMode,
		StartDate: b.StartDate, Days: jsonlines.Whole(b.Days),
	}
}

func instant(at time.Time) jsonlines.Instant { return jsonlines.Instant{Time: domain.Microseconds(at)} }
