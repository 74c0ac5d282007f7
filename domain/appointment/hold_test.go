package appointment_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

var (
	held = appointment.StartHeld{
		Appointment: id, Account: account, Service: service, Visit: monday, Since: at(1, 8), Until: at(1, 9),
	}
	details = appointment.Details{
		Client: client, Name: domain.Secret("Ben"), Phone: domain.Secret("+41790000001"), Country: "CH",
		Email: domain.Secret("ben@example.com"), Note: domain.Secret("back pain"), Language: "de",
	}
	given = appointment.DetailsGiven{
		Appointment: id, Account: account, Client: client, Name: details.Name, Phone: details.Phone, Country: "CH",
		Email: details.Email, Note: details.Note, Language: "de", Until: at(1, 10),
	}
)

func holding() []example {
	hold := appointment.HoldStart{
		Appointment: id, Account: account, Service: service, Visit: shuffled(monday), Since: at(1, 8), Until: at(1, 9),
	}
	book := appointment.Request{
		Appointment: id, Account: account, Client: client, Service: service, Terms: terms, Visit: monday, Until: at(1, 9),
	}
	extended := appointment.HoldExtended{Appointment: id, Until: at(1, 9).Add(10 * time.Minute)}
	extend := appointment.ExtendHold{Appointment: id, By: 10 * time.Minute}
	ended := appointment.HoldEnded{Appointment: id, Account: account, Reason: appointment.Expired}
	taken := appointment.HoldEnded{Appointment: id, Account: account, Reason: "slot_taken"}
	expire := appointment.Abandon{Appointment: id, Reason: appointment.Expired, At: at(1, 9)}
	late := appointment.Abandon{Appointment: id, Reason: appointment.Expired, At: at(1, 9).Add(time.Second)}
	give := appointment.GiveDetails{Appointment: id, Details: details, Until: at(1, 10)}
	soon := appointment.GiveDetails{Appointment: id, Details: details, Until: at(1, 8)}
	soonGiven := given
	soonGiven.Until = at(1, 9)
	start := monday.Start
	startHeld := appointment.StartHeld{
		Appointment: id, Account: account, Service: service, Visit: monday, Since: start.Add(-time.Minute), Until: start,
	}
	near := appointment.HoldStart{
		Appointment: id, Account: account, Service: service, Visit: monday, Since: start.Add(-time.Minute),
		Until: start.Add(9 * time.Minute),
	}
	whole := appointment.GiveDetails{Appointment: id, Details: details, Until: start.Add(time.Hour)}
	lateGiven := given
	lateGiven.Until = start
	forms := events{held}
	for _, name := range []string{"A", "B", "C", "D", "E"} {
		another := given
		another.Name = domain.Secret(name)
		forms = append(forms, another)
	}
	confirm, decide := appointment.Confirm{Appointment: id}, appointment.Book{Appointment: id}
	cancel := appointment.Cancel{Appointment: id}
	elsewhere, another, broken := hold, book, hold
	elsewhere.Visit, another.Visit, broken.Visit = tuesday, tuesday, appointment.Visit{}
	return []example{
		{Name: "a start held", When: hold, Then: events{held}},
		{Name: "a start held twice", Given: events{held}, When: hold},
		{Name: "the hold of another start", Given: events{held}, When: elsewhere, Refused: appointment.ErrKeyReused},
		{Name: "a hold without a visit", When: broken, Refused: appointment.ErrVisit},
		{Name: "a hold after its end", Given: events{held, ended}, When: hold, Refused: appointment.ErrHoldEnded},
		{Name: "a hold that was taken", Given: events{held, taken}, When: hold, Refused: appointment.ErrSlotTaken},
		{Name: "a hold of what is booked", Given: booking, When: hold, Refused: appointment.ErrHoldBooked},

		{Name: "a held start booked", Given: events{held}, When: book, Then: events{requested}},
		{Name: "another start booked than held", Given: events{held}, When: another, Refused: appointment.ErrKeyReused},
		{Name: "a start booked after its hold", Given: events{held, ended}, When: book, Refused: appointment.ErrHoldEnded},

		{Name: "a hold extended", Given: events{held}, When: extend, Then: events{extended}},
		{Name: "a hold extended twice", Given: events{held, extended}, When: extend},
		{Name: "an extension after the end", Given: events{held, ended}, When: extend, Refused: appointment.ErrHoldEnded},
		{Name: "an extension of nothing", When: extend, Refused: appointment.ErrHoldUnknown},
		{Name: "an extension of what is booked", Given: booking, When: extend, Refused: appointment.ErrHoldBooked},

		{Name: "details given", Given: events{held}, When: give, Then: events{given}},
		{Name: "details given twice", Given: events{held, given}, When: give},
		{Name: "details never shorten a hold", Given: events{held}, When: soon, Then: events{soonGiven}},
		{Name: "details after the end", Given: events{held, ended}, When: give, Refused: appointment.ErrHoldEnded},
		{Name: "details of what is booked", Given: booking, When: give, Refused: appointment.ErrHoldBooked},
		{Name: "details booked", Given: events{held, given}, When: book, Then: events{requested}},

		{Name: "a hold in time", Given: events{held}, When: expire, Refused: appointment.ErrInTime},
		{Name: "a hold past its time", Given: events{held}, When: late, Then: events{ended}},
		{Name: "an extended hold in time", Given: events{held, extended}, When: late, Refused: appointment.ErrInTime},
		{Name: "the end of what has ended", Given: events{held, ended}, When: late},
		{
			Name: "a hold released", Given: events{held},
			When: appointment.Abandon{Appointment: id, Reason: appointment.Withdrawn},
			Then: events{appointment.HoldEnded{Appointment: id, Account: account, Reason: appointment.Withdrawn}},
		},

		{Name: "a hold ends at the start", When: near, Then: events{startHeld}},
		{
			Name: "an extension ends at the start", Given: events{startHeld}, When: extend,
			Then: events{appointment.HoldExtended{Appointment: id, Until: start}},
		},
		{Name: "details hold until the start", Given: events{held}, When: whole, Then: events{lateGiven}},
		{Name: "details given too often", Given: forms, When: give, Refused: appointment.ErrManyForms},

		{Name: "a hold confirmed as an appointment", Given: events{held}, When: confirm, Refused: appointment.ErrUnknown},
		{Name: "a hold booked without a request", Given: events{held}, When: decide, Refused: appointment.ErrUnknown},
		{Name: "a hold cancelled", Given: events{held}, When: cancel, Refused: appointment.ErrUnknown},
		{
			Name: "a hold against the rules", Given: events{held},
			When:    appointment.Overrule{Appointment: id, Rules: []string{"off_grid"}, Reason: domain.Secret("a regular")},
			Refused: appointment.ErrUnknown,
		},
	}
}

// TestHoldIsNoAppointment checks what everything that shows appointments looks at.
func TestHoldIsNoAppointment(t *testing.T) {
	var state appointment.State
	for _, event := range []appointment.Event{held, given} {
		state = appointment.Decider.Evolve(state, event)
	}
	if _, current := state.Current(); state.Exists() || current || !state.Latest().Visit.Start.IsZero() {
		t.Errorf("a hold shows as an appointment: %+v", state)
	}
	if attempt, held := state.Held(); !held || !attempt.Until.Equal(given.Until) || state.Hold.Given != details {
		t.Errorf("the hold is %+v with %+v", attempt, state.Hold)
	}
	if state = appointment.Decider.Evolve(state, requested); state.Hold != (appointment.Hold{}) || !state.Exists() {
		t.Errorf("the request keeps %+v of the hold", state.Hold)
	}
}
