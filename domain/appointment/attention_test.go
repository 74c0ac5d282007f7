package appointment_test

import (
	"os"
	"slices"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// The law says that monday's clock shows ten an hour later.
var (
	later = shifted(monday)

	adjust = appointment.RequestAdjustment{
		Appointment: id, RequestID: moveID, Visit: shuffled(later), At: at(2, 8), Until: at(2, 9),
	}
	adjustRequested = appointment.RescheduleRequested{
		Appointment: id, RequestID: moveID, Sequence: 1, Visit: later, Until: at(2, 9), Cause: appointment.ZoneRules,
	}
	adjusted = appointment.Rescheduled{
		Appointment: id, Account: account, Client: client, Service: service, Sequence: 1, Visit: later, Before: monday,
		Cause: appointment.ZoneRules,
	}
)

func shifted(v appointment.Visit) appointment.Visit {
	const hour = 3_600_000_000_000
	v.Start, v.End, v.Legs = v.Start.Add(hour), v.End.Add(hour), slices.Clone(v.Legs)
	for i := range v.Legs {
		v.Legs[i].Interval.Start, v.Legs[i].Interval.End = v.Start, v.End
	}
	return v
}

func adjusting() []example {
	stale, unnamed := adjust, adjust
	stale.Sequence = 3
	unnamed.RequestID = [16]byte{}
	confirm := appointment.Reschedule{Appointment: id, Sequence: 1}
	taken := appointment.RescheduleAbandoned{Appointment: id, Sequence: 1, Reason: "slot_taken"}
	confirmed := appointment.Confirmed{Appointment: id}
	return []example{
		{Name: "the law changed", Given: booking, When: adjust, Then: events{adjustRequested}},
		{
			Name: "adjusted", Given: append(booking, adjustRequested), When: confirm,
			Then: events{adjusted},
		},
		{
			Name: "adjusted, and the client has still confirmed", Given: append(booking, confirmed, adjustRequested, adjusted),
			When: appointment.Confirm{Appointment: id},
		},
		{
			Name: "adjusted where it collides", Given: append(booking, adjustRequested, taken), When: adjust,
			Refused: appointment.ErrSlotTaken,
		},
		{Name: "adjusted after a move", Given: append(moving, moved), When: withID(stale, other), Refused: appointment.ErrStale},
		{Name: "adjusted while it is moved", Given: moving, When: withID(adjust, other), Refused: appointment.ErrMoving},
		{Name: "adjusted when cancelled", Given: append(booking, cancelled), When: adjust, Refused: appointment.ErrCancelled},
		{Name: "adjusted without an id", Given: booking, When: unnamed, Refused: appointment.ErrNoRequestID},
	}
}

func withID(c appointment.RequestAdjustment, request [16]byte) appointment.RequestAdjustment {
	c.RequestID = request
	return c
}

func attention() []example {
	raise := appointment.RaiseAttention{Appointment: id, Reason: appointment.TimeOff, Source: other}
	needed := appointment.AttentionNeeded{
		Appointment: id, Account: account, Client: client, Service: service, Visit: monday, Reason: appointment.TimeOff,
		Source: other,
	}
	drop := appointment.DropAttention{Appointment: id, Reason: appointment.TimeOff, Source: other}
	dropped := appointment.AttentionSettled{Appointment: id, Client: client, Reason: appointment.TimeOff, Source: other}
	resolve := appointment.ResolveAttention{Appointment: id, Note: domain.Secret("she comes anyway")}
	resolved := dropped
	resolved.Resolved, resolved.Note = true, domain.Secret("she comes anyway")
	collides := needed
	collides.Reason, collides.Source = appointment.ZoneRules, [16]byte{}
	listed := slices.Clip(append(booking, needed))
	again := needed
	again.Visit = tuesday
	return []example{
		{Name: "a time off covers it", Given: booking, When: raise, Then: events{needed}},
		{Name: "a time off covers it, once", Given: listed, When: raise},
		{Name: "the time off is removed", Given: listed, When: drop, Then: events{dropped}},
		{Name: "a time off that did not cover it is removed", Given: booking, When: drop},
		{Name: "the staff resolve it", Given: listed, When: resolve, Then: events{resolved}},
		{Name: "the staff resolve it twice", Given: append(listed, resolved), When: resolve},
		{Name: "resolved without a cause", Given: booking, When: resolve, Refused: appointment.ErrNoAttention},
		{Name: "resolved, but unknown", When: resolve, Refused: appointment.ErrUnknown},
		{Name: "raised, but unknown", When: raise, Refused: appointment.ErrUnknown},
		{Name: "raised again after it was resolved", Given: append(listed, resolved), When: raise},
		{Name: "raised again after it was undone", Given: append(listed, dropped), When: raise, Then: events{needed}},
		{
			Name: "raised again after a move", Given: append(listed, moveRequested, moved), When: raise, Then: events{again},
		},
		{Name: "raised when cancelled", Given: append(listed, cancelled), When: raise},
		{
			Name: "an adjustment settles only the collision", Given: append(listed, collides, adjustRequested, adjusted),
			When: resolve, Then: events{resolved},
		},
	}
}

// The golden files of these two events have no cause. These pin their form with one.
func TestAdjustmentIsStoredAs(t *testing.T) {
	codec, err := domain.NewCodec(domaintest.NewVault(), appointment.Types)
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range (events{adjustRequested, adjusted}) {
		stored, err := codec.Encode(domain.DeriveUUID("event"), event, domain.Metadata{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("testdata/events/" + event.EventType() + ".zone_rules.json")
		if err != nil {
			t.Fatal(err)
		}
		if got := string(stored.Data) + "\n"; got != string(want) {
			t.Errorf("stored as %s, want %s", got, want)
		}
	}
}
