package visiting_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/page"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// world is a clinic with a booking page.
type world struct {
	*commandstest.World
	*visiting.Visiting
	page visiting.Page
	with []domain.ClientID // what ClientsWith returns
}

func newWorld(t *testing.T, settings page.Settings) *world {
	t.Helper()
	w := &world{World: commandstest.NewWorld(t)}
	w.restart()
	settings.On = true
	w.Do(page.Set{Account: w.World.Account, Settings: settings})
	w.openPage()
	return w
}

// keys are the commands.Keys of a vault.
type keys struct{ *domaintest.Vault }

func (k keys) Erase(_ context.Context, subject domain.Subject) error {
	k.Vault.Erase(subject)
	return nil
}

// restart replaces everything that a crash loses.
func (w *world) restart() {
	w.Restart()
	w.Visiting = &visiting.Visiting{
		Bookings: w.World.Bookings, Directory: w, Limits: visiting.NewLimits(),
		Links:  links.Links{Engine: w.Engine, Keys: w.Vault, Base: "https://book.example.org"},
		Eraser: &commands.Eraser{Engine: w.Engine, Keys: keys{w.Vault}},
	}
}

func (w *world) openPage() {
	w.T.Helper()
	var err error
	w.page, err = w.Open(w.T.Context(), w.World.Account.String())
	w.Ok(err)
}

func (w *world) ServicesOf(context.Context, domain.AccountID) ([]domain.ServiceID, error) {
	return []domain.ServiceID{w.World.Service}, nil
}

func (w *world) ClientsWith(context.Context, domain.AccountID, string) ([]domain.ClientID, error) {
	return w.with, nil
}

func (w *world) choice() visiting.Choice { return visiting.Choice{Service: w.World.Service} }

// starts returns the free starts of Tuesday.
func (w *world) starts() []visiting.Start {
	w.T.Helper()
	starts, err := w.Visiting.Starts(w.T.Context(), w.page, w.choice(), tuesday)
	w.Ok(err)
	return starts
}

var tuesday = availability.DateAt(commandstest.Tuesday, time.UTC)

func (w *world) hold(start visiting.Start) visiting.Held {
	w.T.Helper()
	held, err := w.Hold(w.T.Context(), w.page, w.wanted(start))
	w.Ok(err)
	return held
}

func (w *world) wanted(start visiting.Start) visiting.Wanted {
	return visiting.Wanted{Choice: w.choice(), Start: start.At, From: "192.0.2.1", Request: uuid.New()}
}

// fillIn lets a person fill in the form.
func (w *world) fillIn() { w.Now = w.Now.Add(time.Minute) }

var ben = visiting.Form{Name: "Ben", Email: "ben@example.com", Note: "back pain", From: "192.0.2.1"}

func (w *world) isFree(start visiting.Start) bool {
	w.T.Helper()
	return slices.Contains(w.starts(), start)
}

// sweep does what the server does every few seconds.
func (w *world) sweep(ids ...domain.AppointmentID) {
	w.T.Helper()
	_, err := w.World.Bookings.Protocol.Sweep(w.T.Context(), w.Now, slices.Values(ids))
	w.Ok(err)
}

func (w *world) idOf(held visiting.Held) domain.AppointmentID {
	w.T.Helper()
	id, err := w.Visiting.Links.OpenHold(held.Token)
	w.Ok(err)
	return id
}

func (w *world) appointment(id domain.AppointmentID) appointment.State {
	w.T.Helper()
	state, _, err := commands.Load(w.T.Context(), w.Engine, appointment.Decider, appointment.StreamOf(id))
	w.Ok(err)
	return state
}

func TestVisitorBooksFromThePage(t *testing.T) {
	w := newWorld(t, page.Settings{})
	offered, err := w.Visiting.Services(t.Context(), w.page)
	w.Ok(err)
	if len(offered) != 1 || offered[0].Name != "Visit" || offered[0].Minutes != 60 {
		t.Fatalf("the page offers %+v", offered)
	}
	days, err := w.Days(t.Context(), w.page, w.choice(), tuesday, 5)
	w.Ok(err)
	free := w.starts()
	if len(days) != 5 || days[0].Free != len(free) || len(free) == 0 {
		t.Fatalf("Tuesday has %d free starts, and the days say %+v", len(free), days)
	}
	held := w.hold(free[0])
	if held.Left != visiting.HoldTime || !held.Extends || held.Name != "Visit" || held.Booked != nil {
		t.Errorf("held %+v", held)
	}
	if w.isFree(free[0]) {
		t.Error("a held start is free for others")
	}
	w.fillIn()
	booked, err := w.Visiting.Book(t.Context(), w.page, held.Token, ben)
	w.Ok(err)
	if booked.Booked == nil || booked.Booked.Status != appointment.StatusBooked || !booked.Start.Equal(free[0].At) {
		t.Fatalf("booked %+v", booked)
	}
	token := strings.TrimPrefix(booked.Booked.Manage, "https://book.example.org"+links.ManagePath)
	managed, err := w.Visiting.Links.OpenManage(t.Context(), token)
	w.Ok(err)
	if managed.Client.Name.Reveal() != "Ben" || managed.Client.Email.Reveal() != "ben@example.com" {
		t.Errorf("the client is %+v", managed.Client.Contact)
	}
	want := []string{"StartHeld", "Requested", "Booked", "NoteAdded"}
	if got := w.History(appointment.StreamOf(booked.Booked.ID)); !slices.Equal(got, want) {
		t.Errorf("the history is %v, want %v", got, want)
	}
}

