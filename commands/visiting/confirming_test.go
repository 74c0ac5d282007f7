package visiting_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/page"
)

// asking is a page that keeps a booking once the link in an email is used.
func asking(t *testing.T) *world {
	t.Helper()
	return newWorld(t, page.Settings{ConfirmEmail: true})
}

// react runs the handlers of the package until they have nothing to do.
func (w *world) react() {
	w.T.Helper()
	reactor := w.Reactor("visitors", w.Forgetting(), w.Asking(w.World))
	for {
		n, err := reactor.Step(w.T.Context())
		w.Ok(err)
		if n == 0 {
			return
		}
	}
}

// ask holds the first start of Tuesday and sends a form, and returns the token of the link in the email.
func (w *world) ask(form visiting.Form) (held visiting.Held, token string) {
	w.T.Helper()
	held = w.hold(w.starts()[0])
	w.fillIn()
	held, err := w.Visiting.Book(w.T.Context(), w.page, held.Token, form)
	w.Ok(err)
	w.react()
	if len(w.Mails) == 0 {
		w.T.Fatal("no email was sent")
	}
	_, token, found := strings.Cut(w.Mails[len(w.Mails)-1].Body, links.KeepPath)
	if !found {
		w.T.Fatalf("the email has no link: %s", w.Mails[0].Body)
	}
	return held, strings.Fields(token)[0]
}

func (w *world) client(id domain.ClientID) client.State {
	w.T.Helper()
	state, _, err := commands.Load(w.T.Context(), w.Engine, client.Decider, client.Stream(id))
	w.Ok(err)
	return state
}

func TestBookingWaitsForTheLinkInTheEmail(t *testing.T) {
	w := asking(t)
	start := w.starts()[0]
	form := ben
	form.Language = "de"
	held, token := w.ask(form)
	if !held.Email || held.Booked != nil || held.Left != visiting.KeepTime || held.Extends {
		t.Errorf("the hold is %+v", held)
	}
	mail := w.Mails[0]
	if mail.To != "ben@example.com" || !strings.Contains(mail.Subject, "Bitte bestätigen") || mail.HTML == "" ||
		mail.FromName != "Clinic" {
		t.Errorf("the email is %+v", mail)
	}
	for range 2 { // programs that check mail fetch links
		_, peeked, err := w.Peek(t.Context(), token)
		w.Ok(err)
		if peeked.Booked != nil || w.isFree(start) {
			t.Errorf("looking at the link did %+v", peeked)
		}
	}
	w.Now = w.Now.Add(29 * time.Minute)
	w.sweep(w.idOf(held))
	var first visiting.Booked
	for range 2 {
		_, booked, err := w.Confirm(t.Context(), token)
		w.Ok(err)
		if booked.Booked == nil || booked.Booked.Status != appointment.StatusBooked {
			t.Fatalf("after the link: %+v", booked)
		}
		if first != (visiting.Booked{}) && first != *booked.Booked {
			t.Errorf("confirmed %+v, and again %+v", first, booked.Booked)
		}
		first = *booked.Booked
	}
	if who := w.client(w.appointment(first.ID).Client); who.Name.Reveal() != "Ben" {
		t.Errorf("the client is %+v", who)
	}
}

func TestUnconfirmedVisitorIsForgotten(t *testing.T) {
	w := asking(t)
	start := w.starts()[0]
	held, token := w.ask(ben)
	w.Now = held.Until.Add(time.Second)
	w.sweep(w.idOf(held))
	w.react()
	if !w.isFree(start) {
		t.Error("a booking that nobody confirmed is still held")
	}
	w.restart() // nothing of it is in memory
	given := w.appointment(w.idOf(held)).Hold.Given
	if given.Name.Reveal() != "" || given.Email.Reveal() != "" || given.Note.Reveal() != "" || !given.Name.IsErased() {
		t.Errorf("what the visitor gave is still there: %s", given.Name.Reveal())
	}
	_, _, err := w.Confirm(t.Context(), token)
	if taken, ok := errors.AsType[*visiting.Taken](err); !ok || len(taken.Alternatives) != 3 {
		t.Errorf("confirming too late returned %v", err)
	}
}

func TestVisitorOfARefusedBookingIsForgotten(t *testing.T) {
	w := newWorld(t, page.Settings{})
	held := w.hold(w.starts()[0])
	// A crash came between the registration and the booking.
	visitor := domain.DeriveID[domain.ClientID]("visitor", w.idOf(held))
	contact, err := client.NewContact(client.Form{Name: "Ben", Email: "ben@example.com"})
	w.Ok(err)
	w.Do(client.Register{Client: visitor, Account: w.World.Account, Contact: contact})
	w.Now = held.Until.Add(time.Second)
	w.sweep(w.idOf(held))
	w.react()
	if !w.client(visitor).Erased {
		t.Error("a visitor who never booked is still a client")
	}
}

