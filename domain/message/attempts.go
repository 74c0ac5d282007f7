package message

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

var (
	classes = []string{Permanent, Transient, ByProvider, Unexplained}
	finals  = []string{string(Delivered), string(Undelivered), string(Expired)}
)

const (
	maxAttempts  = 10
	maxUncounted = 8 // receipts without effect that are kept for an attempt, so a broken provider cannot fill the log
)

func (c StartAttempt) decide(s State) ([]Event, error) {
	if err := s.mustBe(SMS); err != nil {
		return nil, err
	}
	at := domain.Microseconds(c.At)
	if same, ok := s.attempt(c.Attempt); ok && same.Provider == c.Provider && same.Reference == c.Reference {
		return nil, nil
	}
	_, open := s.Open()
	switch status := s.Status(); {
	case open:
		return nil, ErrOpen
	case status != Queued && !(status == Sent && c.PossibleDuplicate):
		return nil, ErrOver
	case s.InDoubt() && !c.PossibleDuplicate:
		return nil, ErrDuplicate
	case c.Attempt != s.NextAttempt():
		return nil, ErrNumber
	case c.Attempt > maxAttempts:
		return nil, ErrSpent
	case !at.Before(s.UsefulUntil):
		return nil, ErrTooLate
	}
	return []Event{SmsAttempted{
		Message: c.Message, Attempt: c.Attempt, Reference: c.Reference, Provider: c.Provider, Country: c.Country,
		Sender: c.Sender, At: at, PossibleDuplicate: c.PossibleDuplicate && (s.InDoubt() || s.Accepted()),
	}}, nil
}

func (c Accept) decide(s State) ([]Event, error) {
	attempt, err := s.mustHave(c.Attempt)
	if err == nil && c.Provider != "" && c.Provider != attempt.Provider {
		err = ErrAttemptUnknown
	}
	if err != nil || attempt.Accepted {
		return nil, err
	}
	sent := s.sent(attempt)
	sent.ProviderID, sent.Network, sent.SentAt = c.ProviderID, c.Network, domain.Microseconds(c.At)
	return []Event{sent}, nil
}

// sent returns the acceptance of an attempt, at the time it was submitted unless the provider says otherwise.
func (s State) sent(a Attempt) SmsSent {
	return SmsSent{
		Message: s.Message, Account: s.Account, Attempt: a.Number, Provider: a.Provider, Country: a.Country, SentAt: a.At,
	}
}

func (c RejectAttempt) decide(s State) ([]Event, error) {
	attempt, err := s.mustHave(c.Attempt)
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains(classes, c.Class):
		return nil, ErrClass
	case !c.Fault.valid():
		return nil, ErrFault
	case attempt.Accepted:
		return nil, ErrAccepted
	}
	var events []Event
	if !attempt.Refused {
		failed := SmsAttemptFailed{
			Message: c.Message, Attempt: c.Attempt, Provider: attempt.Provider, Country: attempt.Country,
			Class: c.Class, Code: c.Code, Fault: c.Fault,
		}
		events = append(events, failed)
		// This may have been the last attempt that could still arrive.
		if s.Accepted() {
			return failed.evolve(s).appendLost(events, s.lastAccepted()), nil
		}
	}
	// A message that a provider accepted, or that has ended, does not fail for want of a provider.
	if status := s.Status(); c.Final && (status == Queued || status == Attempted && !attempt.Refused) {
		events = append(events, SmsFailed{
			Message: c.Message, Account: s.Account, Attempt: c.Attempt, Provider: attempt.Provider,
			Country: attempt.Country, Class: c.Class, Code: c.Code, Fault: c.Fault,
		})
	}
	return events, nil
}

func (c Report) decide(s State) ([]Event, error) {
	attempt, err := s.mustHave(c.Attempt)
	if err != nil {
		return nil, err
	}
	if c.Provider != "" && c.Provider != attempt.Provider {
		return nil, ErrAttemptUnknown
	}
	final := slices.Contains(finals, c.State)
	if !final && c.State != "unknown" || c.At.IsZero() {
		return nil, ErrReceipt
	}
	if !c.Fault.valid() {
		return nil, ErrFault
	}
	at := domain.Microseconds(c.At)
	counted := final && attempt.Receipt == ""
	if slices.Contains(attempt.reports, report{c.State, at}) || !counted && attempt.uncounted() >= maxUncounted {
		return nil, nil
	}
	var events []Event
	if !attempt.Accepted { // only a provider that accepted a text can report on it
		sent := s.sent(attempt)
		s, events = sent.evolve(s), append(events, sent)
	}
	reported := DeliveryReported{
		Message: c.Message, Account: s.Account, Attempt: c.Attempt, Provider: attempt.Provider,
		Country: attempt.Country, State: c.State, Code: c.Code, Fault: c.Fault, Network: c.Network, At: at,
		Counted: counted,
	}
	events = append(events, reported)
	if !counted {
		return events, nil
	}
	return reported.evolve(s).appendLost(events, c.Attempt), nil
}

// appendLost appends SmsFailed where s, the state after events, shows that an accepted text can no longer arrive. The
// failure names the attempt whose receipt explains it. A message fails once, whatever other attempts do later.
func (s State) appendLost(events []Event, number int) []Event {
	if s.Failed || !s.lost() {
		return events
	}
	attempt, _ := s.attempt(number)
	return append(events, SmsFailed{
		Message: s.Message, Account: s.Account, Attempt: number, Provider: attempt.Provider, Country: attempt.Country,
		Class: string(attempt.Receipt), Code: attempt.ReceiptCode, Fault: attempt.ReceiptFault,
	})
}

// lastAccepted returns the number of the newest attempt that a provider accepted, 0 for none.
func (s State) lastAccepted() int {
	for _, attempt := range slices.Backward(s.Attempts) {
		if attempt.Accepted {
			return attempt.Number
		}
	}
	return 0
}

func (a Attempt) uncounted() int {
	if a.Receipt != "" {
		return len(a.reports) - 1
	}
	return len(a.reports)
}

func (s State) mustBe(channel string) error {
	switch {
	case !s.Exists():
		return ErrUnknown
	case s.Channel != channel:
		return ErrChannel
	}
	return nil
}

func (s State) mustHave(number int) (Attempt, error) {
	if !s.Exists() {
		return Attempt{}, ErrUnknown
	}
	attempt, ok := s.attempt(number)
	if !ok {
		return Attempt{}, ErrAttemptUnknown
	}
	return attempt, nil
}
