package page

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a booking page.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a page's stream may hold.
var Types = domain.Types{domain.TypeOf[PageSet](), domain.TypeOf[PageLogoSet](), domain.TypeOf[PageLogoRemoved]()}

// PageSet replaces all settings of the page except its logo.
type PageSet struct {
	Account domain.AccountID `json:"account"`
	Settings
}

// PageLogoSet replaces the logo.
type PageLogoSet struct {
	Account domain.AccountID `json:"account"`
	Logo
}

// PageLogoRemoved removes the logo.
type PageLogoRemoved struct {
	Account domain.AccountID `json:"account"`
}

// Settings are what an owner decides about the page.
type Settings struct {
	On           bool               `json:"on"`                     // strangers may see the page and book
	Address      string             `json:"address,omitzero"`       // the name in its address; absent: the account's id
	Colour       string             `json:"colour,omitzero"`        // "#0b5f58"; absent: the program's own
	Sites        []string           `json:"sites,omitzero"`         // origins that may show the page in a frame
	ConfirmEmail bool               `json:"confirm_email,omitzero"` // a booking is kept once a link in an email is used
	Approval     bool               `json:"approval,omitzero"`      // the staff approve each booking
	Services     []domain.ServiceID `json:"services,omitzero"`      // in the order of the page; absent: all
	Questions    []Question         `json:"questions,omitzero"`
	Greeting     domain.Private     `json:"greeting,omitzero"`
	Policy       domain.Private     `json:"policy,omitzero"` // what the business says about cancelling
}

// Question is asked when a visitor books.
type Question struct {
	ID       string           `json:"id"`               // short name, the same when its text changes
	Service  domain.ServiceID `json:"service,omitzero"` // absent: asked for every service
	Text     string           `json:"text"`
	Kind     string           `json:"kind"` // short, long, choice, yesno
	Required bool             `json:"required,omitzero"`
	Choices  []string         `json:"choices,omitzero"` // of a choice
}

// Logo is a picture that the program has drawn again, so it holds nothing but pixels. It is small, and in the event so
// that every copy of the log has it.
type Logo struct {
	Type    string         `json:"type"` // image/png or image/jpeg
	Width   int            `json:"width"`
	Height  int            `json:"height"`
	SHA256  string         `json:"sha256"`  // of the picture, hexadecimal
	Content domain.Private `json:"content"` // the picture in base64; it may show a person
}

// EventType returns the stored name.
func (PageSet) EventType() string         { return "PageSet" }
func (PageLogoSet) EventType() string     { return "PageLogoSet" }
func (PageLogoRemoved) EventType() string { return "PageLogoRemoved" }

// Subject returns the account whose private text it is.
func (e PageSet) Subject() domain.Subject     { return subject(e.Account) }
func (e PageLogoSet) Subject() domain.Subject { return subject(e.Account) }
