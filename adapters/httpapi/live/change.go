package live

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// maxIDs bounds the ids of a change. One with more names none: then anything may have changed.
const maxIDs = 200

// Change is what a page must read again.
type Change struct {
	At           domain.Position
	Topics       []Topic
	Appointments []uuid.UUID
	Messages     []uuid.UUID
}

// change collects what has changed.
type change struct {
	at           domain.Position
	topics       map[Topic]bool
	appointments ids
	messages     ids
}

// ids are the ids of things, or none if there are too many.
type ids struct {
	of   map[uuid.UUID]bool
	many bool
}

func (s *ids) add(id uuid.UUID) {
	switch {
	case s.many || id == uuid.Nil:
	case len(s.of) >= maxIDs && !s.of[id]:
		s.of, s.many = nil, true
	default:
		if s.of == nil {
			s.of = make(map[uuid.UUID]bool)
		}
		s.of[id] = true
	}
}

func (s *ids) merge(o ids) {
	if o.many {
		s.of, s.many = nil, true
	}
	for id := range o.of {
		s.add(id)
	}
}

func (s ids) list() []uuid.UUID {
	return slices.SortedFunc(maps.Keys(s.of), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
}

// merge adds what another change says that a role may know.
func (c *change) merge(o change, role string) {
	for topic := range o.topics {
		if sees(role, topic) {
			if c.topics == nil {
				c.topics = make(map[Topic]bool)
			}
			c.topics[topic] = true
		}
	}
	if seesIDs(role) {
		c.appointments.merge(o.appointments)
		c.messages.merge(o.messages)
	}
	if c.at.Before(o.at) {
		c.at = o.at
	}
}

func (c *change) empty() bool { return len(c.topics) == 0 }

func (c *change) list() Change {
	return Change{
		At: c.at, Topics: slices.Sorted(maps.Keys(c.topics)), Appointments: c.appointments.list(),
		Messages: c.messages.list(),
	}
}

// data returns the change as the data of an event.
func (c Change) data() []byte {
	shown, _ := json.Marshal(struct { // of texts and ids: the error is always nil
		Topics       []Topic     `json:"topics"`
		Appointments []uuid.UUID `json:"appointments,omitempty"`
		Messages     []uuid.UUID `json:"messages,omitempty"`
	}{c.Topics, c.Appointments, c.Messages})
	return shown
}
