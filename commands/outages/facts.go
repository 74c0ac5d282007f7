package outages

import (
	"maps"
	"slices"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
)

// polling is the actor of receipts that we asked a provider for.
const polling = "polling"

// factTypes are the events that say something about providers.
var factTypes = domain.NamesOf(
	message.ReminderQueued{}, message.NoticeQueued{}, message.MessageSuppressed{}, message.SmsAttempted{},
	message.SmsSent{}, message.SmsAttemptFailed{}, message.SmsFailed{}, message.DeliveryReported{},
)

// facts turns events into facts for the detector. It remembers to whom the texts in progress go, because only the
// event that queued a text says so.
type facts struct {
	hash     func(domain.AccountID, string) domain.NumberID
	texts    generations[domain.MessageID, text]
	networks generations[domain.NumberID, string] // the last known network of a number
	accepted map[string][]accepted                // by provider, the latest texts
	attempts []outagedetect.Fact                  // the latest attempts, in order
	open     map[string]bool                      // references of the attempts that no provider has answered yet
}

// accepted is a text that a provider accepted, or refused for a reason that is its own.
type accepted struct {
	reference string
	place     outage.Cell
	at        time.Time
	reported  bool // a final receipt came, or the provider refused it
	delivered bool
}

// maxAccepted is how many accepted texts of a provider are remembered.
const maxAccepted = 256

// text is what is remembered of a text in progress.
type text struct {
	account domain.AccountID
	to      domain.NumberID
	polled  string // the reference that a poll has found delivered
}

// forgetTexts and forgetNetworks bound what is remembered: at least as long, and at most twice.
const (
	forgetTexts    = message.ReceiptWait
	forgetNetworks = 30 * 24 * time.Hour
)

func newFacts(hash func(domain.AccountID, string) domain.NumberID) *facts {
	return &facts{
		hash:     hash,
		texts:    generations[domain.MessageID, text]{every: forgetTexts},
		networks: generations[domain.NumberID, string]{every: forgetNetworks},
		accepted: make(map[string][]accepted),
		open:     make(map[string]bool),
	}
}

// of returns the fact of an event. ok is false if it says nothing about a provider.
func (f *facts) of(r domain.Recorded) (fact outagedetect.Fact, ok bool, err error) {
	at := r.Meta.RecordedAt
	f.texts.advance(at)
	f.networks.advance(at)
	switch e := r.Event.(type) {
	case message.ReminderQueued:
		f.queued(e.Message, e.Letter)
	case message.NoticeQueued:
		f.queued(e.Message, e.Letter)
	case message.MessageSuppressed:
		f.texts.forget(e.Message)
	case message.SmsFailed:
		f.texts.forget(e.Message)
	case message.SmsAttempted:
		fact = f.fact(r, e.Message, e.Attempt, outagedetect.Submitted)
		fact.Provider, fact.Country = e.Provider, e.Country
		f.attempts = append(f.attempts, f.located(fact, e.Message, ""))
		f.open[fact.Message] = true
		return fact, false, nil
	case message.SmsSent:
		fact = f.fact(r, e.Message, e.Attempt, outagedetect.Submitted)
		fact.Provider, fact.Country, fact.Account = e.Provider, e.Country, e.Account.String()
		fact = f.located(fact, e.Message, e.Network)
		delete(f.open, fact.Message)
		f.accept(fact)
		return fact, true, nil
	case message.SmsAttemptFailed:
		fact = f.fact(r, e.Message, e.Attempt, outagedetect.Rejected)
		fact.Provider, fact.Country, fact.Class = e.Provider, e.Country, classOf(e.Fault, e.Class)
		delete(f.open, fact.Message)
		fact = f.located(fact, e.Message, "")
		if e.Class != message.Permanent && fact.Class != outagedetect.ClassThrottle {
			f.accept(fact)
			f.report(fact)
		}
		return fact, true, nil
	case message.DeliveryReported:
		fact, ok = f.reported(r, e)
		return fact, ok, nil
	default:
		return fact, false, domain.Unexpected(r)
	}
	return fact, false, nil
}

// hanging is how long a provider may take to accept or refuse a text. After that the text counts as one that nothing is
// heard of.
const hanging = time.Minute

// unanswered returns the attempts that a provider has left open for too long, once each.
func (f *facts) unanswered(now time.Time) (late []outagedetect.Fact) {
	for len(f.attempts) > 0 && !now.Before(f.attempts[0].At.Add(hanging)) {
		fact := f.attempts[0]
		f.attempts = f.attempts[1:]
		if f.open[fact.Message] {
			delete(f.open, fact.Message)
			fact.At = fact.At.Add(hanging)
			late = append(late, fact)
		}
	}
	return late
}

func (f *facts) queued(id domain.MessageID, letter message.Letter) {
	if letter.Channel == message.SMS {
		f.texts.put(id, text{account: letter.Account, to: f.hash(letter.Account, letter.To.Reveal())})
	}
}

