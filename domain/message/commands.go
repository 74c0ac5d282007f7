package message

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about a message.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "message_unknown", "there is no such message; check its id")
	ErrLetter  = domain.Refuse(domain.Invalid, "letter_invalid", "this letter cannot be sent")
	ErrReason  = domain.Refuse(domain.Invalid, "reason_invalid", "this reason to suppress a message is unknown")
	ErrOver    = domain.Refuse(domain.Disallowed, "message_over",
		"this message was already sent, has failed or was suppressed; queue another one")
	ErrOpen = domain.Refuse(domain.Disallowed, "attempt_open",
		"an attempt at this message is open; wait for its result or until its time in doubt runs out")
	ErrTooLate = domain.Refuse(domain.Disallowed, "too_late",
		"this message is no longer useful; suppress it or let it fail")
	ErrSpent  = domain.Refuse(domain.Disallowed, "attempts_spent", "this message was attempted ten times; let it fail")
	ErrNumber = domain.Refuse(domain.Disallowed, "attempt_number",
		"this is not the number of the next attempt; load the message again")
	ErrDuplicate = domain.Refuse(domain.Disallowed, "possible_duplicate",
		"a provider may have accepted this text, so another attempt could reach the client twice; mark it as a possible "+
			"duplicate if the account has agreed to that")
	ErrAttemptUnknown = domain.Refuse(domain.Unknown, "attempt_unknown",
		"this message has no such attempt; check the reference")
	ErrAccepted = domain.Refuse(domain.Disallowed, "attempt_accepted",
		"the provider accepted this attempt; it cannot be rejected any more")
	ErrClass = domain.Refuse(domain.Invalid, "failure_class_invalid",
		"an attempt fails as permanent, transient, provider or unknown")
	ErrFault = domain.Refuse(domain.Invalid, "fault_invalid",
		"a fault is one of NUM, OPT, HND, CNT, CAR, THR, PRV, CFG and U, or absent")
	ErrReceipt = domain.Refuse(domain.Invalid, "receipt_invalid",
		"a receipt says delivered, undelivered, expired or unknown, and when")
	ErrChannel = domain.Refuse(domain.Disallowed, "wrong_channel", "this command is for messages of the other channel")
)

// Command is a request to change a message.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// QueueReminder queues a reminder. An id is queued once; the letter of a repeated command is ignored. The segments
// are counted from the text.
type QueueReminder struct {
	Message domain.MessageID
	Letter  Letter
	Rule    string
}

// QueueNotice queues any other message, like QueueReminder. Kind is confirmation, move, cancellation,
// approval, decline, agenda or alert.
type QueueNotice struct {
	Message domain.MessageID
	Letter  Letter
	Kind    string
	Alert   Alert // of an alert
}

// Suppress ends a message without sending it, whether it was queued or only due. About describes a message that was
// never queued; otherwise it is ignored.
type Suppress struct {
	Message domain.MessageID
	About   About
	Reason  string
}

// Defer lets a text wait until the client's quiet time ends, whether it is queued or only due. About describes a text
// that was never queued; otherwise it is ignored.
type Defer struct {
	Message domain.MessageID
	About   About
	Until   time.Time
}

// Replace names the email in place of a text. A text that names one already keeps it.
type Replace struct {
	Message domain.MessageID
	By      domain.MessageID
}

// About is what is known of a message that was never queued.
type About struct {
	Account     domain.AccountID
	Client      domain.ClientID
	Staff       domain.ResourceID
	Appointment domain.AppointmentID
	Sequence    int
	Rule        string
	Kind        string // of a notice
	Channel     string
	Country     string // of the client's number
}

// StartAttempt claims the right to submit the message to a provider once. Call the provider only if this command
// returned SmsAttempted.
type StartAttempt struct {
	Message   domain.MessageID
	Attempt   int // State.NextAttempt
	Provider  string
	Country   string
	Reference string
	Sender    string // "" for the provider's own setting
	At        time.Time
	// PossibleDuplicate allows an attempt although a provider has or may have accepted the text. The account has agreed
	// to that.
	PossibleDuplicate bool
}

// Accept records that a provider accepted an attempt. It may come late, after the attempt was rejected.
type Accept struct {
	Message    domain.MessageID
	Attempt    int
	Provider   string // "" if the caller knows that it is the attempt's
	ProviderID string // the provider's own id of it
	Network    string // MCC-MNC, "" if the provider does not say
	At         time.Time
}

// RejectAttempt records that a provider did not accept an attempt, or that its time in doubt ran out. Final means
// that no other provider will be tried; an attempt that was rejected before may be made final later.
type RejectAttempt struct {
	Message domain.MessageID
	Attempt int
	Class   string // permanent, transient, provider, unknown
	Code    string
	Fault   Fault // "" if only the class is known
	Final   bool
}

// Report records a receipt of a provider. A provider can report only on its own attempts.
type Report struct {
	Message  domain.MessageID
	Attempt  int
	Provider string // "" if the caller knows that it is the attempt's
	State    string // delivered, undelivered, expired, unknown
	Code     string
	Fault    Fault  // why it was not delivered, "" if the code does not say
	Network  string // MCC-MNC, "" if the provider does not say
	At       time.Time
}

// Mailed records that the mail system accepted the email.
type Mailed struct {
	Message domain.MessageID
	At      time.Time
}

// DelayMail records that the mail system did not accept the email for now. Attempt is State.Delays+1.
type DelayMail struct {
	Message domain.MessageID
	Attempt int
	Code    string
	Until   time.Time // not tried again before
}

// FailMail ends an email that the mail system will not accept.
type FailMail struct {
	Message domain.MessageID
	Code    string
}

// Bounce records a report that the email did not arrive. The first one counts.
type Bounce struct {
	Message   domain.MessageID
	Permanent bool
	Code      string
	At        time.Time
}

// Stream returns the stream of the message.
func (c QueueReminder) Stream() domain.Stream { return Stream(c.Message) }
func (c QueueNotice) Stream() domain.Stream   { return Stream(c.Message) }
func (c Suppress) Stream() domain.Stream      { return Stream(c.Message) }
func (c Defer) Stream() domain.Stream         { return Stream(c.Message) }
func (c Replace) Stream() domain.Stream       { return Stream(c.Message) }
func (c StartAttempt) Stream() domain.Stream  { return Stream(c.Message) }
func (c Accept) Stream() domain.Stream        { return Stream(c.Message) }
func (c RejectAttempt) Stream() domain.Stream { return Stream(c.Message) }
func (c Report) Stream() domain.Stream        { return Stream(c.Message) }
func (c Mailed) Stream() domain.Stream        { return Stream(c.Message) }
func (c DelayMail) Stream() domain.Stream     { return Stream(c.Message) }
func (c FailMail) Stream() domain.Stream      { return Stream(c.Message) }
func (c Bounce) Stream() domain.Stream        { return Stream(c.Message) }
