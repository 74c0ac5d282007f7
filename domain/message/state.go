package message

import (
	"cmp"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// State is what dispatching, charging and the books need to know about a message.
type State struct {
	Letter
	Message  domain.MessageID
	Rule     string // of a reminder
	Kind     string // of a notice
	Alert    Alert  // of an alert
	Attempts []Attempt
	Until    time.Time        // when the quiet time ends that a text waits for, also before it is queued
	Reason   string           // why it was suppressed
	Fallback domain.MessageID // the email in its place
	Failed   bool             // SmsFailed or MailFailed was recorded
	Mailed   bool             // the mail system accepted the email
	Bounced  bool             // and it did not arrive
	Delays   int              // how often the mail system did not accept the email for now
	// DelayCode is the code of the last delay.
	DelayCode string

	Replies   []Reply   // to a text, in the order in which they came
	Contacted time.Time // when somebody contacted the client in place of the message; zero if nobody has said so
}

// ReceiptWait is how long a final receipt can take. An accepted text without one has probably not arrived by then.
// AWS End User Messaging says that carriers report for up to 72 hours, and GOV.UK Notify gives a text up after as long.
const ReceiptWait = 72 * time.Hour

// Attempt is one submission to one provider.
type Attempt struct {
	Number     int
	Reference  string
	Provider   string
	Country    string
	At         time.Time
	Accepted   bool
	SentAt     time.Time // when accepted
	Refused    bool      // not accepted, or its time in doubt ran out; a late receipt may still prove the opposite
	ProviderID string    // the provider's own id of it, once accepted
	Doubted    bool      // its time in doubt ran out: the provider may have accepted it
	Class      string    // of the rejection
	Fault      Fault     // of the rejection, "" where only the class is known
	Receipt    Status    // the final receipt that counts, or ""
	// ReceiptCode is the provider's code in that receipt.
	ReceiptCode string
	// ReceiptFault is why it was not delivered, where the receipt says so.
	ReceiptFault Fault
	reports      []report
}

type report struct {
	state string
	at    time.Time
}

// Exists reports whether the message was ever queued or suppressed.
func (s State) Exists() bool { return !s.Message.IsZero() }

// NextAttempt returns the number of the next attempt.
func (s State) NextAttempt() int { return len(s.Attempts) + 1 }

// Open returns the attempt without a result, if there is one.
func (s State) Open() (Attempt, bool) {
	at := slices.IndexFunc(s.Attempts, func(a Attempt) bool { return !a.Accepted && !a.Refused })
	if at < 0 {
		return Attempt{}, false
	}
	return s.Attempts[at], true
}

// DoubtRanOut is the code of an attempt whose time in doubt ran out.
const DoubtRanOut = "doubt_ran_out"

// InDoubt reports whether a provider may have accepted the text without our knowing it.
func (s State) InDoubt() bool {
	return slices.ContainsFunc(s.Attempts, func(a Attempt) bool { return a.Doubted && !a.Accepted })
}

// Accepted reports whether a provider or the mail system accepted the message.
func (s State) Accepted() bool {
	return s.Mailed || slices.ContainsFunc(s.Attempts, func(a Attempt) bool { return a.Accepted })
}

// FinallyFailed reports whether the message cannot reach anybody any more: no provider accepted it and none will be
// tried again, or every provider that accepted it reported that it did not arrive and no attempt is open.
func (s State) FinallyFailed() bool { return s.Status() == Failed || s.lost() }

// lost reports whether the message was accepted and can no longer arrive.
func (s State) lost() bool {
	_, open := s.Open()
	status := s.Status()
	return !open && (status == Undelivered || status == Expired)
}

// Status returns how far the message has come, "" before it exists. With several accepted attempts the best news
// counts: one delivered is delivered, and while one may still be delivered it is sent.
func (s State) Status() Status {
	_, open := s.Open()
	switch {
	case !s.Exists():
		return ""
	case s.Bounced:
		return Failed
	case s.Accepted():
		return s.best()
	case s.Reason != "":
		return Suppressed
	case s.Failed:
		return Failed
	case open:
		return Attempted
	}
	return Queued
}

func (s State) best() Status {
	var seen []Status // the receipt of each accepted attempt, or Sent if there is none yet
	for _, a := range s.Attempts {
		if a.Accepted {
			seen = append(seen, cmp.Or(a.Receipt, Sent))
		}
	}
	for _, status := range []Status{Delivered, Sent, Undelivered, Expired} {
		if slices.Contains(seen, status) {
			return status
		}
	}
	return Sent // an email
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e ReminderQueued) evolve(s State) State {
	s.Message, s.Letter, s.Rule = e.Message, e.Letter, e.Rule
	return s
}

func (e NoticeQueued) evolve(s State) State {
	s.Message, s.Letter, s.Kind, s.Alert = e.Message, e.Letter, e.Kind, e.Alert
	return s
}

func (e MessageSuppressed) evolve(s State) State {
	if !s.Exists() {
		s.Message, s.Rule, s.Kind = e.Message, e.Rule, e.Kind
		s.Letter = Letter{
			Account: e.Account, Client: e.Client, Staff: e.Staff, Appointment: e.Appointment, Sequence: e.Sequence,
			Channel: e.Channel, Country: e.Country,
		}
	}
	s.Reason = e.Reason
	return s
}

func (e MessageDeferred) evolve(s State) State {
	s.Until = e.Until
	return s
}

func (e MessageReplaced) evolve(s State) State {
	s.Fallback = e.By
	return s
}

func (e SmsAttempted) evolve(s State) State {
	s.Attempts = append(slices.Clip(s.Attempts), Attempt{
		Number: e.Attempt, Reference: e.Reference, Provider: e.Provider, Country: e.Country, At: e.At,
	})
	return s
}

func (e SmsSent) evolve(s State) State {
	return s.withAttempt(e.Attempt, func(a *Attempt) { a.Accepted, a.SentAt, a.ProviderID = true, e.SentAt, e.ProviderID })
}

func (e SmsAttemptFailed) evolve(s State) State {
	return s.withAttempt(e.Attempt, func(a *Attempt) {
		a.Refused, a.Class, a.Fault, a.Doubted = true, e.Class, e.Fault, e.Code == DoubtRanOut
	})
}

func (SmsFailed) evolve(s State) State {
	s.Failed = true
	return s
}

func (e DeliveryReported) evolve(s State) State {
	return s.withAttempt(e.Attempt, func(a *Attempt) {
		if e.Counted {
			a.Receipt, a.ReceiptCode, a.ReceiptFault = Status(e.State), e.Code, e.Fault
		}
		a.reports = append(slices.Clip(a.reports), report{e.State, e.At})
	})
}

func (MailSent) evolve(s State) State {
	s.Mailed = true
	return s
}

func (e MailDelayed) evolve(s State) State {
	s.Delays, s.DelayCode = e.Attempt, e.Code
	return s
}

func (MailBounced) evolve(s State) State {
	s.Bounced = true
	return s
}

func (MailFailed) evolve(s State) State {
	s.Failed = true
	return s
}

// withAttempt changes a copy of one attempt. An event always names an existing attempt; a number out of range means a
// damaged log.
func (s State) withAttempt(number int, change func(*Attempt)) State {
	s.Attempts = slices.Clone(s.Attempts)
	change(&s.Attempts[number-1])
	return s
}

func (s State) attempt(number int) (Attempt, bool) {
	if number < 1 || number > len(s.Attempts) {
		return Attempt{}, false
	}
	return s.Attempts[number-1], true
}
