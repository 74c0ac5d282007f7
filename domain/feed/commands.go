package feed

import "github.com/clickbook/clickbook/domain"

// maxGeneration is the most addresses that a feed can have had.
const maxGeneration = 1<<16 - 1

// ErrRotatedTooOften refuses another address of a feed that has had as many as a link can count.
var ErrRotatedTooOften = domain.Refuse(domain.Disallowed, "feed_rotated_too_often",
	"this feed has had 65535 addresses and cannot have another")

// Command is a request to change a feed.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Rotate gives the feed its next address, and turns it on. Generation is the one of the caller's last address, so that
// the same request sent twice rotates once.
type Rotate struct {
	Of
	Generation int
	Names      bool
}

// TurnOff ends the address of the feed.
type TurnOff struct{ Of }

func (c Rotate) decide(s State) ([]Event, error) {
	if s.Generation > c.Generation {
		return nil, nil // it was rotated since
	}
	if s.Generation >= maxGeneration {
		return nil, ErrRotatedTooOften
	}
	return []Event{CalendarFeedRotated{c.Of, s.Generation + 1, c.Names}}, nil
}

func (c TurnOff) decide(s State) ([]Event, error) {
	if !s.On {
		return nil, nil
	}
	return []Event{CalendarFeedTurnedOff{c.Of}}, nil
}
