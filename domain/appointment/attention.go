package appointment

import (
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Reasons why a booked appointment needs the attention of the staff, beside ZoneRules: what it takes is gone.
const (
	TimeOff         = "time_off"         // a TimeBlock covers it; the source is the block
	OutsideHours    = "outside_hours"    // the weekly hours were shortened; the source is the resource
	ResourceRetired = "resource_retired" // the source is the resource
	ServiceRetired  = "service_retired"  // the source is the service
	ClientErased    = "client_erased"    // the source is the client
)

// Refusals about the attention that an appointment needs.
var (
	ErrNoAttention = domain.Refuse(domain.Unknown, "no_attention_needed",
		"nothing about this appointment was ever on the work list; check its id")
)

// AttentionNeeded puts a booked appointment on the work list of the staff: something that it relies on has changed. It
// leaves the list by AttentionSettled, or when it is moved, cancelled, marked or over.
type AttentionNeeded struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"`
	Service     domain.ServiceID     `json:"service"`
	Visit       Visit                `json:"visit"`
	Reason      string               `json:"reason"`          // time_off, outside_hours, …, zone_rules
	Source      uuid.UUID            `json:"source,omitzero"` // what changed: a block, a resource, a service, a client
}

// AttentionSettled takes an appointment off the work list for one reason: what had changed was undone, or the staff
// resolved it.
type AttentionSettled struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Client      domain.ClientID      `json:"client"`
	Reason      string               `json:"reason"`
	Source      uuid.UUID            `json:"source,omitzero"`
	Resolved    bool                 `json:"resolved,omitzero"` // by the staff, who agreed what the note says
	Note        domain.Private       `json:"note,omitzero"`
}

// EventType returns the stored name.
func (AttentionNeeded) EventType() string  { return "AttentionNeeded" }
func (AttentionSettled) EventType() string { return "AttentionSettled" }

// Subject returns the client, whom the note is about.
func (e AttentionSettled) Subject() domain.Subject {
	return domain.StreamOf("client", e.Client.String())
}

// Concern is one thing that the staff must look at, or have resolved.
type Concern struct {
	Reason   string
	Source   uuid.UUID
	Resolved bool
}

func (s State) concern(reason string, source uuid.UUID) int {
	return slices.IndexFunc(s.Concerns, func(c Concern) bool { return c.Reason == reason && c.Source == source })
}

// NeedsAttention reports whether the appointment is on the work list for a reason and a source.
func (s State) NeedsAttention(reason string, source uuid.UUID) bool {
	at := s.concern(reason, source)
	return at >= 0 && !s.Concerns[at].Resolved
}

func (e AttentionNeeded) evolve(s State) State {
	s.Concerns = append(slices.Clip(s.Concerns), Concern{Reason: e.Reason, Source: e.Source})
	return s
}

func (e AttentionSettled) evolve(s State) State {
	at := s.concern(e.Reason, e.Source)
	s.Concerns = slices.Clone(s.Concerns)
	if e.Resolved {
		s.Concerns[at].Resolved = true
	} else {
		s.Concerns = slices.Delete(s.Concerns, at, at+1)
	}
	return s
}

// RaiseAttention puts a booked appointment on the work list. What the staff have resolved is not raised again for the
// same visit.
type RaiseAttention struct {
	Appointment domain.AppointmentID
	Reason      string
	Source      uuid.UUID
}

// DropAttention takes an appointment off the work list, because what had changed was undone.
type DropAttention struct {
	Appointment domain.AppointmentID
	Reason      string
	Source      uuid.UUID
}

// ResolveAttention takes an appointment off the work list for every reason, for the staff, who leave it as it is. The
// note says what was agreed. It is zero for an erased client, about whom nothing can be kept.
type ResolveAttention struct {
	Appointment domain.AppointmentID
	Note        domain.Private
}

// Stream returns the stream of the appointment.
func (c RaiseAttention) Stream() domain.Stream   { return StreamOf(c.Appointment) }
func (c DropAttention) Stream() domain.Stream    { return StreamOf(c.Appointment) }
func (c ResolveAttention) Stream() domain.Stream { return StreamOf(c.Appointment) }

func (c RaiseAttention) decide(s State) ([]Event, error) {
	if !s.Exists() {
		return nil, ErrUnknown
	}
	now, _ := s.Current()
	if s.Status != StatusBooked || s.concern(c.Reason, c.Source) >= 0 {
		return nil, nil
	}
	return []Event{AttentionNeeded{
		c.Appointment, s.Account, s.Client, s.Service, now.Visit, c.Reason, c.Source,
	}}, nil
}

func (c DropAttention) decide(s State) ([]Event, error) {
	if s.concern(c.Reason, c.Source) < 0 {
		return nil, nil
	}
	return []Event{AttentionSettled{
		Appointment: c.Appointment, Client: s.Client, Reason: c.Reason, Source: c.Source,
	}}, nil
}

func (c ResolveAttention) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case len(s.Concerns) == 0:
		return nil, ErrNoAttention
	}
	var settled []Event
	for _, open := range s.Concerns {
		if !open.Resolved {
			settled = append(settled, AttentionSettled{c.Appointment, s.Client, open.Reason, open.Source, true, c.Note})
		}
	}
	return settled, nil
}
