package links

import "github.com/clickbook/clickbook/domain"

// Hold returns the token by which a visitor extends, releases or books a start that is held. It has no generation and
// no end of its own: it is good for as long as the hold.
func (l Links) Hold(id domain.AppointmentID) string { return l.sign(token{hold, 0, id.UUID}) }

// OpenHold returns what a token of Hold is for. It refuses any other text with ErrLink.
func (l Links) OpenHold(text string) (domain.AppointmentID, error) { return l.openHold(text, hold) }

// Keep returns the link in an email by which a visitor confirms their address and so keeps a start that is held.
func (l Links) Keep(id domain.AppointmentID) string {
	return l.Base + KeepPath + l.sign(token{keep, 0, id.UUID})
}

// OpenKeep returns what the token of a link of Keep is for. It refuses any other text with ErrLink.
func (l Links) OpenKeep(text string) (domain.AppointmentID, error) { return l.openHold(text, keep) }

func (l Links) openHold(text string, want kind) (domain.AppointmentID, error) {
	opened, ok := l.verify(text, want)
	if !ok {
		return domain.AppointmentID{}, ErrLink
	}
	return domain.AppointmentID{UUID: opened.id}, nil
}
