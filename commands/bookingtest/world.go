package bookingtest

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// Everything is asked for on one day; every visit lies around the end of its month.
var (
	dayOfRun  = time.Date(2016, 4, 29, 8, 0, 0, 0, time.UTC)
	firstSlot = time.Date(2016, 4, 30, 23, 0, 0, 0, time.UTC)
)

const slot = 30 * time.Minute

// world is the few resources and wishes that a run's workers share. Several workers may have the same wish: that
// is a client who asks again while the first try is still going on.
type world struct {
	seed      uint64
	resources []domain.ResourceID
	units     map[domain.ResourceID]int
	requests  []appointment.Request
	moves     []appointment.RequestReschedule
}

type kind int

const (
	book kind = iota
	move
	cancel
	arrive
	confirm
	sweep
)

// op is one thing a client, the staff or the sweeper does.
type op struct {
	kind    kind
	request appointment.Request
	move    appointment.RequestReschedule
}

func newWorld(rng *rand.Rand, seed uint64) world {
	w := world{seed: seed, units: make(map[domain.ResourceID]int)}
	for i := range 1 + rng.IntN(3) {
		id := domain.ResourceID{UUID: domain.DeriveUUID("resource", seed, i)}
		w.resources = append(w.resources, id)
		w.units[id] = 1 + rng.IntN(3)*rng.IntN(2)
	}
	account := domain.AccountID{UUID: domain.DeriveUUID("account", seed)}
	for i := range 2 + rng.IntN(4) {
		w.requests = append(w.requests, appointment.Request{
			Appointment: domain.AppointmentID{UUID: domain.DeriveUUID("appointment", seed, i)},
			Account:     account, Client: domain.ClientID{UUID: domain.DeriveUUID("client", seed, i)},
			Visit: w.visit(rng),
		})
	}
	for i := range 1 + rng.IntN(4) {
		w.moves = append(w.moves, appointment.RequestReschedule{
			Appointment: w.requests[rng.IntN(len(w.requests))].Appointment,
			RequestID:   domain.DeriveUUID("wish", seed, i), Visit: w.visit(rng), By: appointment.Client,
		})
	}
	return w
}

// visit takes some of the resources for one to three slots, legs in no order; some start at another time.
func (w world) visit(rng *rand.Rand) appointment.Visit {
	start := firstSlot.Add(time.Duration(rng.IntN(4)) * slot)
	end := start.Add(time.Duration(1+rng.IntN(3)) * slot)
	visit := appointment.Visit{Start: start, End: end, Local: start.Format("2006-01-02T15:04:05"), Zone: "UTC"}
	for _, i := range rng.Perm(len(w.resources))[:1+rng.IntN(len(w.resources))] {
		id := w.resources[i]
		interval := domain.Interval{Start: start, End: end}
		if rng.IntN(4) == 0 { // a resource that is needed after the others, or twice
			interval = domain.Interval{Start: end, End: end.Add(slot)}
		}
		visit.Legs = append(visit.Legs, appointment.Leg{Resource: id, Units: 1 + rng.IntN(w.units[id]), Interval: interval})
		if rng.IntN(8) == 0 {
			after := interval.End.Add(-time.Duration(rng.IntN(2)) * slot / 2) // or still during it
			interval = domain.Interval{Start: after, End: after.Add(slot)}
			visit.Legs = append(visit.Legs, appointment.Leg{Resource: id, Units: 1, Interval: interval})
		}
	}
	return visit
}

// script is what one worker does: mostly one wish, seldom more.
func (w world) script(rng *rand.Rand) []op {
	script := make([]op, 1+rng.IntN(2)+rng.IntN(2))
	for i := range script {
		request := w.requests[rng.IntN(len(w.requests))]
		wish := w.moves[rng.IntN(len(w.moves))]
		script[i] = op{[]kind{
			book, book, book, book, book, move, move, move, cancel, cancel, arrive, confirm, sweep,
		}[rng.IntN(13)], request, wish}
		if script[i].kind == move && rng.IntN(2) == 0 { // who moves has usually booked
			at := slices.IndexFunc(w.requests, func(r appointment.Request) bool {
				return r.Appointment == wish.Appointment
			})
			script = append([]op{{book, w.requests[at], wish}}, script...)
			return script[:i+2]
		}
	}
	return script
}
