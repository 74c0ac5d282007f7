package message

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Event is anything that can have happened to a message.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a message stream may hold.
var Types = domain.Types{
	domain.TypeOf[ReminderQueued](),
	domain.TypeOf[NoticeQueued](),
	domain.TypeOf[MessageSuppressed](),
	domain.TypeOf[MessageDeferred](),
	domain.TypeOf[MessageReplaced](),
	domain.TypeOf[SmsAttempted](),
	domain.TypeOf[SmsSent](),
	domain.TypeOf[SmsAttemptFailed](),
	domain.TypeOf[SmsFailed](),
	domain.TypeOf[DeliveryReported](),
	domain.TypeOf[MailSent](),
	domain.TypeOf[MailDelayed](),
	domain.TypeOf[MailFailed](),
	domain.TypeOf[MailBounced](),
	domain.TypeOf[ContactedManually](),
	domain.TypeOf[ReplyReceived](),
}

// ReminderQueued queues a reminder of an appointment. Its price is fixed here.
type ReminderQueued struct {
	Message domain.MessageID `json:"message"`
	Letter
	Rule string `json:"rule"`
}

// NoticeQueued queues any other message.
type NoticeQueued struct {
	Message domain.MessageID `json:"message"`
	Letter
	Kind string `json:"kind"` // confirmation, move, cancellation, approval, decline, agenda, alert
	// Alert is what an alert is about; absent for other kinds and in the first alerts.
	Alert Alert `json:"alert,omitzero"`
}

// Letter is the content of a message: what it says, to whom, about what, and what it costs.
type Letter struct {
	Account      domain.AccountID     `json:"account"`
	Client       domain.ClientID      `json:"client,omitzero"` // absent when it goes to the owner
	Staff        domain.ResourceID    `json:"staff,omitzero"`  // the member of staff it goes to, about the client
	Appointment  domain.AppointmentID `json:"appointment,omitzero"`
	Sequence     int                  `json:"sequence"` // the revision of the appointment it is about
	Channel      string               `json:"channel"`  // sms, email
	To           domain.Private       `json:"to"`       // E.164 number or email address
	Country      string               `json:"country,omitzero"`
	Title        domain.Private       `json:"title,omitzero"` // an email's subject line
	Text         domain.Private       `json:"text"`
	Segments     int                  `json:"segments,omitzero"`
	UnitPrice    int64                `json:"unit_price_micro,omitzero"` // micro-credits per segment
	PriceList    int                  `json:"price_list,omitzero"`       // version; absent in the first texts
	ScheduledFor time.Time            `json:"scheduled_for"`
	UsefulUntil  time.Time            `json:"useful_until"`      // not sent after this
	Replaces     domain.MessageID     `json:"replaces,omitzero"` // the text in whose place this email goes
}

// MessageSuppressed records that a message which was due is not sent, and why.
type MessageSuppressed struct {
	Message     domain.MessageID     `json:"message"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client,omitzero"`
	Appointment domain.AppointmentID `json:"appointment,omitzero"`
	Sequence    int                  `json:"sequence"`
	Staff       domain.ResourceID    `json:"staff,omitzero"`
	Rule        string               `json:"rule,omitzero"`
	Kind        string               `json:"kind,omitzero"` // of a notice that was never queued
	Channel     string               `json:"channel"`
	Country     string               `json:"country,omitzero"` // of the number of a text; absent in the first events
	// Reason: booked_late, cancelled, moved, opted_out, no_address, erased, no_credit, too_late, account_closed,
	// rule_removed, letter_refused, quiet_hours (the quiet time would end too late, so an email goes instead),
	// same_minute (another message about the visit goes by the same channel), reinstated (the cancellation that it tells
	// of was taken back), a limit against fraud (no_appointment, country_not_allowed, number_limit, daily_limit), or what
	// kind of number takes no texts:
	// landline, premium_rate, shared_cost, toll_free, company_number, personal_number, pager, voicemail, satellite
	Reason string `json:"reason"`
}

// MessageDeferred records that a text waits for the end of the client's quiet time. It may come before ReminderQueued:
// then the reminder is queued later.
type MessageDeferred struct {
	Message     domain.MessageID     `json:"message"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client,omitzero"`
	Appointment domain.AppointmentID `json:"appointment,omitzero"`
	Sequence    int                  `json:"sequence"`
	Rule        string               `json:"rule,omitzero"`
	Until       time.Time            `json:"until"`
}

// MessageReplaced names the email that the client gets in place of a text.
type MessageReplaced struct {
	Message domain.MessageID `json:"message"` // the text
	Account domain.AccountID `json:"account"`
	By      domain.MessageID `json:"by"` // the email
}

// SmsAttempted records an attempt before a provider is called. A crash then leaves an attempt in doubt, not a lost or
// doubled text.
type SmsAttempted struct {
	Message   domain.MessageID `json:"message"`
	Attempt   int              `json:"attempt"` // from 1
	Reference string           `json:"reference"`
	Provider  string           `json:"provider"`
	Country   string           `json:"country"`
	Sender    string           `json:"sender,omitzero"` // whom it came from; absent: the provider's own setting
	At        time.Time        `json:"at"`
	// PossibleDuplicate marks an attempt after one that may have been accepted.
	PossibleDuplicate bool `json:"possible_duplicate,omitzero"`
}