func TestBookingTwiceIsOneBooking(t *testing.T) {
	w := newWorld(t, page.Settings{})
	held := w.hold(w.starts()[0])
	w.fillIn()
	first, err := w.Visiting.Book(t.Context(), w.page, held.Token, ben)
	w.Ok(err)
	changed := ben
	changed.Name = "Somebody else"
	again, err := w.Visiting.Book(t.Context(), w.page, held.Token, changed)
	w.Ok(err)
	back, err := w.Show(t.Context(), w.page, held.Token)
	w.Ok(err)
	if *again.Booked != *first.Booked || *back.Booked != *first.Booked {
		t.Errorf("booked %+v, then %+v, and the form shows %+v", first.Booked, again.Booked, back.Booked)
	}
}

func TestHoldEndsByItself(t *testing.T) {
	for name, crash := range map[string]bool{"in a running server": false, "after a crash": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, page.Settings{})
			start := w.starts()[0]
			held := w.hold(start)
			if crash {
				w.restart()
			}
			w.Now = held.Until
			w.sweep(w.idOf(held))
			if w.isFree(start) {
				t.Error("the start is free before its hold is over")
			}
			w.Now = held.Until.Add(time.Microsecond)
			w.sweep(w.idOf(held))
			if !w.isFree(start) {
				t.Error("the start is not free after its hold is over")
			}
		})
	}
}

func TestHoldIsExtendedOnce(t *testing.T) {
	w := newWorld(t, page.Settings{})
	held := w.hold(w.starts()[0])
	for range 2 {
		longer, err := w.Extend(t.Context(), w.page, held.Token)
		w.Ok(err)
		if !longer.Until.Equal(held.Until.Add(visiting.HoldTime)) || longer.Extends {
			t.Errorf("extended to %s, which says extends %t", longer.Until, longer.Extends)
		}
	}
}

func TestVisitorHoldsOneStart(t *testing.T) {
	w := newWorld(t, page.Settings{})
	free := w.starts()
	first := w.hold(free[0])
	want := w.wanted(free[1])
	want.Replaces = first.Token
	_, err := w.Hold(t.Context(), w.page, want)
	w.Ok(err)
	if !w.isFree(free[0]) || w.isFree(free[1]) {
		t.Error("the first start is still held, or the second is not")
	}
}

// TestVisitorSeesTheirOwnStart goes back from the form to the starts.
func TestVisitorSeesTheirOwnStart(t *testing.T) {
	w := newWorld(t, page.Settings{})
	start := w.starts()[0]
	held := w.hold(start)
	mine := w.choice()
	mine.Mine = held.Token
	seen, err := w.Visiting.Starts(t.Context(), w.page, mine, tuesday)
	w.Ok(err)
	if !slices.Contains(seen, start) || w.isFree(start) {
		t.Errorf("with the token the visitor sees %+v", seen)
	}
}

// TestManyVisitorsHoldAndBookOneStart lets visitors race for one start, each of whom sends the form twice.
func TestManyVisitorsHoldAndBookOneStart(t *testing.T) {
	w := newWorld(t, page.Settings{})
	start := w.starts()[0]
	var holding, booking sync.WaitGroup
	holds := make([]visiting.Held, 20)
	for i := range holds {
		want := w.wanted(start)
		want.From = fmt.Sprint("visitor ", i)
		holding.Go(func() {
			held, err := w.Hold(t.Context(), w.page, want)
			if _, taken := errors.AsType[*visiting.Taken](err); err != nil && !taken {
				t.Error(err)
			}
			holds[i] = held
		})
	}
	holding.Wait()
	holds = slices.DeleteFunc(holds, func(held visiting.Held) bool { return held.Token == "" })
	if len(holds) != 1 {
		t.Fatalf("%d of 20 visitors hold one start", len(holds))
	}
	w.fillIn()
	for range 4 {
		booking.Go(func() {
			if _, err := w.Visiting.Book(t.Context(), w.page, holds[0].Token, ben); err != nil {
				t.Error(err)
			}
		})
	}
	booking.Wait()
	want := []string{"StartHeld", "Requested", "Booked", "NoteAdded"}
	if got := w.History(appointment.StreamOf(w.idOf(holds[0]))); !slices.Equal(got, want) {
		t.Errorf("the history is %v, want %v", got, want)
	}
}

