// Package appointment is one visit of one client, from the request to what became of it: RFC 5545's event with
// its SEQUENCE, and FHIR's appointment status. Its stream is the commit record of the booking protocol: what
// Booked, Rescheduled, Cancelled and their opposites say is true, whatever the diaries still hold.
//
// Every visit ever asked for is an attempt with a SEQUENCE of its own, never used again: a hold left over from
// an attempt that came to nothing can never be taken for one that stands. Moves and cancellations by the client
// keep to the terms in force when the appointment was booked; the staff may override them.
//
// An appointment refuses to know whether a time is free: diaries and availability answer that.
package appointment

import "github.com/clickbook/clickbook/domain"

// Decider is the appointment in one value.
var Decider = domain.Decider[State, Command, Event]{
	Category: "appointment",
	Types:    Types,
	Decide:   func(s State, c Command) ([]Event, error) { return c.decide(s) },
	Evolve:   func(s State, e Event) State { return e.evolve(s) },
}

// StreamOf names an appointment's stream.
func StreamOf(id domain.AppointmentID) domain.Stream {
	return domain.StreamOf("appointment", id.String())
}

// IDOf is the id of the appointment that an account asks for under an idempotency key.
func IDOf(account domain.AccountID, key string) domain.AppointmentID {
	return domain.AppointmentID{UUID: domain.DeriveUUID("appointment", account, key)}
}