// reported returns the fact of a receipt. One that we polled is proof of the cause of an outage, and no sign that
// receipts come.
func (f *facts) reported(r domain.Recorded, e message.DeliveryReported) (outagedetect.Fact, bool) {
	fact := f.fact(r, e.Message, e.Attempt, outagedetect.Delivered)
	fact.Provider, fact.Country, fact.Account = e.Provider, e.Country, e.Account.String()
	fact = f.located(fact, e.Message, e.Network)
	asked := r.Meta.Actor.ID == polling
	switch {
	case asked && e.State == string(message.Delivered):
		known, _ := f.texts.get(e.Message)
		if known.polled == fact.Message {
			return fact, false // another node asked too
		}
		known.polled = fact.Message
		f.texts.put(e.Message, known)
		fact.Kind = outagedetect.PolledDelivered
	case e.State == string(message.Delivered):
	case e.State == string(message.Undelivered), e.State == string(message.Expired):
		fact.Kind, fact.Class = outagedetect.Failed, outagedetect.Class(e.Fault)
		if e.Fault == "" && e.State == string(message.Expired) {
			fact.Class = outagedetect.ClassHandset // a text expires while a handset is off
		}
	default:
		return fact, false
	}
	f.report(fact)
	return fact, true
}

// accept remembers an accepted text.
func (f *facts) accept(fact outagedetect.Fact) {
	latest := f.accepted[fact.Provider]
	if len(latest) == maxAccepted {
		latest = slices.Delete(latest, 0, maxAccepted/4)
	}
	place := cellOf(outagedetect.CellOf(fact.Provider, fact.Country, fact.Network))
	f.accepted[fact.Provider] = append(latest, accepted{reference: fact.Message, place: place, at: fact.At})
}

// report remembers the final receipt of a text, or its refusal.
func (f *facts) report(fact outagedetect.Fact) {
	for i, one := range f.accepted[fact.Provider] {
		if one.reference == fact.Message {
			f.accepted[fact.Provider][i].reported = true
			f.accepted[fact.Provider][i].delivered = fact.Kind == outagedetect.Delivered ||
				fact.Kind == outagedetect.PolledDelivered
		}
	}
}

// recovering reports whether the latest texts of a cell arrived, of those that were sent after a time and are old
// enough that something should be known of them.
func (f *facts) recovering(cell outage.Cell, after, now time.Time) bool {
	arrived := 0
	for _, one := range slices.Backward(f.accepted[cell.Provider]) {
		switch {
		case !one.at.After(after):
			return false
		case !cell.Covers(one.place), !one.reported && now.Sub(one.at) < pollAfter:
			continue
		case !one.delivered:
			return false
		}
		if arrived++; arrived == recovered {
			return true
		}
	}
	return false
}

// recovered is how many texts in a row must arrive before more try a cell that is out.
const recovered = 2

// providers returns the providers that accepted texts, by name.
func (f *facts) providers() []string { return slices.Sorted(maps.Keys(f.accepted)) }

// unreported returns a sample of the texts in a cell that were accepted before a time and have no final receipt, the
// latest first.
func (f *facts) unreported(cell outage.Cell, before time.Time) (references []string) {
	for _, one := range slices.Backward(f.accepted[cell.Provider]) {
		if !one.reported && one.at.Before(before) && cell.Covers(one.place) && len(references) < pollSample {
			references = append(references, one.reference)
		}
	}
	return references
}

// fact returns a fact at the time when the event was recorded: in the order of the log, time hardly ever goes back.
func (f *facts) fact(
	r domain.Recorded, id domain.MessageID, attempt int, kind outagedetect.Kind,
) outagedetect.Fact {
	known, _ := f.texts.get(id)
	fact := outagedetect.Fact{At: r.Meta.RecordedAt, Message: messaging.ReferenceOf(id, attempt), Kind: kind}
	if !known.account.IsZero() {
		fact.Account, fact.To = known.account.String(), known.to.String()
	}
	return fact
}

// located adds the network of a number, as the provider says it now or as it said it last.
func (f *facts) located(fact outagedetect.Fact, id domain.MessageID, network string) outagedetect.Fact {
	known, ok := f.texts.get(id)
	if !outage.IsNetwork(network) {
		network = ""
	}
	switch {
	case network != "" && ok:
		f.networks.put(known.to, network)
	case ok:
		network, _ = f.networks.get(known.to)
	}
	fact.Network = network
	return fact
}

// classOf returns the class of a rejection. The first events of a log have no fault.
func classOf(fault message.Fault, class string) outagedetect.Class {
	if fault != "" {
		return outagedetect.Class(fault)
	}
	switch class {
	case message.Permanent:
		return outagedetect.ClassNumber
	case message.Transient:
		return outagedetect.ClassThrottle
	case message.ByProvider:
		return outagedetect.ClassProvider
	}
	return outagedetect.ClassUnknown
}

// generations is a map that forgets what was not put for a time. Instead of one time for each key it keeps two maps
// and drops the older one at intervals.
type generations[K comparable, V any] struct {
	every      time.Duration
	since      time.Time
	young, old map[K]V
}

func (g *generations[K, V]) advance(now time.Time) {
	if g.young == nil || now.Sub(g.since) >= g.every {
		g.young, g.old, g.since = make(map[K]V), g.young, now
	}
}

func (g *generations[K, V]) put(key K, value V) { g.young[key] = value }

func (g *generations[K, V]) get(key K) (value V, ok bool) {
	if value, ok = g.young[key]; !ok {
		value, ok = g.old[key]
	}
	return value, ok
}

func (g *generations[K, V]) forget(key K) {
	delete(g.young, key)
	delete(g.old, key)
}
