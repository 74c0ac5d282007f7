package message

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Why a wish about a message is refused.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "message_unknown", "there is no such message; check its id")
	ErrLetter  = domain.Refuse(domain.Invalid, "letter_invalid", "this letter cannot be sent")
	ErrReason  = domain.Refuse(domain.Invalid, "reason_invalid", "this is no reason to suppress a message")
	ErrOver    = domain.Refuse(domain.Disallowed, "message_over",
		"this message was already sent, has failed or was suppressed; queue another one")
	ErrOpen = domain.Refuse(domain.Disallowed, "attempt_open",
		"an attempt at this message is open; wait for its outcome or for its doubt to run out")
	ErrTooLate = domain.Refuse(domain.Disallowed, "too_late",
		"this message is of no use any more; suppress it or let it fail")
	ErrSpent  = domain.Refuse(domain.Disallowed, "attempts_spent", "this message was attempted ten times; let it fail")
	ErrNumber = domain.Refuse(domain.Disallowed, "attempt_number",
		"this is not the number of the next attempt; load the message again")
	ErrAttemptUnknown = domain.Refuse(domain.Unknown, "attempt_unknown",
		"this message has no such attempt; check the reference")
	ErrAccepted = domain.Refuse(domain.Disallowed, "attempt_accepted",
		"the provider took this attempt; it cannot be refused any more")
	ErrClass = domain.Refuse(domain.Invalid, "failure_class_invalid",
		"an attempt fails as permanent, transient, provider or unknown")
	ErrReceipt = domain.Refuse(domain.Invalid, "receipt_invalid",
		"a receipt says delivered, undelivered, expired or unknown, and when")
	ErrChannel = domain.Refuse(domain.Disallowed, "wrong_channel", "this wish is for messages of the other channel")
)

// Command is what can be wished of a message.
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide answers a wish with events, with none where it is already true, or with a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// QueueReminder takes a reminder into the outbox, once for its id, whatever the letter says the second time. The
// segments are counted here from the text.
type QueueReminder struct {
	Message domain.MessageID
	Letter  Letter
	Rule    string
}

// QueueNotice takes any other message into the outbox, like QueueReminder. Kind: confirmation, move, cancellation,
// agenda, alert.
type QueueNotice struct {
	Message domain.MessageID
	Letter  Letter
	Kind    string
}

// Suppress says that a message is not sent, whether it was queued or only due. About tells what it would have been
// and is read only when it was never queued.
type Suppress struct {
	Message domain.MessageID
	About   About
	Reason  string
}

// About is what is known of a message that was never written.
type About struct {
	Account     domain.AccountID
	Client      domain.ClientID
	Appointment domain.AppointmentID
	Sequence    int
	Rule        string
	Channel     string
}

// StartAttempt claims the right to hand the message to a provider once. Only who sees SmsAttempted among the events of
// this very wish may call the provider.
type StartAttempt struct {
	Message   domain.MessageID
	Attempt   int // State.NextAttempt
	Provider  string
	Country   string
	Reference string
	At        time.Time
}

// Accept says that a provider took an attempt. It may come late, after the attempt was given up.
type Accept struct {
	Message    domain.MessageID
	Attempt    int
	ProviderID string // the provider's own name for it
	At         time.Time
}

// RejectAttempt says that a provider definitely did not take an attempt, or that its doubt ran out. Final means that
// no other provider will be tried; an attempt rejected before may be made final later.
type RejectAttempt struct {
	Message domain.MessageID
	Attempt int
	Class   string // permanent, transient, provider, unknown
	Code    string
	Final   bool
}

// Report brings a provider's receipt.
type Report struct {
	Message domain.MessageID
	Attempt int
	State   string // delivered, undelivered, expired, unknown
	Code    string
	At      time.Time
}

// Mailed says that the mail system took the email.
type Mailed struct {
	Message domain.MessageID
	At      time.Time
}

// Stream of each command is the message's own.
func (c QueueReminder) Stream() domain.Stream { return Stream(c.Message) }
func (c QueueNotice) Stream() domain.Stream   { return Stream(c.Message) }
func (c Suppress) Stream() domain.Stream      { return Stream(c.Message) }
func (c StartAttempt) Stream() domain.Stream  { return Stream(c.Message) }
func (c Accept) Stream() domain.Stream        { return Stream(c.Message) }
func (c RejectAttempt) Stream() domain.Stream { return Stream(c.Message) }
func (c Report) Stream() domain.Stream        { return Stream(c.Message) }
func (c Mailed) Stream() domain.Stream        { return Stream(c.Message) }
