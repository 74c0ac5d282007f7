package message

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Alert is what an alert is about. Its page is written when it is sent, because it names clients.
type Alert struct {
	About    Trouble           `json:"about"`
	Outage   domain.OutageID   `json:"outage,omitzero"`   // of AboutOutage and AboutOutageOver
	Resource domain.ResourceID `json:"resource,omitzero"` // the member of staff whose clients it is about; absent: all
	Round    int               `json:"round,omitzero"`    // from 1, where the same is told again with new rows
	Since    time.Time         `json:"since,omitzero"`    // what was known until then was told before
	Through  time.Time         `json:"through,omitzero"`  // it tells what was known until then
	Last     bool              `json:"last,omitzero"`     // everybody else whom the round tells is told
	Failed   domain.MessageID  `json:"failed,omitzero"`   // of AboutAlert: the alert that did not arrive
}

// Trouble is what an alert tells.
type Trouble string

// What alerts tell.
const (
	AboutOutage      Trouble = "outage"      // texts do not arrive: a call sheet
	AboutOutageOver  Trouble = "outage_over" // they do again: what remains of it
	AboutUndelivered Trouble = "undelivered" // a day's messages that did not arrive without an outage, and addresses
	AboutCredits     Trouble = "credits"     // few or none are left, and texts are due
	AboutAlert       Trouble = "alert"       // to the operators: an alert did not reach its account
)
