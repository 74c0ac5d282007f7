package appointment_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/domaintest"
)

var (
	id      = domain.AppointmentID{UUID: domain.DeriveUUID("appointment")}
	account = domain.AccountID{UUID: domain.DeriveUUID("account")}
	client  = domain.ClientID{UUID: domain.DeriveUUID("client")}
	service = domain.ServiceID{UUID: domain.DeriveUUID("service")}
	room    = domain.ResourceID{UUID: domain.DeriveUUID("room")}
	chair   = domain.ResourceID{UUID: domain.DeriveUUID("chair")}
	moveID  = domain.DeriveUUID("wish")
	other   = domain.DeriveUUID("another wish")
	terms   = appointment.Terms{Version: 3, MoveCutoffMin: 120, CancelCutoffMin: 60}

	monday, tuesday, friday = visitOn(4), visitOn(5), visitOn(8)
)

func at(day, hour int) time.Time { return time.Date(2016, 4, day, hour, 0, 0, 0, time.UTC) }

// visitOn returns a visit from ten to eleven with its legs in canonical order.
func visitOn(day int) appointment.Visit {
	interval := domain.Interval{Start: at(day, 10), End: at(day, 11)}
	return appointment.Visit{
		Start: interval.Start, End: interval.End, Local: interval.Start.Format("2006-01-02T15:04:05"), Zone: "UTC",
		Legs: []appointment.Leg{
			{Resource: chair, Units: 1, Interval: interval}, {Resource: room, Units: 2, Interval: interval},
		},
	}
}

func shuffled(v appointment.Visit) appointment.Visit {
	v.Legs = []appointment.Leg{v.Legs[1], v.Legs[0]}
	v.Start = v.Start.In(time.FixedZone("", 3600))
	return v
}

func without(v appointment.Visit, legs int) appointment.Visit {
	v.Legs = v.Legs[:legs]
	return v
}

type (
	example = domaintest.Example[appointment.Command, appointment.Event]
	events  = []appointment.Event
)

var (
	requested = appointment.Requested{
		Appointment: id, Account: account, Client: client, Service: service, Terms: terms, Visit: monday, Until: at(1, 9),
	}
	booked = appointment.Booked{
		Appointment: id, Account: account, Client: client, Service: service, Visit: monday,
	}
	moveRequested = appointment.RescheduleRequested{
		Appointment: id, RequestID: moveID, Sequence: 1, Visit: tuesday, Until: at(2, 9),
	}
	moved = appointment.Rescheduled{
		Appointment: id, Account: account, Client: client, Service: service, Sequence: 1, Visit: tuesday, Before: monday,
	}
	moveExpired = appointment.RescheduleAbandoned{Appointment: id, Sequence: 1, Reason: appointment.Expired}
	cancelled   = appointment.Cancelled{
		Appointment: id, Account: account, Client: client, Sequence: 1, Visit: monday, By: appointment.Client,
		Reason: domain.Secret("ill"),
	}
	booking = events{requested, booked}
	moving  = events{requested, booked, moveRequested}

	request = appointment.Request{
		Appointment: id, Account: account, Client: client, Service: service, Terms: terms,
		Visit: shuffled(monday), Until: at(1, 9),
	}
	move = appointment.RequestReschedule{
		Appointment: id, RequestID: moveID, Visit: shuffled(tuesday), By: appointment.Client, At: at(2, 8), Until: at(2, 9),
	}
	cancel = appointment.Cancel{
		Appointment: id, By: appointment.Client, Reason: domain.Secret("ill"), At: at(2, 8),
	}
)

func abandoned(reason string) appointment.Abandoned {
	return appointment.Abandoned{Appointment: id, Reason: reason}
}

func abandon(reason string, at time.Time) appointment.Abandon {
	return appointment.Abandon{Appointment: id, Reason: reason, At: at}
}

func TestAppointment(t *testing.T) {
	domaintest.Run(t, appointment.Decider, slices.Concat(
		requesting(), moves(), endings(), adjusting(), attention(), overrides(), corrections(), reinstatements(), links(), silences(), approvals(),
		holding()))
}

