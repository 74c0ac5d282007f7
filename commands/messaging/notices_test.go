package messaging_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/ical"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/noticing"
	"github.com/clickbook/clickbook/domain/resource"
)

// everyone tells the client by email and text, and the staff.
var everyone = account.Notice{Email: true, SMS: true, Staff: true}

// told returns a World whose account has notices and whose room is Bia's, who has an email address.
func told(t *testing.T, notices account.Notices) *commandstest.World {
	t.Helper()
	w := commandstest.NewWorld(t)
	w.Dispatch.Invite = ical.Invite
	setNotices(w, notices, "en")
	profile, err := resource.NewProfile("Bia", "staff", 1)
	w.Ok(err)
	profile.Email = domain.Secret("bia@example.com")
	w.Do(resource.Change{Resource: w.Room, Profile: profile})
	w.Settle()
	return w
}

func setNotices(w *commandstest.World, notices account.Notices, locale string) {
	w.T.Helper()
	settings, err := account.NewSettings(account.Form{
		Name: "Clinic", Email: "owner@example.com", Zone: "America/Sao_Paulo", Locale: locale, Country: "BR",
		Notices: notices,
	})
	w.Ok(err)
	w.Do(account.ChangeSettings{Account: w.Account, Settings: settings})
}

// outgoing returns the emails since the last call, each as "address: subject, METHOD and SEQUENCE of its calendar file",
// and the texts.
func outgoing(w *commandstest.World) (seen []string) {
	w.Settle()
	for _, mail := range w.Mails {
		line := mail.To + ": " + mail.Subject
		for _, file := range mail.Attachments {
			line += ", " + icsOf(string(file.Body), "METHOD") + " " + icsOf(string(file.Body), "SEQUENCE")
		}
		seen = append(seen, line)
	}
	for _, text := range w.Alpha.Sent {
		seen = append(seen, text.To+": "+text.Body)
	}
	w.Mails, w.Alpha.Sent = nil, nil
	return seen
}

