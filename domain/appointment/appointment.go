// Package appointment is the aggregate of an appointment of one client, from the request to its end: the event of RFC
// 5545 with its SEQUENCE, and the appointment status of FHIR. Its stream is the commit record of the booking
// protocol: what Booked, Rescheduled, Cancelled and their opposites say is true, whatever the diaries still hold.
//
// Every requested visit is an attempt with its own SEQUENCE, which is never used again. So a hold left over from an
// abandoned attempt cannot be mistaken for one of a confirmed attempt. Moves and cancellations by the client follow
// the terms in force when the appointment was booked; the staff may override them.
//
// An appointment refuses to know whether a time is free. Diaries and availability know that.
package appointment

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "appointment-{id}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "appointment",
	Types:    Types,
	Decide:   func(s State, c Command) ([]Event, error) { return c.decide(s) },
	Evolve:   func(s State, e Event) State { return e.evolve(s) },
}

// StreamOf returns the stream of an appointment.
func StreamOf(id domain.AppointmentID) domain.Stream {
	return domain.StreamOf("appointment", id.String())
}

// IDOf returns the id of the appointment that an account requests under an idempotency key.
func IDOf(account domain.AccountID, key string) domain.AppointmentID {
	return domain.AppointmentID{UUID: domain.DeriveUUID("appointment", account, key)}
}
