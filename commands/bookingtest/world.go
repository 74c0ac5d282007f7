package bookingtest

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// Every request is made on one day, for a visit around the end of that month.
var (
	dayOfRun  = time.Date(2016, 4, 29, 8, 0, 0, 0, time.UTC)
	firstSlot = time.Date(2016, 4, 30, 23, 0, 0, 0, time.UTC)
)

const slot = 30 * time.Minute

// world holds the few resources and requests that the workers of a run share. Several workers may send the same
// request, as a client does who retries while the first call is still running.
type world struct {
	seed      uint64
	account   domain.AccountID
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
	holdStart // for a visitor, before the booking
	extend
	release
)

// op is one operation of a client, the staff or the sweeper.
type op struct {
	kind    kind
	request appointment.Request
	move    appointment.RequestReschedule
}

func newWorld(rng *rand.Rand, seed uint64) world {
	w := world{
		seed: seed, account: domain.AccountID{UUID: domain.DeriveUUID("account", seed)},
		units: make(map[domain.ResourceID]int),
	}
	for i := range 1 + rng.IntN(3) {
		id := domain.ResourceID{UUID: domain.DeriveUUID("resource", seed, i)}
		w.resources = append(w.resources, id)
		w.units[id] = 1 + rng.IntN(3)*rng.IntN(2)
	}
	for i := range 2 + rng.IntN(4) {
		w.requests = append(w.requests, appointment.Request{
			Appointment: domain.AppointmentID{UUID: domain.DeriveUUID("appointment", seed, i)},
			Account:     w.account, Client: domain.ClientID{UUID: domain.DeriveUUID("client", seed, i)},
			Visit: w.visit(rng),
		})
	}
	for i := range 1 + rng.IntN(4) {
		w.moves = append(w.moves, appointment.RequestReschedule{
			Appointment: w.requests[rng.IntN(len(w.requests))].Appointment,
			RequestID:   domain.DeriveUUID("move", seed, i), Visit: w.visit(rng), By: appointment.Client,
		})
	}
	return w
}

// visit makes a visit of one to three slots on some of the resources. Its legs are in random order, and some start at
// another time than the visit.
func (w world) visit(rng *rand.Rand) appointment.Visit {
	start := firstSlot.Add(time.Duration(rng.IntN(4)) * slot)
	end := start.Add(time.Duration(1+rng.IntN(3)) * slot)
	visit := appointment.Visit{Start: start, End: end, Local: start.Format("2006-01-02T15:04:05"), Zone: "UTC"}
	for _, i := range rng.Perm(len(w.resources))[:1+rng.IntN(len(w.resources))] {
		id := w.resources[i]
		interval := domain.Interval{Start: start, End: end}
		if rng.IntN(4) == 0 { // a resource that is needed after the others
			interval = domain.Interval{Start: end, End: end.Add(slot)}
		}
		visit.Legs = append(visit.Legs, appointment.Leg{Resource: id, Units: 1 + rng.IntN(w.units[id]), Interval: interval})
		if rng.IntN(8) == 0 {
			after := interval.End.Add(-time.Duration(rng.IntN(2)) * slot / 2) // or while it still lasts
			interval = domain.Interval{Start: after, End: after.Add(slot)}
			visit.Legs = append(visit.Legs, appointment.Leg{Resource: id, Units: 1, Interval: interval})
		}
	}
	return visit
}

// script makes the one to three operations of a worker.
func (w world) script(rng *rand.Rand) []op {
	script := make([]op, 1+rng.IntN(2)+rng.IntN(2))
	for i := range script {
		request := w.requests[rng.IntN(len(w.requests))]
		change := w.moves[rng.IntN(len(w.moves))]
		script[i] = op{[]kind{
			book, book, book, book, book, move, move, move, cancel, cancel, arrive, confirm, sweep,
			holdStart, holdStart, holdStart, extend, release,
		}[rng.IntN(18)], request, change}
		if script[i].kind == move && rng.IntN(2) == 0 { // a client who moves has usually booked
			at := slices.IndexFunc(w.requests, func(r appointment.Request) bool {
				return r.Appointment == change.Appointment
			})
			script = append([]op{{book, w.requests[at], change}}, script...)
			return script[:i+2]
		}
	}
	return script
}
