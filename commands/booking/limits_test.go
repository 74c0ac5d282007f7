package booking_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

var (
	errLimit       = domain.Refuse(domain.Disallowed, "limit_reached", "")
	errClientLimit = domain.Refuse(domain.Disallowed, "client_limit", "")
)

// house is a world with two rooms that are always open, and a service of an hour that takes either.
type house struct {
	*commandstest.World
	rooms [2]domain.ResourceID
	other domain.ClientID
}

func newHouse(t *testing.T, limits service.Policy) house {
	t.Helper()
	w := commandstest.NewWorld(t)
	h := house{
		w,
		[2]domain.ResourceID{w.Room, domain.DeriveID[domain.ResourceID]("second room")},
		domain.DeriveID[domain.ClientID]("bruno"),
	}
	profile, err := resource.NewProfile("Second room", "room", 1)
	w.Ok(err)
	w.Do(resource.Add{Resource: h.rooms[1], Account: w.Account, Profile: profile})
	for _, room := range h.rooms {
		hours, err := resource.NewWeeklyHours(room, "America/Sao_Paulo",
			[]resource.Hours{{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "00:00", To: "24:00"}})
		w.Ok(err)
		w.Do(hours)
	}
	w.Register(h.other, w.Account)
	limits.Name, limits.DurationMin = "Visit", 60
	limits.Requirements = []service.Requirement{{AnyOf: []service.Choice{
		{Resource: h.rooms[0], Units: 1}, {Resource: h.rooms[1], Units: 1},
	}}}
	w.Do(service.Change{Service: w.Service, Policy: limits})
	return h
}

// expect books a client in a room, 0 for any, at a local time, and expects a result.
func (h house) expect(want error, key string, who domain.ClientID, room int, local string) {
	h.T.Helper()
	order := h.Order(key, h.at(local))
	order.Client = who
	if room > 0 {
		order.Resource = h.rooms[room-1]
	}
	if _, err := h.Bookings.Book(h.T.Context(), h.Origin(), order); !errors.Is(err, want) {
		h.T.Errorf("%s at %s returned %v, want %v", key, local, err, want)
	}
}

func (h house) at(local string) time.Time {
	h.T.Helper()
	at, err := time.Parse("2006-01-02T15:04", local)
	h.Ok(err)
	return at.Add(3 * time.Hour) // São Paulo in winter
}

func (h house) move(want error, key, to string) {
	h.T.Helper()
	_, err := h.Bookings.Move(h.T.Context(), h.Origin().WithID(domain.DeriveUUID(key, to)), booking.Move{
		Appointment: appointment.IDOf(h.Account, key), Account: h.Account, Start: h.at(to), By: appointment.Staff,
	})
	if !errors.Is(err, want) {
		h.T.Errorf("moving %s to %s returned %v, want %v", key, to, err, want)
	}
}

func TestDailyLimitCountsTheServiceOnAllResources(t *testing.T) {
	h := newHouse(t, service.Policy{PerDay: 2, BufferBeforeMin: 60})
	h.expect(nil, "a", h.Ana, 1, "2016-05-10T00:00") // its buffer begins on the day before
	h.expect(nil, "b", h.other, 2, "2016-05-10T23:00")
	h.expect(errLimit, "c", h.Ana, 1, "2016-05-10T12:00")
	h.expect(errLimit, "d", h.Ana, 0, "2016-05-10T12:00")
	h.expect(nil, "e", h.Ana, 1, "2016-05-09T22:00")
	h.expect(nil, "f", h.Ana, 1, "2016-05-11T12:00")
	h.move(nil, "a", "2016-05-10T15:00") // it does not count itself
	h.move(errLimit, "f", "2016-05-10T12:00")
	h.Cancel(appointment.IDOf(h.Account, "b"))
	h.move(nil, "f", "2016-05-10T12:00")
	order := h.Order("g", h.at("2016-05-10T18:00"))
	order.Override = pain
	_, err := h.Bookings.Book(t.Context(), h.Origin(), order)
	h.Ok(err)
}

func TestWeeklyLimitCountsFromMondayToSunday(t *testing.T) {
	h := newHouse(t, service.Policy{PerWeek: 2})
	h.expect(nil, "a", h.Ana, 1, "2016-05-09T00:00") // Monday
	h.expect(nil, "b", h.other, 2, "2016-05-15T23:00")
	h.expect(errLimit, "c", h.Ana, 2, "2016-05-11T12:00")
	h.expect(nil, "d", h.Ana, 1, "2016-05-08T23:00")
	h.expect(nil, "e", h.Ana, 1, "2016-05-16T00:00")
	h.move(nil, "b", "2016-05-09T12:00")
	h.move(errLimit, "e", "2016-05-15T22:00")
}

func TestClientLimitCountsOneClient(t *testing.T) {
	h := newHouse(t, service.Policy{PerClient: 1})
	h.expect(nil, "a", h.Ana, 1, "2016-05-10T09:00")
	h.expect(errClientLimit, "b", h.Ana, 2, "2016-05-10T12:00")
	h.expect(nil, "c", h.other, 2, "2016-05-10T12:00")
	h.expect(nil, "d", h.Ana, 2, "2016-05-11T09:00")
	h.move(nil, "a", "2016-05-10T10:00")
	h.move(errClientLimit, "d", "2016-05-10T15:00")
}

// Bookings of one process run in turn while they count, so a race takes exactly as many as the limit allows.
func TestLimitsHoldInARace(t *testing.T) {
	h := newHouse(t, service.Policy{PerDay: 3})
	var racing sync.WaitGroup
	var mu sync.Mutex
	booked := 0
	for i := range 20 {
		order := h.Order(domain.DeriveUUID(i).String(), h.at("2016-05-10T00:00").Add(time.Duration(i)*time.Hour))
		order.Resource = h.rooms[i%2]
		racing.Go(func() {
			_, err := h.Bookings.Book(t.Context(), h.Origin(), order)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				booked++
			case !errors.Is(err, errLimit):
				t.Error(err)
			}
		})
	}
	racing.Wait()
	if booked != 3 {
		t.Errorf("%d bookings of a race succeeded, want 3", booked)
	}
}
