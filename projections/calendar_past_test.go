package projections_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

// pastLog returns a random history of some appointments, in the order in which it was recorded. Sometimes several
// events are recorded in the same microsecond.
func pastLog(random *rand.Rand) []Append {
	at := Monday
	var log []Append
	sequence := make(map[byte]int)
	for range 40 {
		at = at.Add(time.Duration(random.IntN(4)) * time.Second)
		n := byte(1 + random.IntN(4))
		id, start := Visit(n), Monday.Add(time.Duration(1+random.IntN(100))*time.Hour)
		stream := appointment.StreamOf(id)
		if _, known := sequence[n]; !known {
			sequence[n] = 0
			log = append(log, On(stream, at, appointment.Requested{
				Appointment: id, Account: Acme, Client: Anna, Service: Haircut, Visit: VisitAt(start),
			}))
			continue
		}
		var event domain.Event
		switch random.IntN(9) {
		case 0:
			event = appointment.Booked{Appointment: id, Account: Acme}
		case 1:
			sequence[n]++
			event = appointment.Rescheduled{Appointment: id, Account: Acme, Sequence: sequence[n], Visit: VisitAt(start)}
		case 2:
			event = appointment.Rescheduled{
				Appointment: id, Account: Acme, Sequence: sequence[n], Visit: VisitAt(start), Cause: appointment.ZoneRules,
			}
		case 3:
			sequence[n]++
			event = appointment.Cancelled{Appointment: id, Account: Acme, Sequence: sequence[n], By: appointment.Client}
		case 4:
			sequence[n]++
			event = appointment.Reinstated{Appointment: id, Account: Acme, Sequence: sequence[n]}
		case 5:
			event = appointment.Confirmed{Appointment: id}
		case 6:
			event = appointment.MarkCleared{Appointment: id, Mark: "confirmed"}
		case 7:
			event = appointment.MarkedNoShow{Appointment: id}
		default:
			event = appointment.Abandoned{Appointment: id, Reason: "expired"}
		}
		log = append(log, On(stream, at, event))
	}
	return log
}

// upTo returns the appends that were recorded up to an instant.
func upTo(log []Append, at time.Time) (found []Append) {
	for _, one := range log {
		if !one.At.After(at) {
			found = append(found, one)
		}
	}
	return found
}

// TestPastCalendarIsTheFoldOfTheLogUpToThen compares the calendar as of an instant with the calendar of a log that ends
// there.
func TestPastCalendarIsTheFoldOfTheLogUpToThen(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			log := pastLog(random)
			whole := New(t, Story(Opened(), log)...)
			for range 4 {
				at := Monday.Add(time.Duration(random.IntN(70)-2) * time.Second)
				then := New(t, Story(Opened(), upTo(log, at))...)
				for _, in := range []projections.Selection{
					{}, {During: hours(10, 40)}, {During: hours(0, 60), Resources: []domain.ResourceID{Chair}, Limit: 2},
				} {
					want, err := then.Read.Calendar.Find(t.Context(), Acme, in)
					if err != nil {
						t.Fatal(err)
					}
					got, err := whole.Read.Past.Find(t.Context(), Acme, at, in)
					if err != nil {
						t.Fatal(err)
					}
					for i := range want { // the past keeps no revision of what changes nothing that is shown, and no reasons
						want[i].Reason = ""
					}
					if !reflect.DeepEqual(got, want) {
						t.Fatalf("as of %s the calendar of %+v is\n%+v\nwant\n%+v", at, in, got, want)
					}
				}
			}
			if other, err := whole.Read.Past.Find(t.Context(), Other, Monday.AddDate(0, 1, 0),
				projections.Selection{}); len(other) > 0 || err != nil {
				t.Errorf("another account sees %v (error %v)", other, err)
			}
		})
	}
}