func requesting() (examples []example) {
	otherVisit, otherClient, noLegs, twice := request, request, request, request
	otherVisit.Visit = tuesday
	otherClient.Client = domain.ClientID{UUID: other}
	noLegs.Visit = without(monday, 0)
	twice.Visit.Legs = []appointment.Leg{monday.Legs[0], monday.Legs[0]}
	examples = append(examples, []example{
		{Name: "a request is kept in canonical form", When: request, Then: events{requested}},
		{Name: "requested again when booked", Given: booking, When: request},
		{Name: "requested again when moved", Given: append(moving, moved), When: request},
		{Name: "requested again when cancelled", Given: append(booking, cancelled), When: request},
		{Name: "the key for another time", Given: booking, When: otherVisit, Refused: appointment.ErrKeyReused},
		{Name: "the key for another client", Given: booking, When: otherClient, Refused: appointment.ErrKeyReused},
		{Name: "without a leg", When: noLegs, Refused: appointment.ErrVisit},
		{Name: "with a leg twice", When: twice, Refused: appointment.ErrVisit},
	}...)
	for reason, refusal := range map[string]error{
		"slot_taken": appointment.ErrSlotTaken, "expired": appointment.ErrExpired,
		"withdrawn": appointment.ErrWithdrawn, "units_exceed_capacity": appointment.ErrAbandoned,
	} {
		examples = append(examples, example{
			Name: "requested again when abandoned as " + reason, Given: events{requested, abandoned(reason)},
			When: request, Refused: refusal,
		})
	}
	book, decline := appointment.Book{Appointment: id}, appointment.Decline{Appointment: id, Reason: domain.Secret("full")}
	declined := appointment.Declined{Appointment: id, Client: client, Reason: domain.Secret("full")}
	examples = append(examples, []example{
		{Name: "booked", Given: events{requested}, When: book, Then: events{booked}},
		{
			Name: "confirmed after it was abandoned", Given: events{requested, abandoned("expired")}, When: book,
			Refused: appointment.ErrExpired,
		},
		{Name: "confirms an unknown appointment", When: book, Refused: appointment.ErrUnknown},
		{
			Name: "abandoned by the booking itself in time", Given: events{requested}, When: abandon("slot_taken", at(1, 8)),
			Then: events{abandoned("slot_taken")},
		},
		{Name: "expired", Given: events{requested}, When: abandon("expired", at(1, 10)), Then: events{abandoned("expired")}},
		{
			Name: "expired in time", Given: events{requested}, When: abandon("expired", at(1, 9)),
			Refused: appointment.ErrInTime,
		},
		{
			Name: "abandoned after it was booked", Given: booking, When: abandon("expired", at(1, 10)),
			Refused: appointment.ErrDecided,
		},
		{Name: "declined", Given: events{requested}, When: decline, Then: events{declined}},
		{Name: "declined after it was booked", Given: booking, When: decline, Refused: appointment.ErrDecided},
		{
			Name: "requested again when declined", Given: events{requested, declined}, When: request,
			Refused: appointment.ErrDeclined,
		},
		{Name: "withdrawn", Given: events{requested}, When: cancel, Then: events{abandoned("withdrawn")}},
	}...)
	return examples
}

