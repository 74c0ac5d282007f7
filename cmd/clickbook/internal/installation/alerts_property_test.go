package installation

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/resource"
)

// TestEveryAffectedAppointmentIsListedOnce sends texts before and during an outage. Each that neither arrives nor is
// answered by a call is once on the call sheet and once in every email after it, and no email comes without a new row.
func TestEveryAffectedAppointmentIsListedOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newAlertWorld(t)
		waiting := make(map[domain.MessageID]bool)
		told := make(map[domain.MessageID]bool) // in an email
		found := false
		for n := range rapid.IntRange(1, 7).Draw(r, "texts") {
			if !found && rapid.Bool().Draw(r, "an outage is found") {
				w.detect(inBrazil, outage.Silent)
				found = true
			}
			id := w.text(n)
			switch rapid.SampledFrom([]string{"nothing", "delivered", "undelivered", "called"}).Draw(r, "then") {
			case "nothing":
				waiting[id] = true
			case "delivered":
				w.receipt(id, "delivered")
			case "undelivered":
				w.receipt(id, "undelivered")
				waiting[id] = true
			case "called":
				w.Do(message.MarkContacted{Message: id, By: message.ByStaff, At: w.Now})
			}
			pass := time.Duration(rapid.IntRange(3, 900).Draw(r, "seconds")) * time.Second
			for _, mail := range w.tick(pass) {
				if !strings.HasPrefix(mail, toOwner) {
					continue
				}
				news := false
				for id := range waiting {
					count := strings.Count(w.lastMail().Body, id.String()[:8])
					if news = news || !told[id]; count != 1 {
						r.Fatalf("an appointment is %d times in %q: %s", count, mail, w.lastMail().Body)
					}
					told[id] = true
				}
				if !news {
					r.Fatalf("%q has nothing new", mail)
				}
			}
		}
		if !found {
			w.detect(inBrazil, outage.Silent)
		}
		w.tick(11 * time.Minute)
		calls, err := w.read.CallSheet.Of(t.Context(), w.Account, w.Now)
		w.Ok(err)
		listed := make(map[domain.AppointmentID]int)
		for _, call := range calls {
			if listed[call.Appointment]++; call.ContactedAt.IsZero() && !waiting[call.Message] {
				r.Fatalf("%+v waits for nothing", call)
			}
			delete(waiting, call.Message)
		}
		for id, n := range listed {
			if n != 1 {
				r.Fatalf("appointment %s is listed %d times", id, n)
			}
		}
		if len(waiting) != 0 {
			r.Fatalf("%d appointments are not listed", len(waiting))
		}
	})
}

func TestStaffAreToldOfTheirClientsOnly(t *testing.T) {
	w := newAlertWorld(t)
	profile, err := resource.NewProfile("Maria", "staff", 1)
	w.Ok(err)
	profile.Email = domain.Secret("maria@example.com")
	w.Do(resource.Add{Resource: domain.DeriveID[domain.ResourceID]("maria"), Account: w.Account, Profile: profile})
	w.text(1) // takes the room only
	w.detect(inBrazil, outage.Silent)
	w.wantMails("without clients of Maria", w.tick(5*time.Second), report, firstOne)
	room := profile
	room.Name = domain.Secret("Room")
	w.Do(resource.Change{Resource: w.Room, Profile: room}) // the room has Maria's address from now on
	w.text(2)
	w.wantMails("with one of hers", w.tick(11*time.Minute), strings.Replace(another, "owner@", "maria@", 1), another)
	if n := rows(w.lastMail()); n != 2 {
		t.Errorf("the owner is told of %d rows", n)
	}
}
