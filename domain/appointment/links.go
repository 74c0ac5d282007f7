package appointment

import "github.com/clickbook/clickbook/domain"

// ErrLinksSpent refuses a revocation beyond what a link can carry.
var ErrLinksSpent = domain.Refuse(domain.Disallowed, "links_spent",
	"the links of this appointment were revoked too often; book a new appointment instead")

// maxLinks is the last generation that fits into a link, in two bytes.
const maxLinks = 1<<16 - 1

// LinksRevoked makes every signed link of the appointment invalid that was made before. A link carries the generation
// in which it was made.
type LinksRevoked struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Generation  int                  `json:"generation"` // of the links that are valid from now on; at first it is 0
}

// RevokeLinks makes the links of earlier generations invalid.
type RevokeLinks struct {
	Appointment domain.AppointmentID
	Generation  int // State.Links + 1
}

// EventType returns the stored name.
func (LinksRevoked) EventType() string { return "LinksRevoked" }

// Stream returns the stream of the appointment.
func (c RevokeLinks) Stream() domain.Stream { return StreamOf(c.Appointment) }

func (e LinksRevoked) evolve(s State) State {
	s.Links = e.Generation
	return s
}

func (c RevokeLinks) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case c.Generation <= s.Links:
		return nil, nil
	case c.Generation > maxLinks:
		return nil, ErrLinksSpent
	}
	return []Event{LinksRevoked{c.Appointment, c.Generation}}, nil
}