// SmsSent records that a provider accepted the attempt.
type SmsSent struct {
	Message    domain.MessageID `json:"message"`
	Account    domain.AccountID `json:"account"`
	Attempt    int              `json:"attempt"`
	Provider   string           `json:"provider"`
	Country    string           `json:"country"`
	ProviderID string           `json:"provider_id,omitzero"`
	Network    string           `json:"network,omitzero"` // MCC-MNC, where the provider says it: "310-410"
	SentAt     time.Time        `json:"sent_at"`
}

// SmsAttemptFailed records that an attempt was not accepted, or that its time in doubt ran out.
type SmsAttemptFailed struct {
	Message  domain.MessageID `json:"message"`
	Attempt  int              `json:"attempt"`
	Provider string           `json:"provider"`
	Country  string           `json:"country"`
	Class    string           `json:"class"` // permanent, transient, provider, unknown
	Code     string           `json:"code,omitzero"`
	Fault    Fault            `json:"fault,omitzero"` // absent in the first events
}

// SmsFailed records that a text finally failed: no provider accepted it and none will be tried again, or every
// provider that accepted it reported that it did not arrive. It is recorded at most once for a message.
type SmsFailed struct {
	Message  domain.MessageID `json:"message"`
	Account  domain.AccountID `json:"account"`
	Attempt  int              `json:"attempt"` // whose rejection or receipt explains the failure
	Provider string           `json:"provider"`
	Country  string           `json:"country"`
	Class    string           `json:"class"`         // of SmsAttemptFailed, or of the receipt: undelivered, expired
	Code     string           `json:"code,omitzero"` // of the rejection or of the receipt
	Fault    Fault            `json:"fault,omitzero"`
}

// WasAccepted reports whether a provider had accepted the text before it failed.
func (e SmsFailed) WasAccepted() bool {
	return e.Class == string(Undelivered) || e.Class == string(Expired)
}

// DeliveryReported records a receipt. The first final receipt of an attempt counts.
type DeliveryReported struct {
	Message  domain.MessageID `json:"message"`
	Account  domain.AccountID `json:"account"`
	Attempt  int              `json:"attempt"`
	Provider string           `json:"provider"`
	Country  string           `json:"country"`
	State    string           `json:"state"` // delivered, undelivered, expired, unknown
	Code     string           `json:"code,omitzero"`
	Fault    Fault            `json:"fault,omitzero"`   // why it was not delivered, where the code says so
	Network  string           `json:"network,omitzero"` // MCC-MNC, where the provider says it: "310-410"
	At       time.Time        `json:"at"`               // time given by the provider
	Counted  bool             `json:"counted,omitzero"` // false: kept for the audit, without effect
}

// MailSent records that the mail system accepted an email.
type MailSent struct {
	Message domain.MessageID `json:"message"`
	Account domain.AccountID `json:"account"`
	SentAt  time.Time        `json:"sent_at"`
}

// MailDelayed records that the mail system did not accept an email for now, and when it will be tried again.
type MailDelayed struct {
	Message domain.MessageID `json:"message"`
	Account domain.AccountID `json:"account"`
	Attempt int              `json:"attempt"` // from 1
	Code    string           `json:"code"`    // see MailFailed
	Until   time.Time        `json:"until"`
}

// MailFailed records that the mail system finally did not accept an email.
type MailFailed struct {
	Message domain.MessageID `json:"message"`
	Account domain.AccountID `json:"account"`
	// Code is the reply of the mail server, such as "550 5.1.1" (RFC 5321 4.2, RFC 3463), or one of: unreachable,
	// invalid_address, fault.
	Code string `json:"code,omitzero"`
}

// MailBounced records that an email, which the mail system had accepted, did not arrive.
type MailBounced struct {
	Message   domain.MessageID `json:"message"`
	Account   domain.AccountID `json:"account"`
	Permanent bool             `json:"permanent"`     // the address takes no email; false: this email did not arrive
	Code      string           `json:"code,omitzero"` // such as "5.1.1" (RFC 3463)
	At        time.Time        `json:"at"`            // when the report reached us
}

// EventType returns the stored name.
func (ReminderQueued) EventType() string    { return "ReminderQueued" }
func (NoticeQueued) EventType() string      { return "NoticeQueued" }
func (MessageSuppressed) EventType() string { return "MessageSuppressed" }
func (MessageDeferred) EventType() string   { return "MessageDeferred" }
func (MessageReplaced) EventType() string   { return "MessageReplaced" }
func (SmsAttempted) EventType() string      { return "SmsAttempted" }
func (SmsSent) EventType() string           { return "SmsSent" }
func (SmsAttemptFailed) EventType() string  { return "SmsAttemptFailed" }
func (SmsFailed) EventType() string         { return "SmsFailed" }
func (DeliveryReported) EventType() string  { return "DeliveryReported" }
func (MailSent) EventType() string          { return "MailSent" }
func (MailDelayed) EventType() string       { return "MailDelayed" }
func (MailFailed) EventType() string        { return "MailFailed" }
func (MailBounced) EventType() string       { return "MailBounced" }