func TestConfirmedAddressIsMatchedSilently(t *testing.T) {
	other := domain.DeriveID[domain.ClientID]("other")
	ana := func(w *world) []domain.ClientID { return []domain.ClientID{w.Ana} }
	for name, test := range map[string]struct {
		with  func(*world) []domain.ClientID
		email string
		ana   bool
	}{
		"the only client with it": {ana, "ANA@example.com", true},
		"a client with another":   {ana, "na@example.com", false},
		"nobody":                  {func(*world) []domain.ClientID { return nil }, "new@example.com", false},
		"two clients with it": {func(w *world) []domain.ClientID {
			w.Register(other, w.World.Account)
			return []domain.ClientID{w.Ana, other}
		}, "ana@example.com", false},
		"a client of somebody else's": {func(w *world) []domain.ClientID {
			school := domain.DeriveID[domain.AccountID]("school")
			w.Register(other, school)
			return []domain.ClientID{other}
		}, "ana@example.com", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := asking(t)
			w.with = test.with(w)
			form := ben
			form.Email = test.email
			_, token := w.ask(form)
			_, booked, err := w.Confirm(t.Context(), token)
			w.Ok(err)
			who := w.appointment(booked.Booked.ID).Client
			if (who == w.Ana) != test.ana {
				t.Errorf("booked for %s; Ana is %s", who, w.Ana)
			}
			if w.client(w.Ana).Name.Reveal() != "Ana" {
				t.Error("the visitor changed the client")
			}
			if fresh := domain.DeriveID[domain.ClientID]("visitor", booked.Booked.ID); w.client(fresh).Exists() == test.ana {
				t.Errorf("the visitor is a new client: %t", test.ana)
			}
		})
	}
}

// TestUnconfirmedAddressIsNeverMatched books with Ana's address on a page that asks for no confirmation.
func TestUnconfirmedAddressIsNeverMatched(t *testing.T) {
	w := newWorld(t, page.Settings{})
	w.with = []domain.ClientID{w.Ana}
	held := w.hold(w.starts()[0])
	w.fillIn()
	form := ben
	form.Email = "ana@example.com"
	booked, err := w.Visiting.Book(t.Context(), w.page, held.Token, form)
	w.Ok(err)
	if who := w.appointment(booked.Booked.ID).Client; who == w.Ana {
		t.Error("somebody who wrote Ana's address was taken for her")
	}
}

func TestCorrectedAddressGetsItsOwnEmail(t *testing.T) {
	w := asking(t)
	wrong := ben
	wrong.Email = "bne@example.com"
	held, _ := w.ask(wrong)
	again, err := w.Visiting.Book(t.Context(), w.page, held.Token, ben)
	w.Ok(err)
	w.react()
	if len(w.Mails) != 2 || w.Mails[1].To != "ben@example.com" {
		t.Fatalf("%d emails were sent", len(w.Mails))
	}
	if !again.Until.Equal(held.Until) {
		t.Errorf("sending the form again holds the start until %s, not %s", again.Until, held.Until)
	}
	if _, err := w.Visiting.Book(t.Context(), w.page, held.Token, ben); err != nil {
		t.Fatal(err)
	}
	if w.react(); len(w.Mails) != 2 {
		t.Error("the same form sent again is another email")
	}
}

func TestEmailThatIsRefusedIsNotTriedAgain(t *testing.T) {
	w := asking(t)
	w.MailResults = []error{&messaging.MailRefused{Permanent: true, Code: "550"}}
	w.ask(ben)
	if w.react(); len(w.Mails) != 1 {
		t.Errorf("%d emails were sent", len(w.Mails))
	}
}

func TestEmailOfAnEndedHoldIsNotSent(t *testing.T) {
	w := asking(t)
	held := w.hold(w.starts()[0])
	w.fillIn()
	_, err := w.Visiting.Book(t.Context(), w.page, held.Token, ben)
	w.Ok(err)
	w.Ok(w.Release(t.Context(), w.page, held.Token))
	if w.react(); len(w.Mails) > 0 {
		t.Error("an email was sent for a hold that had ended")
	}
}

func TestApprovalKeepsTheBookingPending(t *testing.T) {
	w := newWorld(t, page.Settings{Approval: true})
	held := w.hold(w.starts()[0])
	w.fillIn()
	for range 2 {
		booked, err := w.Visiting.Book(t.Context(), w.page, held.Token, ben)
		w.Ok(err)
		if booked.Booked == nil || booked.Booked.Status != appointment.StatusPending {
			t.Fatalf("booked %+v", booked)
		}
	}
	w.Now = w.Now.Add(time.Hour)
	w.sweep(w.idOf(held))
	if status := w.appointment(w.idOf(held)).Status; status != appointment.StatusPending {
		t.Errorf("an hour later the request is %s", status)
	}
}

// TestCrashBetweenHoldAndBookLeavesNothingHeld stops at every append between the hold and the booking, and lets the
// server start again.
func TestCrashBetweenHoldAndBookLeavesNothingHeld(t *testing.T) {
	for name, stop := range map[string]string{
		"the hold": "StartHeld", "the units": "UnitsHeld", "the client": "ClientRegistered", "the request": "Requested",
	} {
		t.Run("after "+name, func(t *testing.T) {
			w := newWorld(t, page.Settings{})
			start := w.starts()[0]
			w.Visiting.Bookings.Engine = w.stopping(stop)
			w.Visiting.Bookings.Protocol.Engine = w.Visiting.Bookings.Engine
			held, err := w.Hold(t.Context(), w.page, w.wanted(start))
			if err == nil {
				w.fillIn()
				_, err = w.Visiting.Book(t.Context(), w.page, held.Token, ben)
			}
			if !errors.Is(err, errCrash) {
				t.Fatalf("the crash returned %v", err)
			}
			w.restart()
			w.Now = w.Now.Add(time.Hour)
			w.sweep(w.begun()...)
			w.react()
			if !w.isFree(start) {
				t.Error("the start is still held")
			}
		})
	}
}