func icsOf(file, property string) string {
	_, after, _ := strings.Cut(file, "\r\n"+property+":")
	value, _, _ := strings.Cut(after, "\r\n")
	return value
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// later moves an appointment an hour later.
func later(w *commandstest.World, id domain.AppointmentID, start time.Time, silent bool) {
	w.T.Helper()
	_, err := w.Bookings.Move(w.T.Context(), w.Origin().WithID(domain.DeriveUUID("move", id, start.UnixMicro())),
		booking.Move{Appointment: id, Account: w.Account, Start: start, By: appointment.Staff, Silent: silent})
	w.Ok(err)
}

func TestStoryOfNotices(t *testing.T) {
	w := told(t, account.UsualNotices)
	id := w.Book("a", commandstest.Tuesday)
	expect(t, "booked", outgoing(w),
		"ana@example.com: Booked: Visit on 3 May 2016 at 12:00, REQUEST 0",
		"bia@example.com: Booked: Ana, Visit on 3 May 2016 at 12:00, REQUEST 0")
	w.Now = w.Now.Add(2 * time.Minute)
	later(w, id, commandstest.Tuesday.Add(time.Hour), false)
	expect(t, "moved", outgoing(w),
		"ana@example.com: Moved: Visit is now on 3 May 2016 at 13:00, REQUEST 1",
		"bia@example.com: Moved: Ana, Visit is now on 3 May 2016 at 13:00, REQUEST 1")
	w.Now = w.Now.Add(2 * time.Minute)
	w.Cancel(id)
	expect(t, "cancelled", outgoing(w),
		"ana@example.com: Cancelled: Visit on 3 May 2016 at 13:00, CANCEL 2",
		"bia@example.com: Cancelled: Ana, Visit on 3 May 2016 at 13:00, CANCEL 2")
	w.Now = w.Now.Add(2 * time.Minute)
	_, err := w.Bookings.Reinstate(t.Context(), w.Origin().WithID(domain.DeriveUUID("again")),
		booking.Reinstatement{Appointment: id, Account: w.Account})
	w.Ok(err)
	expect(t, "reinstated", outgoing(w),
		"ana@example.com: Booked: Visit on 3 May 2016 at 13:00, REQUEST 3",
		"bia@example.com: Booked: Ana, Visit on 3 May 2016 at 13:00, REQUEST 3")
	w.Restart()
	w.Dispatch.Invite = ical.Invite
	w.Saved = make(map[string]domain.Position) // every event is handled again
	expect(t, "handled again", outgoing(w))
}

func TestStoryOfApprovals(t *testing.T) {
	w := told(t, account.UsualNotices)
	ask := func(key string, start time.Time) booking.Decision {
		order := w.Order(key, start)
		order.Approval = true
		_, err := w.Bookings.Book(t.Context(), w.Origin(), order)
		w.Ok(err)
		return booking.Decision{Appointment: order.Appointment, Account: w.Account}
	}
	yes, no := ask("a", commandstest.Tuesday), ask("b", commandstest.Tuesday.Add(time.Hour))
	silent := ask("c", commandstest.Tuesday.Add(2*time.Hour))
	silent.Silent = true
	late := ask("d", commandstest.Tuesday.Add(3*time.Hour))
	expect(t, "requested", outgoing(w))
	_, err := w.Bookings.Approve(t.Context(), w.Origin(), yes)
	w.Ok(err)
	_, err = w.Bookings.Refuse(t.Context(), w.Origin(), no)
	w.Ok(err)
	_, err = w.Bookings.Approve(t.Context(), w.Origin(), silent)
	w.Ok(err)
	expect(t, "decided", outgoing(w),
		"ana@example.com: Approved: Visit on 3 May 2016 at 12:00, REQUEST 0",
		"ana@example.com: Not possible: Visit on 3 May 2016 at 13:00")
	w.Now = commandstest.Tuesday.Add(3*time.Hour + time.Minute)
	if _, err = w.Bookings.Approve(t.Context(), w.Origin(), late); !errors.Is(err, appointment.ErrExpired) {
		t.Errorf("after its start the approval returned %v", err)
	}
}

func TestSilence(t *testing.T) {
	w := told(t, account.Notices{Booked: everyone, Moved: everyone, Cancelled: everyone})
	order := w.Order("a", commandstest.Tuesday)
	order.Silent = true
	_, err := w.Bookings.Book(t.Context(), w.Origin(), order)
	w.Ok(err)
	expect(t, "booked", outgoing(w))
	later(w, order.Appointment, commandstest.Tuesday.Add(time.Hour), true)
	expect(t, "moved", outgoing(w))
	cancellation := booking.Cancellation{
		Appointment: order.Appointment, Account: w.Account, By: appointment.Staff, Silent: true,
	}
	_, err = w.Bookings.Cancel(t.Context(), w.Origin(), cancellation)
	w.Ok(err)
	expect(t, "cancelled", outgoing(w))
	_, err = w.Bookings.Reinstate(t.Context(), w.Origin().WithID(domain.DeriveUUID("again")), booking.Reinstatement{
		Appointment: order.Appointment, Account: w.Account, Silent: true,
	})
	w.Ok(err)
	expect(t, "reinstated", outgoing(w))
}

func TestAccountWithoutNoticesTellsNobody(t *testing.T) {
	w := told(t, account.Notices{})
	id := w.Book("a", commandstest.Tuesday)
	later(w, id, commandstest.Tuesday.Add(time.Hour), false)
	w.Cancel(id)
	expect(t, "all of it", outgoing(w))
}

func TestNoticeByTextIsCharged(t *testing.T) {
	w := told(t, account.Notices{Booked: account.Notice{SMS: true}})
	id := w.Book("a", commandstest.Tuesday)
	expect(t, "booked", outgoing(w), "+5527900000001: Ana, booked: Visit with Bia on 3 May 2016 at 12:00. Clinic")
	text := noticing.MessageID(noticing.Change{Appointment: id, Client: w.Ana}, "confirmation", "sms", domain.ResourceID{})
	if charge := w.Charge(text); charge.Stage != credit.Captured || w.Owned() != commandstest.Balance-commandstest.Price {
		t.Errorf("the charge is %+v, and %d are left", charge, w.Owned())
	}
}

func TestNoticeByTextThatFailsIsOneEmail(t *testing.T) {
	for name, c := range map[string]struct {
		notice account.Notice
		result string
	}{
		"an email goes instead":          {account.Notice{SMS: true}, "fallback"},
		"the email says the same anyway": {account.Notice{SMS: true, Email: true}, "notice"},
	} {
		t.Run(name, func(t *testing.T) {
			w := told(t, account.Notices{Booked: c.notice, Cancelled: c.notice})
			bad := commandstest.Refused("permanent")
			w.Alpha.Results = []error{bad, bad}
			id := w.Book("a", commandstest.Tuesday)
			expect(t, "booked", outgoing(w), "ana@example.com: Booked: Visit on 3 May 2016 at 12:00, REQUEST 0",
				"+5527900000001: Ana, booked: Visit with Bia on 3 May 2016 at 12:00. Clinic")
			w.Now = w.Now.Add(2 * time.Minute)
			w.Cancel(id)
			expect(t, "cancelled", outgoing(w), "ana@example.com: Cancelled: Visit on 3 May 2016 at 12:00, CANCEL 1",
				"+5527900000001: Ana, cancelled: Visit with Bia on 3 May 2016 at 12:00. Clinic")
		})
	}
}

func TestNoticeAtNight(t *testing.T) {
	w := told(t, account.Notices{Booked: account.Notice{SMS: true}})
	w.Now = time.Date(2016, 5, 3, 1, 0, 0, 0, time.UTC) // 22:00 in São Paulo
	w.Book("a", commandstest.Tuesday)
	expect(t, "with an address", outgoing(w), "ana@example.com: Booked: Visit on 3 May 2016 at 12:00, REQUEST 0")
	contact, err := client.NewContact(client.Form{Name: "Ana", Phone: "+5527900000001", Country: "BR"})
	w.Ok(err)
	w.Do(client.ChangeContact{Client: w.Ana, Contact: contact})
	id := w.Book("b", commandstest.Tuesday)
	expect(t, "without one", outgoing(w))
	text := noticing.MessageID(noticing.Change{Appointment: id, Client: w.Ana}, "confirmation", "sms", domain.ResourceID{})
	if state := w.Message(text); state.Status() != message.Queued || state.Until.IsZero() {
		t.Errorf("the text is %s until %s, want queued until the morning", state.Status(), state.Until)
	}
}

// One visit gets one message per channel and minute: the second change waits for its turn, and is told if it still holds.
func TestNoticesOfAMinute(t *testing.T) {
	twice := account.Notice{Email: true, SMS: true}
	w := told(t, account.Notices{Booked: twice, Moved: twice})
	id := w.Book("a", commandstest.Tuesday)
	expect(t, "booked", outgoing(w), "ana@example.com: Booked: Visit on 3 May 2016 at 12:00, REQUEST 0",
		"+5527900000001: Ana, booked: Visit with Bia on 3 May 2016 at 12:00. Clinic")
	w.Now = w.Now.Add(20 * time.Second)
	later(w, id, commandstest.Tuesday.Add(time.Hour), false)
	expect(t, "moved", outgoing(w))
	w.Now = w.Now.Add(20 * time.Second)
	later(w, id, commandstest.Tuesday.Add(2*time.Hour), false)
	expect(t, "moved again", outgoing(w))
	w.Now = w.Now.Add(20 * time.Second)
	sendWaiting(w, id)
	expect(t, "a minute after the first", outgoing(w),
		"ana@example.com: Moved: Visit is now on 3 May 2016 at 14:00, REQUEST 2",
		"+5527900000001: Ana, moved: Visit with Bia is now on 3 May 2016 at 14:00. Clinic")
	expect(t, "the second notice", reasons(w, id, 1), "moved", "moved")
}

// A reminder that is due in the minute of the confirmation says nothing new, and a notice waits for a reminder.
func TestNoticesAndRemindersOfAMinute(t *testing.T) {
	twice := account.Notice{SMS: true}
	w := told(t, account.Notices{Booked: twice, Moved: twice})
	id := w.Book("a", commandstest.Tuesday)
	expect(t, "booked", outgoing(w), "+5527900000001: Ana, booked: Visit with Bia on 3 May 2016 at 12:00. Clinic")
	w.Now = w.Now.Add(30 * time.Second)
	if reminder := w.Message(w.Remind(id)); reminder.Reason != "same_minute" {
		t.Errorf("the reminder in the same minute is %s, %q", reminder.Status(), reminder.Reason)
	}
	expect(t, "reminded", outgoing(w))

	other := w.Book("b", commandstest.Tuesday.Add(time.Hour))
	w.Settle()
	w.Alpha.Sent, w.Now = nil, w.Now.Add(2*time.Minute)
	w.Remind(other)
	w.Settle()
	w.Now = w.Now.Add(10 * time.Second)
	later(w, other, commandstest.Tuesday.Add(2*time.Hour), false)
	expect(t, "moved after a reminder", outgoing(w),
		"+5527900000001: Ana, a reminder: Visit with Bia on 3 May 2016 at 13:00. Clinic")
	w.Now = w.Now.Add(time.Minute)
	sendWaiting(w, other)
	expect(t, "a minute later", outgoing(w),
		"+5527900000001: Ana, moved: Visit with Bia is now on 3 May 2016 at 14:00. Clinic")
}

// Another node books, moves and cancels: what this one remembers of the appointment is old.
func TestNoticesOfAnotherNode(t *testing.T) {
	w := told(t, account.Notices{Booked: account.Notice{Email: true}, Moved: account.Notice{Email: true}})
	id := w.Book("a", commandstest.Tuesday)
	expect(t, "booked", outgoing(w), "ana@example.com: Booked: Visit on 3 May 2016 at 12:00, REQUEST 0")
	other := commands.NewEngine(w.Log, w.Codec, func() time.Time { return w.Now }, aggregates.All()...)
	w.Bookings.Engine, w.Bookings.Openings.Engine, w.Bookings.Protocol = other, other, &booking.Protocol{Engine: other}
	w.Now = w.Now.Add(2 * time.Minute)
	later(w, id, commandstest.Tuesday.Add(time.Hour), false)
	expect(t, "moved", outgoing(w), "ana@example.com: Moved: Visit is now on 3 May 2016 at 13:00, REQUEST 1")
}

// sendWaiting sends the notices of the first moves of an appointment that wait, as the read models would have it.
func sendWaiting(w *commandstest.World, id domain.AppointmentID) {
	w.T.Helper()
	for sequence := range 4 {
		for _, channel := range []string{message.Email, message.SMS} {
			w.Ok(w.Dispatch.SendMail(w.T.Context(), w.Origin(), moveID(w, id, sequence, channel)))
			w.Ok(w.Dispatch.Send(w.T.Context(), w.Origin(), moveID(w, id, sequence, channel)))
		}
	}
}

func moveID(w *commandstest.World, id domain.AppointmentID, sequence int, channel string) domain.MessageID {
	change := noticing.Change{Appointment: id, Client: w.Ana, Sequence: sequence}
	return noticing.MessageID(change, noticing.Move, channel, domain.ResourceID{})
}

func reasons(w *commandstest.World, id domain.AppointmentID, sequence int) (why []string) {
	for _, channel := range []string{message.Email, message.SMS} {
		why = append(why, w.Message(moveID(w, id, sequence, channel)).Reason)
	}
	return why
}

// A notice that is out of date when its turn comes is not sent: here nothing was handled between the changes.
func TestLateNoticesAreNotSent(t *testing.T) {
	w := told(t, account.UsualNotices)
	id := w.Book("a", commandstest.Tuesday)
	later(w, id, commandstest.Tuesday.Add(time.Hour), false)
	w.Cancel(id)
	expect(t, "booked, moved and cancelled", outgoing(w),
		"ana@example.com: Cancelled: Visit on 3 May 2016 at 13:00, CANCEL 2",
		"bia@example.com: Cancelled: Ana, Visit on 3 May 2016 at 13:00, CANCEL 2")
}

func TestErasedClientsAndLanguages(t *testing.T) {
	for _, locale := range []string{"de", "es", "fr", "pt-BR"} {
		w := told(t, account.Notices{})
		setNotices(w, account.Notices{Booked: account.Notice{Email: true}}, locale)
		w.Book("a", commandstest.Tuesday)
		want := map[string]string{
			"de": "Gebucht: Visit am Dienstag, 3. Mai 2016 um 12:00 Uhr", "es": "Cita reservada: Visit, martes, 3 de mayo de 2016 a las 12:00",
			"fr": "Rendez-vous réservé\u00a0: Visit, mardi 3 mai 2016 à 12:00", "pt-BR": "Marcado: Visit, terça-feira, 3 de maio de 2016 às 12:00",
		}[locale]
		expect(t, locale, outgoing(w), "ana@example.com: "+want+", REQUEST 0")
	}
	w := told(t, account.UsualNotices)
	id := w.Book("a", commandstest.Tuesday)
	w.Do(client.Erase{Client: w.Ana})
	w.Cancel(id)
	if seen := outgoing(w); slices.ContainsFunc(seen, func(s string) bool { return strings.HasPrefix(s, "ana") }) {
		t.Errorf("after the erasure went %s", fmt.Sprint(seen))
	}
}
