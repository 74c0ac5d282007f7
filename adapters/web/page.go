package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/message"
	bookingpage "github.com/clickbook/clickbook/domain/page"
)

// page is what the templates show.
type page struct {
	head
	Words  words
	Here   string // the path of the link
	Notice string // about what was done, or could not be
	Policy string // what the business says about moving and cancelling

	Service, With            string
	Date, Time, Zone         string
	Struck                   bool // the visit does not take place
	Phone, Email             string
	Status, Tone             string
	CanConfirm, CanMove      bool
	CanCancel, Calendar      bool
	TooLate, Question, Start string
	Done                     bool

	Days      []day
	FirstPage bool
	Later     string // the date of the next page; "" if there is none
}

// day is a local date with free starts.
type day struct {
	Date  string
	Times []freeTime
}

// freeTime is a start, as a link and on the clock.
type freeTime struct{ Start, Clock string }

// visitPage returns what every page of an appointment shows, in the language of the browser, else of the account.
func (s *server) visitPage(r *http.Request, shown booking.Shown, token string) (*page, error) {
	in := wordsOf(r.Header.Get("Accept-Language") + "," + shown.Account.Locale)
	visit := shown.Attempt.Visit
	p := &page{
		head: head{
			Lang: in.Language, Dir: in.Direction, Title: in.Yours, Business: shown.Account.Name.Reveal(), prefix: s.prefix,
		},
		Words: in, Here: s.prefix + links.ManagePath + token,
		Service: shown.Service, With: strings.Join(shown.With, ", "),
		Phone: shown.Account.Phone.Reveal(), Email: shown.Account.Email.Reveal(),
	}
	id := shown.Appointment.Account
	look, _, err := commands.Load(r.Context(), s.ByLink.Bookings.Engine, bookingpage.Decider, bookingpage.Stream(id))
	if err != nil {
		return nil, err
	}
	p.Policy = look.Policy.Reveal()
	p.dress(look, id.String())
	if p.Phone != "" { // one way to reach the business is enough
		p.Email = ""
	}
	start := availability.Promised(visit.Local, visit.Zone, visit.Start)
	zone := zoneOf(visit.Zone)
	p.Date = dateOf(start, zone, in)
	p.Time = clock(start, zone) + "–" + clock(start.Add(visit.End.Sub(visit.Start)), zone) + in.at
	p.Zone = strings.ReplaceAll(visit.Zone, "_", " ")
	return p, nil
}

// fillStatus adds what the status of the appointment is, and what can be done.
func (p *page) fillStatus(shown booking.Shown) {
	state := shown.Appointment
	p.CanConfirm, p.CanMove = shown.Confirm == nil && !state.Confirmed, shown.Move == nil
	p.CanCancel = shown.Cancel == nil
	switch state.Status {
	case appointment.StatusPending:
		p.Status, p.Tone = p.Words.Pending, "wait"
	case appointment.StatusBooked:
		p.Status, p.Calendar = p.Words.Booked, true
		if state.Confirmed {
			p.Status = p.Words.Confirmed
		}
	case appointment.StatusCancelled, appointment.StatusEnteredInError:
		p.Status, p.Tone, p.Struck = p.Words.Cancelled, "off", true
	case appointment.StatusNoShow:
		p.Status, p.Tone = p.Words.Missed, "wait"
	case appointment.StatusArrived, appointment.StatusFulfilled:
		p.Status, p.Tone = p.Words.Over, "wait"
	}
	if state.Status == appointment.StatusBooked && (!p.CanMove || !p.CanCancel) {
		p.TooLate = p.tooLate()
	}
}

// tooLate tells how to reach the business instead.
func (p *page) tooLate() string {
	if p.Phone != "" {
		return fill(p.Words.TooLate, p.Business+", "+p.Phone, "", "")
	}
	return fill(p.Words.TooLateContact, p.Business, "", "")
}

func zoneOf(name string) *time.Location {
	if zone, err := domain.ParseZone(name); err == nil {
		return zone
	}
	return time.UTC
}

func clock(at time.Time, zone *time.Location) string { return message.WriteTime(at, zone) }

// dateOf writes a date with its weekday.
func dateOf(at time.Time, zone *time.Location, in words) string {
	if in.Language == "en" {
		return at.In(zone).Format("Monday, 2 January 2006")
	}
	return message.WriteDate(at, zone, in.Language, message.Email)
}
