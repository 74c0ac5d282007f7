package message

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// ContactedManually records that somebody has phoned or written to the client in place of a message that may not have
// arrived. It ends a row of a call sheet.
type ContactedManually struct {
	Message domain.MessageID `json:"message"`
	Account domain.AccountID `json:"account"`
	By      string           `json:"by"` // link: by the signed link in an email; staff: by the API
	At      time.Time        `json:"at"`
}

// The ways in which somebody says that they have contacted a client.
const (
	ByLink  = "link"
	ByStaff = "staff"
)

// MarkContacted records that somebody has contacted the client. It holds for any message, whatever became of it: the
// person with the telephone knows best.
type MarkContacted struct {
	Message domain.MessageID
	By      string // ByLink or ByStaff
	At      time.Time
}

// EventType returns the stored name.
func (ContactedManually) EventType() string { return "ContactedManually" }

// Stream returns the stream of the message.
func (c MarkContacted) Stream() domain.Stream { return Stream(c.Message) }

func (e ContactedManually) evolve(s State) State {
	s.Contacted = e.At
	return s
}

func (c MarkContacted) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case !s.Contacted.IsZero():
		return nil, nil
	}
	return []Event{ContactedManually{c.Message, s.Account, c.By, domain.Microseconds(c.At)}}, nil
}