func moves() (examples []example) {
	late, byStaff, stale, fresh, otherRequest, withoutID := move, move, move, move, move, move
	withoutID.RequestID = uuid.Nil
	late.At = at(4, 8)
	byStaff.At, byStaff.By = at(4, 8), appointment.Staff
	stale.Seen, fresh.Seen = appointment.IfSequence(1), appointment.IfSequence(0)
	otherRequest.RequestID, otherRequest.Visit = other, friday
	afterwards := otherRequest
	afterwards.At = at(2, 10)
	second := appointment.RescheduleRequested{
		Appointment: id, RequestID: other, Sequence: 2, Visit: friday, Until: at(2, 9),
	}
	reschedule := appointment.Reschedule{Appointment: id, Sequence: 1}
	giveUp := appointment.AbandonReschedule{
		Appointment: id, Sequence: 1, Reason: appointment.Expired, At: at(2, 10),
	}
	inTime := giveUp
	inTime.At = at(2, 9)
	return append(examples, []example{
		{Name: "a move is requested", Given: booking, When: move, Then: events{moveRequested}},
		{Name: "with the current sequence", Given: booking, When: fresh, Then: events{moveRequested}},
		{Name: "with another sequence", Given: booking, When: stale, Refused: appointment.ErrStale},
		{Name: "moved where it is", Given: append(moving, moved), When: otherTo(tuesday)},
		{Name: "at the cut-off", Given: booking, When: late, Refused: appointment.ErrCutOff},
		{Name: "at the cut-off by the staff", Given: booking, When: byStaff, Then: events{moveRequested}},
		{Name: "the same request after another move", Given: append(moving, moved, second, appointment.Rescheduled{
			Appointment: id, Sequence: 2, Visit: friday, Before: tuesday, Revokes: 1,
		}), When: move},
		{
			Name: "the same request after it expired", Given: append(moving, moveExpired), When: move,
			Refused: appointment.ErrExpired,
		},
		{Name: "a move without a request id", Given: booking, When: withoutID, Refused: appointment.ErrNoRequestID},
		{Name: "while another move is open", Given: moving, When: otherRequest, Refused: appointment.ErrMoving},
		{Name: "when another ran out of time", Given: moving, When: afterwards, Then: events{moveExpired, second}},
		{Name: "moved", Given: moving, When: reschedule, Then: events{moved}},
		{
			Name: "confirms a move that expired", Given: append(moving, moveExpired), When: reschedule,
			Refused: appointment.ErrExpired,
		},
		{Name: "confirms a move that was not requested", Given: booking, When: reschedule, Refused: appointment.ErrUnknown},
		{Name: "a move expired", Given: moving, When: giveUp, Then: events{moveExpired}},
		{Name: "a move expired in time", Given: moving, When: inTime, Refused: appointment.ErrInTime},
		{
			Name: "a move expired that was decided", Given: append(moving, moved), When: giveUp,
			Refused: appointment.ErrDecided,
		},
		{Name: "moved before it is booked", Given: events{requested}, When: move, Refused: appointment.ErrNotBooked},
		{
			Name: "moved after it was cancelled", Given: append(booking, cancelled), When: move,
			Refused: appointment.ErrCancelled,
		},
		{Name: "moves an unknown appointment", When: move, Refused: appointment.ErrUnknown},
	}...)
}

func corrections() []example {
	arrived, fulfilled := appointment.Arrived{Appointment: id}, appointment.Fulfilled{Appointment: id}
	missed, confirmed := appointment.MarkedNoShow{Appointment: id}, appointment.Confirmed{Appointment: id}
	arrive := func(at time.Time) appointment.Command { return appointment.Arrive{Appointment: id, At: at} }
	clear := func(at time.Time) appointment.Command { return appointment.ClearMark{Appointment: id, At: at} }
	unconfirm := appointment.ClearConfirmation{Appointment: id, At: at(4, 10)}
	cleared := func(mark string) events { return events{appointment.MarkCleared{Appointment: id, Mark: mark}} }
	open, closed := at(5, 23), at(6, 0) // the day after the visit, and its end
	return []example{
		{Name: "arrived on the day before", Given: booking, When: arrive(at(3, 23)), Refused: appointment.ErrNotYet},
		{Name: "arrived early on the day", Given: booking, When: arrive(at(4, 0)), Then: events{arrived}},
		{Name: "arrived, marked a week later", Given: booking, When: arrive(at(11, 0)), Then: events{arrived}},
		{
			Name: "confirmed after the end", Given: booking, When: appointment.Confirm{Appointment: id, At: at(4, 11)},
			Refused: appointment.ErrOver,
		},
		{Name: "corrected on the day after", Given: append(booking, missed), When: arrive(open), Then: events{arrived}},
		{Name: "corrected too late", Given: append(booking, missed), When: arrive(closed), Refused: appointment.ErrDayClosed},
		{
			Name: "fulfilled after it was closed as arrived", Given: append(booking, arrived),
			When: appointment.Fulfil{Appointment: id, At: closed}, Then: events{fulfilled},
		},
		{Name: "arrival cleared", Given: append(booking, arrived), When: clear(open), Then: cleared("arrived")},
		{Name: "no-show cleared", Given: append(booking, missed), When: clear(open), Then: cleared("noshow")},
		{Name: "fulfilment cleared", Given: append(booking, fulfilled), When: clear(open), Then: cleared("fulfilled")},
		{Name: "cleared too late", Given: append(booking, fulfilled), When: clear(closed), Refused: appointment.ErrDayClosed},
		{Name: "nothing to clear", Given: booking, When: clear(open)},
		{
			Name: "cleared when cancelled", Given: append(booking, cancelled), When: clear(open),
			Refused: appointment.ErrCancelled,
		},
		{Name: "confirmation cleared", Given: append(booking, confirmed), When: unconfirm, Then: cleared("confirmed")},
		{Name: "no confirmation to clear", Given: booking, When: unconfirm},
		{Name: "clears an unknown confirmation", When: unconfirm, Refused: appointment.ErrUnknown},
	}
}