func TestTakenStartComesWithThreeOthers(t *testing.T) {
	w := newWorld(t, page.Settings{})
	free := w.starts()
	at := free[len(free)/2]
	w.hold(at)
	_, err := w.Hold(t.Context(), w.page, w.wanted(at))
	taken, ok := errors.AsType[*visiting.Taken](err)
	if !ok || len(taken.Alternatives) != 3 {
		t.Fatalf("a taken start returned %v", err)
	}
	for _, other := range taken.Alternatives {
		if !w.isFree(other) || other.At.Sub(at.At).Abs() > 2*time.Hour {
			t.Errorf("%s is offered instead of %s", other.Local, at.Local)
		}
	}
}

func TestBookingAfterTheHoldHoldsAgain(t *testing.T) {
	w := newWorld(t, page.Settings{})
	start := w.starts()[0]
	held := w.hold(start)
	w.Now = held.Until.Add(time.Second)
	w.sweep(w.idOf(held))
	_, err := w.Visiting.Book(t.Context(), w.page, held.Token, ben)
	again, ok := errors.AsType[*visiting.Again](err)
	if !ok || !errors.Is(err, visiting.ErrHeldAgain) || !again.Held.Start.Equal(start.At) {
		t.Fatalf("booking after the hold returned %v", err)
	}
	w.fillIn()
	booked, err := w.Visiting.Book(t.Context(), w.page, again.Held.Token, ben)
	w.Ok(err)
	if booked.Booked == nil {
		t.Errorf("booked %+v", booked)
	}
}

func TestBookingAfterTheHoldOffersOthersWhenTaken(t *testing.T) {
	w := newWorld(t, page.Settings{})
	start := w.starts()[0]
	held := w.hold(start)
	w.Now = held.Until.Add(time.Second)
	w.sweep(w.idOf(held))
	w.hold(start)
	_, err := w.Visiting.Book(t.Context(), w.page, held.Token, ben)
	if taken, ok := errors.AsType[*visiting.Taken](err); !ok || len(taken.Alternatives) != 3 {
		t.Errorf("booking what somebody else holds returned %v", err)
	}
}

func TestStrangersSeeOnlyPagesThatAreOn(t *testing.T) {
	w := newWorld(t, page.Settings{})
	w.Do(page.Set{Account: w.World.Account, Settings: page.Settings{}})
	for _, address := range []string{w.World.Account.String(), uuid.NewString(), "no-such-page", "../x", ""} {
		if _, err := w.Open(t.Context(), address); !errors.Is(err, visiting.ErrNoPage) {
			t.Errorf("the page at %q returned %v", address, err)
		}
	}
}

func TestVisitorAsksOnlyForStaffOfTheService(t *testing.T) {
	w := newWorld(t, page.Settings{})
	want := w.wanted(w.starts()[0])
	want.Staff = w.Room // a room that the service takes
	if _, err := w.Hold(t.Context(), w.page, want); !errors.Is(err, visiting.ErrNoStaff) {
		t.Errorf("asking for a room returned %v", err)
	}
	want.Service = domain.DeriveID[domain.ServiceID]("another")
	if _, err := w.Hold(t.Context(), w.page, want); !errors.Is(err, visiting.ErrNoService) {
		t.Errorf("asking for a service that is not there returned %v", err)
	}
}

func TestStaffAreThoseWhoCanServe(t *testing.T) {
	w := newWorld(t, page.Settings{})
	var choices []service.Choice
	for _, name := range []string{"Zoe", "Amir"} {
		id := domain.DeriveID[domain.ResourceID](name)
		profile, err := resource.NewProfile(name, "staff", 1)
		w.Ok(err)
		hours, err := resource.NewWeeklyHours(id, "America/Sao_Paulo",
			[]resource.Hours{{Days: []int{2}, From: "08:00", To: "12:00"}})
		w.Ok(err)
		w.Do(resource.Add{Resource: id, Account: w.World.Account, Profile: profile}, hours)
		choices = append(choices, service.Choice{Resource: id, Units: 1})
	}
	w.Do(service.Change{Service: w.World.Service, Policy: service.Policy{
		Name: "Visit", DurationMin: 60, Requirements: []service.Requirement{{AnyOf: choices}},
	}})
	staff, err := w.Staff(t.Context(), w.page, w.World.Service)
	w.Ok(err)
	if len(staff) != 2 || staff[0].Name != "Amir" || staff[1].Name != "Zoe" {
		t.Fatalf("the staff are %+v", staff)
	}
	want := w.wanted(w.starts()[0])
	want.Staff = staff[1].ID
	held, err := w.Hold(t.Context(), w.page, want)
	w.Ok(err)
	if !slices.Equal(held.With, []string{"Zoe"}) {
		t.Errorf("held with %v", held.With)
	}
}
