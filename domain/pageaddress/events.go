package pageaddress

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a name.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event the stream of a name may hold.
var Types = domain.Types{domain.TypeOf[PageAddressClaimed]()}

// PageAddressClaimed gives a name to an account.
type PageAddressClaimed struct {
	Name    string           `json:"name"` // small letters, digits and dashes
	Account domain.AccountID `json:"account"`
}

// EventType returns the stored name.
func (PageAddressClaimed) EventType() string { return "PageAddressClaimed" }
