package links_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
)

const base = "https://book.example.org"

// world is a clinic where Ana has booked Tuesday.
type world struct {
	*commandstest.World
	links links.Links
	visit domain.AppointmentID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: commandstest.NewWorld(t)}
	w.links = links.Links{Engine: w.Engine, Keys: w.Vault, Base: base}
	w.visit = w.Book("visit", commandstest.Tuesday)
	return w
}

// token returns the token of a new link.
func (w *world) token() string {
	w.T.Helper()
	link, err := w.links.Manage(w.T.Context(), w.visit)
	w.Ok(err)
	return strings.TrimPrefix(link, base+links.ManagePath)
}

func (w *world) contacted(id domain.MessageID) string {
	w.T.Helper()
	link, err := w.links.Contacted(w.T.Context(), id)
	w.Ok(err)
	return strings.TrimPrefix(link, base+links.ContactedPath)
}

// end returns when the visit ends.
func (w *world) end() time.Time {
	w.T.Helper()
	opened, err := w.links.OpenManage(w.T.Context(), w.token())
	w.Ok(err)
	return opened.Appointment.Latest().Visit.End
}

func (w *world) wantOpen(token string, valid bool, when string) {
	w.T.Helper()
	opened, err := w.links.OpenManage(w.T.Context(), token)
	switch {
	case valid && (err != nil || opened.ID != w.visit):
		w.T.Errorf("%s the link opened %s, %v; want the visit", when, opened.ID, err)
	case !valid && !errors.Is(err, links.ErrLink):
		w.T.Errorf("%s the link returned %v, want ErrLink", when, err)
	case !valid && opened.Appointment.Exists():
		w.T.Errorf("%s the refused link returned an appointment", when)
	}
}

func TestLinkIsShortAndOpensItsAppointment(t *testing.T) {
	w := newWorld(t)
	token := w.token()
	if len(token) != 47 {
		t.Errorf("the token %s has %d characters, want 47", token, len(token))
	}
	opened, err := w.links.OpenManage(t.Context(), token)
	w.Ok(err)
	if opened.ID != w.visit || opened.Client.Name.Reveal() != "Ana" || opened.Account.Name.Reveal() != "Clinic" {
		t.Errorf("opened %+v", opened)
	}
	if again := w.token(); again != token {
		t.Errorf("the link is now %s, and was %s", again, token)
	}
}

func TestLinkEndsADayAfterTheVisit(t *testing.T) {
	w := newWorld(t)
	token, end := w.token(), w.end()
	w.Now = end.Add(24*time.Hour - time.Microsecond)
	w.wantOpen(token, true, "a day after the visit")
	w.Now = end.Add(24 * time.Hour)
	w.wantOpen(token, false, "later")
}

func TestLinkFollowsAMove(t *testing.T) {
	w := newWorld(t)
	token := w.token()
	nextWeek := commandstest.Tuesday.AddDate(0, 0, 7)
	_, err := w.Bookings.Move(t.Context(), w.Origin().WithID(domain.DeriveUUID("move")), booking.Move{
		Appointment: w.visit, Account: w.Account, Start: nextWeek, By: appointment.Staff,
	})
	w.Ok(err)
	w.Now = nextWeek.Add(-time.Hour)
	w.wantOpen(token, true, "before the visit that it was moved to")
	w.Now = nextWeek.AddDate(0, 0, 2)
	w.wantOpen(token, false, "two days after it")
}

func TestLinkOfACancelledAppointmentIsValid(t *testing.T) {
	w := newWorld(t)
	token := w.token()
	w.Cancel(w.visit)
	w.wantOpen(token, true, "after the cancellation")
}

func TestRevocationEndsTheLinksMadeBefore(t *testing.T) {
	w := newWorld(t)
	reminder := w.Remind(w.visit)
	before, row := w.token(), w.contacted(reminder)
	w.Do(appointment.RevokeLinks{Appointment: w.visit, Generation: 1})
	w.wantOpen(before, false, "after the revocation")
	if _, err := w.links.OpenContacted(t.Context(), row); !errors.Is(err, links.ErrLink) {
		t.Errorf("the contacted link returned %v, want ErrLink", err)
	}
	w.wantOpen(w.token(), true, "made after the revocation")
}

func TestErasureAndClosureEndLinks(t *testing.T) {
	for name, end := range map[string]func(*world) domain.Command{
		"the client is erased":  func(w *world) domain.Command { return client.Erase{Client: w.Ana} },
		"the account is closed": func(w *world) domain.Command { return account.Close{Account: w.Account} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			token := w.token()
			w.Do(end(w))
			w.wantOpen(token, false, "after "+name)
		})
	}
}

func TestContactedLinkOpensItsMessage(t *testing.T) {
	w := newWorld(t)
	reminder := w.Remind(w.visit)
	row, err := w.links.OpenContacted(t.Context(), w.contacted(reminder))
	w.Ok(err)
	if row.Message != reminder || row.About.ID != w.visit || row.State.Channel != message.SMS {
		t.Errorf("opened %+v", row)
	}
	w.wantOpen(w.contacted(reminder), false, "of another kind")
	if _, err := w.links.OpenContacted(t.Context(), w.token()); !errors.Is(err, links.ErrLink) {
		t.Errorf("a manage link opened a row of a call sheet: %v", err)
	}
}

func TestThereIsNoLinkOfAnUnknownThing(t *testing.T) {
	w := newWorld(t)
	if link, err := w.links.Manage(t.Context(), domain.AppointmentID{}); !errors.Is(err, appointment.ErrUnknown) {
		t.Errorf("%q, %v; want ErrUnknown", link, err)
	}
	if link, err := w.links.Contacted(t.Context(), domain.MessageID{}); !errors.Is(err, message.ErrUnknown) {
		t.Errorf("%q, %v; want ErrUnknown", link, err)
	}
}

// Every text that differs from a valid token in one character, and every shorter or longer one, is refused.
func TestChangedTokensAreRefused(t *testing.T) {
	w := newWorld(t)
	token := w.token()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.+/ \n"
	for at := range len(token) {
		for _, letter := range alphabet {
			if changed := token[:at] + string(letter) + token[at+1:]; changed != token {
				w.wantOpen(changed, false, "changed to "+changed)
			}
		}
		w.wantOpen(token[:at], false, "cut to "+token[:at])
	}
	w.wantOpen(token+"A", false, "made longer")
	w.wantOpen(token+"=", false, "padded")
	other := links.Links{Engine: w.Engine, Keys: otherKeys{}, Base: base}
	if _, err := other.OpenManage(t.Context(), token); !errors.Is(err, links.ErrLink) {
		t.Errorf("another installation opened the link: %v", err)
	}
}

type otherKeys struct{}

func (otherKeys) LinkMAC(link []byte) (code [16]byte) {
	copy(code[:], link)
	return code
}
