package account

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to an account.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event an account stream may hold.
var Types = domain.Types{
	domain.TypeOf[AccountOpened](),
	domain.TypeOf[AccountSettingsChanged](),
	domain.TypeOf[ReminderRulesSet](),
	domain.TypeOf[TemplateSet](),
	domain.TypeOf[TextLimitsSet](),
	domain.TypeOf[AccountClosed](),
}

// AccountOpened opens an account.
type AccountOpened struct {
	Account domain.AccountID `json:"account"`
	Settings
}

// AccountSettingsChanged replaces all settings.
type AccountSettingsChanged struct {
	Account domain.AccountID `json:"account"`
	Settings
}

// Settings are what an owner decides about the account.
type Settings struct {
	Name    domain.Private `json:"name"`
	Email   domain.Private `json:"email,omitzero"` // where alerts and the daily agenda go
	Phone   domain.Private `json:"phone,omitzero"` // E.164
	Zone    string         `json:"zone"`           // IANA
	Locale  string         `json:"locale"`         // BCP 47
	Country string         `json:"country"`        // ISO 3166-1 alpha-2
	Agenda  Agenda         `json:"agenda,omitzero"`
	Notices Notices        `json:"notices,omitzero"` // absent: nobody is told of changes
	Alerts  Alerts         `json:"alerts,omitzero"`
}

// Agenda is when the daily agendas of an account are sent, and who gets none.
type Agenda struct {
	At       string `json:"at,omitzero"`        // local time, "06:30"; absent for 06:00
	Off      bool   `json:"off,omitzero"`       // nobody gets one
	OwnerOff bool   `json:"owner_off,omitzero"` // the owner gets none; staff do
}

// Notices says who is told of what happens to an appointment, and how.
type Notices struct {
	Booked    Notice `json:"booked,omitzero"`
	Moved     Notice `json:"moved,omitzero"`
	Cancelled Notice `json:"cancelled,omitzero"`
	Approved  Notice `json:"approved,omitzero"`
	Declined  Notice `json:"declined,omitzero"`
}

// Notice says how the client is told of one kind of change, and whether the staff of the visit are told by email.
type Notice struct {
	Email bool `json:"email,omitzero"` // to the client
	SMS   bool `json:"sms,omitzero"`   // to the client
	Staff bool `json:"staff,omitzero"` // an email to each member of staff whom the visit takes
}

// Alerts says which emails tell the owner of trouble. The email about an outage cannot be turned off.
type Alerts struct {
	On             bool  `json:"on,omitzero"`                  // absent in accounts from before alerts: outages only
	UndeliveredOff bool  `json:"undelivered_off,omitzero"`     // the daily list of messages that did not arrive
	BouncedOff     bool  `json:"bounced_off,omitzero"`         // addresses that take no email, in the same email
	CreditsOff     bool  `json:"credits_off,omitzero"`         // credits that run out
	CreditsBelow   int64 `json:"credits_below_micro,omitzero"` // absent for what the texts of three days need
}

// ReminderRulesSet replaces all reminder rules.
type ReminderRulesSet struct {
	Account domain.AccountID `json:"account"`
	Rules   []ReminderRule   `json:"rules"`
}

// ReminderRule asks for one message at a fixed time before each appointment.
type ReminderRule struct {
	ID      string `json:"id"`       // short name, unique in the account: "day-before"
	LeadMin int    `json:"lead_min"` // minutes before the start
	Channel string `json:"channel"`  // sms or email
}

// TemplateSet replaces the text of one kind of message on one channel, and the subject line of an email. An empty text
// or subject restores the default.
type TemplateSet struct {
	Account domain.AccountID `json:"account"`
	Kind    string           `json:"kind"`    // reminder, confirmation, move, cancellation, approval, decline
	Channel string           `json:"channel"` // sms, email
	Text    domain.Private   `json:"text"`
	Title   domain.Private   `json:"title,omitzero"` // the subject line of an email; absent for the default
}

// AccountClosed closes an account. Nothing is booked or sent for it afterwards.
type AccountClosed struct {
	Account domain.AccountID `json:"account"`
}

// EventType returns the stored name.
func (AccountOpened) EventType() string          { return "AccountOpened" }
func (AccountSettingsChanged) EventType() string { return "AccountSettingsChanged" }
func (ReminderRulesSet) EventType() string       { return "ReminderRulesSet" }
func (TemplateSet) EventType() string            { return "TemplateSet" }
func (AccountClosed) EventType() string          { return "AccountClosed" }

// Subject returns the account, which owns the private texts.
func (e AccountOpened) Subject() domain.Subject          { return Stream(e.Account) }
func (e AccountSettingsChanged) Subject() domain.Subject { return Stream(e.Account) }
func (e TemplateSet) Subject() domain.Subject            { return Stream(e.Account) }