func reinstatements() []example {
	reinstate := appointment.RequestReinstatement{Appointment: id, RequestID: moveID, At: at(2, 8), Until: at(2, 9)}
	late, stale, second, afterwards := reinstate, reinstate, reinstate, reinstate
	late.At = at(6, 0)
	stale.Seen = appointment.IfSequence(0)
	second.RequestID, afterwards.RequestID = other, other
	afterwards.At = at(2, 10)
	requestedAgain := appointment.RescheduleRequested{
		Appointment: id, RequestID: moveID, Sequence: 2, Visit: monday, Until: at(2, 9),
	}
	anew := requestedAgain
	anew.RequestID, anew.Sequence = other, 3
	reinstated := appointment.Reinstated{
		Appointment: id, Account: account, Client: client, Service: service, Sequence: 2, Visit: monday,
	}
	confirm := appointment.Reschedule{Appointment: id, Sequence: 2}
	expired := appointment.RescheduleAbandoned{Appointment: id, Sequence: 2, Reason: appointment.Expired}
	gone := events{requested, booked, cancelled}
	open := append(slices.Clone(gone), requestedAgain)
	back := append(slices.Clone(open), reinstated)
	return []example{
		{Name: "a reinstatement is requested", Given: gone, When: reinstate, Then: events{requestedAgain}},
		{Name: "it is reinstated", Given: open, When: confirm, Then: events{reinstated}},
		{Name: "the same reinstatement again", Given: back, When: reinstate},
		{Name: "another while one is open", Given: open, When: second, Refused: appointment.ErrMoving},
		{Name: "another when one ran out of time", Given: open, When: afterwards, Then: events{expired, anew}},
		{Name: "what is booked", Given: booking, When: reinstate},
		{Name: "after the day is closed", Given: gone, When: late, Refused: appointment.ErrDayClosed},
		{Name: "with another sequence", Given: gone, When: stale, Refused: appointment.ErrStale},
		{
			Name: "a request that was declined", Given: events{requested, appointment.Declined{Appointment: id, Client: client}},
			When: reinstate, Refused: appointment.ErrDeclined,
		},
		{Name: "reinstates an unknown appointment", When: reinstate, Refused: appointment.ErrUnknown},
		{
			Name: "moved after it was reinstated", Given: back, When: otherTo(tuesday),
			Then: events{appointment.RescheduleRequested{
				Appointment: id, RequestID: other, Sequence: 3, Visit: tuesday, Until: at(2, 9),
			}},
		},
	}
}

func overrides() []example {
	overrule := appointment.Overrule{
		Appointment: id, Rules: []string{"short_notice", "off_grid"}, Reason: domain.Secret("she is in pain"),
	}
	overridden := appointment.RulesOverridden{
		Appointment: id, Client: client, Rules: []string{"short_notice", "off_grid"}, Reason: domain.Secret("she is in pain"),
	}
	ofMove, ofMoveDone, noReason, noRules := overrule, overridden, overrule, overrule
	ofMove.Sequence, ofMoveDone.Sequence = 1, 1
	noReason.Reason, noRules.Rules = domain.Private{}, nil
	return []example{
		{Name: "rules overridden", Given: events{requested}, When: overrule, Then: events{overridden}},
		{Name: "rules overridden by a move", Given: moving, When: ofMove, Then: events{ofMoveDone}},
		{Name: "rules overridden when the visit is decided", Given: booking, When: overrule},
		{Name: "no rule is broken", Given: events{requested}, When: noRules},
		{Name: "without a reason", Given: events{requested}, When: noReason, Refused: appointment.ErrNoReason},
		{Name: "of an attempt that does not exist", Given: booking, When: ofMove, Refused: appointment.ErrUnknown},
	}
}

func otherTo(v appointment.Visit) appointment.RequestReschedule {
	again := move
	again.RequestID, again.Visit = other, v
	return again
}

