package peers

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/jsonv2"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// event is an event before any store has encoded it. Versions of a stream count from 1.
type event struct {
	id      uuid.UUID
	stream  uuid.UUID
	version int
	value   domain.Event
	meta    domain.Metadata
}

// newStream returns the events of one appointment, 5 to 10 of them: on average some 300 bytes of JSON and some 120 of
// metadata each. No event holds private text, because no peer encrypts any.
func newStream() []event { return streamOf(5 + rand.IntN(6)) }

func streamOf(length int) []event {
	stream, correlation := uuid.New(), uuid.New()
	now := domain.Microseconds(time.Now().UTC())
	meta := domain.Metadata{
		Actor: domain.Actor{Channel: "api"}, Correlation: correlation, OccurredAt: now, RecordedAt: now,
	}
	var events []event
	for _, value := range life(domain.AppointmentID{UUID: stream}, now, length) {
		events = append(events, event{uuid.New(), stream, len(events) + 1, value, meta})
	}
	return events
}

// life returns a booking, as many moves as needed, and a visit.
func life(id domain.AppointmentID, now time.Time, length int) []domain.Event {
	account, client := domain.AccountID{UUID: uuid.New()}, domain.ClientID{UUID: uuid.New()}
	service, resource := domain.ServiceID{UUID: uuid.New()}, domain.ResourceID{UUID: uuid.New()}
	visit := func(n int) appointment.Visit {
		start := now.Truncate(time.Hour).Add(time.Duration(24+n) * time.Hour)
		end := start.Add(30 * time.Minute)
		leg := appointment.Leg{Resource: resource, Units: 1, Interval: domain.Interval{Start: start, End: end}}
		return appointment.Visit{
			Start: start, End: end, Local: start.Format("2006-01-02T15:04:05"), Zone: "Etc/UTC", Legs: []appointment.Leg{leg},
		}
	}
	events := []domain.Event{
		appointment.Requested{
			Appointment: id, Account: account, Client: client, Service: service,
			Terms: appointment.Terms{Version: 1, MoveCutoffMin: 120}, Visit: visit(0), Until: now.Add(time.Minute),
		},
		appointment.Booked{Appointment: id, Account: account, Client: client, Service: service, Visit: visit(0)},
	}
	moves := 0
	for ; len(events) < length-3; moves++ {
		events = append(events, appointment.RescheduleRequested{
			Appointment: id, RequestID: uuid.New(), Sequence: moves + 1, Visit: visit(moves + 1), Until: now.Add(time.Minute),
		})
		if len(events) == length-3 {
			break
		}
		events = append(events, appointment.Rescheduled{
			Appointment: id, Account: account, Client: client, Service: service, Sequence: moves + 1,
			Visit: visit(moves + 1), Before: visit(moves), Revokes: moves,
		})
	}
	return append(events, appointment.Confirmed{Appointment: id}, appointment.Arrived{Appointment: id},
		appointment.Fulfilled{Appointment: id})
}

// batches cuts streams into appends of a number of events each and distributes them to the writers. Every stream has
// one writer, so there are no conflicts. Each list has at least as many events as requested.
func batches(writers, size, eventsEach int) [][][]event {
	all := make([][][]event, writers)
	for writer := range all {
		for n := 0; n < eventsEach; {
			stream := newStream()
			if size > 1 {
				stream = streamOf(size)
			}
			for len(stream) > 0 && n < eventsEach {
				all[writer] = append(all[writer], stream[:size])
				stream, n = stream[size:], n+size
			}
		}
	}
	return all
}

// newCodec returns a codec as cmd/clickbook configures it.
func newCodec() (*domain.Codec, error) {
	codec, err := domain.NewCodec(domaintest.NewVault(), appointment.Types)
	if err != nil {
		return nil, err
	}
	return codec.ReadWith(jsonv2.Unmarshal), nil
}

// sizes returns the mean bytes of data and metadata as our codec writes them.
func sizes() (string, error) {
	codec, err := newCodec()
	if err != nil {
		return "", err
	}
	events, data, meta := 0, 0, 0
	for range 1000 {
		for _, e := range newStream() {
			stored, err := codec.Encode(e.id, e.value, e.meta)
			if err != nil {
				return "", err
			}
			events, data, meta = events+1, data+len(stored.Data), meta+len(stored.Meta)
		}
	}
	return fmt.Sprintf("streams of %.1f events of %d bytes of JSON and %d bytes of metadata on the average",
		float64(events)/1000, data/events, meta/events), nil
}