func endings() (examples []example) {
	late, byStaff, stale := cancel, cancel, cancel
	late.At = at(4, 9)
	byStaff.At, byStaff.By = at(4, 9), appointment.Staff
	stale.Seen = appointment.IfSequence(3)
	staffs, second := cancelled, cancelled
	staffs.By = appointment.Staff
	second.Sequence = 2
	overtaken := appointment.RescheduleAbandoned{Appointment: id, Sequence: 1, Reason: appointment.Overtaken}
	arrived, fulfilled := appointment.Arrived{Appointment: id}, appointment.Fulfilled{Appointment: id}
	missed, confirmed := appointment.MarkedNoShow{Appointment: id}, appointment.Confirmed{Appointment: id}
	arrive, confirm := appointment.Arrive{Appointment: id, At: at(4, 0)}, appointment.Confirm{Appointment: id, At: at(4, 10)}
	fulfil := appointment.Fulfil{Appointment: id, At: at(4, 11)}
	miss := appointment.MarkNoShow{Appointment: id, At: at(4, 11)}
	note := appointment.AddNote{Appointment: id, Note: moveID, Text: domain.Secret("by train")}
	nameless := appointment.AddNote{Appointment: id, Text: domain.Secret("by train")}
	noted := appointment.NoteAdded{Appointment: id, Note: moveID, Client: client, Text: domain.Secret("by train")}
	examples = append(examples, []example{
		{Name: "cancelled", Given: booking, When: cancel, Then: events{cancelled}},
		{Name: "cancelled at the cut-off", Given: booking, When: late, Refused: appointment.ErrCutOff},
		{Name: "cancelled at the cut-off by the staff", Given: booking, When: byStaff, Then: events{staffs}},
		{Name: "cancelled with another sequence", Given: booking, When: stale, Refused: appointment.ErrStale},
		{Name: "cancelled while moving", Given: moving, When: cancel, Then: events{overtaken, second}},
		{
			Name: "confirms a move after a cancellation", Given: append(moving, overtaken, second),
			When: appointment.Reschedule{Appointment: id, Sequence: 1}, Refused: appointment.ErrOvertaken,
		},
		{Name: "cancels an unknown appointment", When: cancel, Refused: appointment.ErrUnknown},
		{Name: "cancelled after its end", Given: append(booking, fulfilled), When: cancel, Refused: appointment.ErrOver},
		{Name: "confirmed", Given: booking, When: confirm, Then: events{confirmed}},
		{Name: "confirmed after arrival", Given: append(booking, arrived), When: confirm},
		{
			Name: "confirmed after it was cancelled", Given: append(booking, cancelled), When: confirm,
			Refused: appointment.ErrCancelled,
		},
		{
			Name: "a move resets the confirmation", Given: append(booking, confirmed, moveRequested, moved), When: confirm,
			Then: events{confirmed},
		},
		{Name: "arrived", Given: booking, When: arrive, Then: events{arrived}},
		{Name: "arrived while moving", Given: moving, When: arrive, Then: events{overtaken, arrived}},
		{Name: "fulfilled", Given: append(booking, arrived), When: fulfil, Then: events{fulfilled}},
		{
			Name: "fulfilled before its start", Given: booking, When: appointment.Fulfil{Appointment: id, At: at(4, 9)},
			Refused: appointment.ErrNotYet,
		},
		{Name: "missed", Given: booking, When: miss, Then: events{missed}},
		{
			Name: "missed before its start", Given: booking, When: appointment.MarkNoShow{Appointment: id, At: at(4, 9)},
			Refused: appointment.ErrNotYet,
		},
		{Name: "a mark is corrected", Given: append(booking, missed), When: fulfil, Then: events{fulfilled}},
		{Name: "marked before it is booked", Given: events{requested}, When: arrive, Refused: appointment.ErrNotBooked},
		{Name: "noted", Given: booking, When: note, Then: events{noted}},
		{Name: "noted without an id", Given: booking, When: nameless, Refused: appointment.ErrNoteWithoutID},
		{Name: "adds a note to an unknown appointment", When: note, Refused: appointment.ErrUnknown},
	}...)
	return examples
}

func TestMoveSupersedesTheEarlierVisit(t *testing.T) {
	state := appointment.Decider.Fold(append(moving, moved)...)
	ended := state.EndedAttempts()
	if len(ended) != 1 || ended[0].Sequence != 0 || ended[0].Outcome != appointment.OutcomeSuperseded {
		t.Fatalf("after a move the ended attempts are %+v, want sequence 0, superseded", ended)
	}
	if current, ok := state.Current(); !ok || current.Sequence != 1 || state.Sequence != 1 {
		t.Fatalf("after a move the current attempt is %+v, want sequence 1", current)
	}
	if open, ok := state.OpenAttempt(); ok {
		t.Fatalf("after a move %+v is open, want none", open)
	}
}
