package web

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/ical"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/domain"
)

// What was done, in the query of the page that shows it. It changes only a sentence.
const (
	didConfirm = "confirmed"
	didMove    = "moved"
	didCancel  = "cancelled"
	wasLate    = "late"
	wasTaken   = "taken"
	wasChanged = "changed"
)

// show shows the appointment, or its calendar under the address that ends in .ics.
func (s *server) show(r *http.Request) (reply, error) {
	token, calendar := strings.CutSuffix(r.PathValue("token"), ".ics")
	shown, err := s.ByLink.Show(r.Context(), token)
	if err != nil {
		return reply{}, err
	}
	if calendar {
		return calendarOf(shown, s.ByLink.Bookings.Engine.Now())
	}
	p, err := s.visitPage(r, shown, token)
	if err != nil {
		return reply{}, err
	}
	p.fillStatus(shown)
	switch state := shown.Appointment; r.URL.Query().Get("did") {
	case didConfirm:
		if state.Confirmed {
			p.Notice = fill(p.Words.ThanksConfirmed, p.Business, "", "")
		}
	case didMove:
		p.Notice = p.Words.ThanksMoved
	case didCancel:
		if p.Struck {
			p.Notice = p.Words.ThanksCancelled
		}
	case wasLate:
		p.TooLate = p.tooLate()
	case wasChanged:
		p.Notice = p.Words.Changed
	}
	return reply{template: "manage", data: p}, nil
}

func (s *server) confirm(r *http.Request) (reply, error) {
	_, err := s.ByLink.Confirm(r.Context(), r.PathValue("token"), uuid.New())
	return s.did(r, didConfirm, err)
}

func (s *server) askCancel(r *http.Request) (reply, error) {
	shown, err := s.ByLink.Show(r.Context(), r.PathValue("token"))
	if err != nil || shown.Cancel != nil {
		return s.did(r, didCancel, errors.Join(err, shown.Cancel))
	}
	p, err := s.visitPage(r, shown, r.PathValue("token"))
	return reply{template: "cancel", data: p}, err
}

func (s *server) cancel(r *http.Request) (reply, error) {
	_, err := s.ByLink.Cancel(r.Context(), r.PathValue("token"), uuid.New(), domain.Private{})
	return s.did(r, didCancel, err)
}

// did shows the appointment again with what was done, or why it was not.
func (s *server) did(r *http.Request, what string, err error) (reply, error) {
	if errors.Is(err, links.ErrLink) {
		return reply{}, err
	}
	refusal, refused := domain.AsRefusal(err)
	switch {
	case refused && refusal.Code == "past_cut_off":
		what = wasLate
	case refused:
		what = wasChanged
	case err != nil:
		return reply{}, err
	}
	query := url.Values{"did": {what}}
	return reply{see: s.prefix + links.ManagePath + r.PathValue("token") + "?" + query.Encode()}, nil
}

// A page of free times has those of daysShown days, among the next daysSearched.
const (
	daysShown    = 7
	daysSearched = 28
)

// choose shows free times, or asks about one of them.
func (s *server) choose(r *http.Request) (reply, error) {
	token := r.PathValue("token")
	shown, err := s.ByLink.Show(r.Context(), token)
	if err != nil || shown.Move != nil {
		return s.did(r, didMove, errors.Join(err, shown.Move))
	}
	p, err := s.visitPage(r, shown, token)
	if err != nil {
		return reply{}, err
	}
	zone := zoneOf(shown.Attempt.Visit.Zone)
	query := r.URL.Query()
	if start, err := time.Parse(time.RFC3339, query.Get("start")); err == nil {
		p.Start = start.UTC().Format(time.RFC3339)
		p.Question = fill(p.Words.MoveQuestion, "", "",
			dateOf(start, zone, p.Words)+", "+clock(start, zone)+p.Words.at)
		return reply{template: "moveto", data: p}, nil
	}
	if query.Get("did") == wasTaken {
		p.Notice = p.Words.Taken
	}
	if err := s.fillStarts(r, p, shown, query.Get("from")); err != nil {
		return reply{}, err
	}
	return reply{template: "move", data: p}, nil
}

func (s *server) fillStarts(r *http.Request, p *page, shown booking.Shown, from string) error {
	zone, now := zoneOf(shown.Attempt.Visit.Zone), s.ByLink.Bookings.Engine.Now()
	first := now
	if date, err := time.ParseInLocation(time.DateOnly, from, zone); err == nil && date.After(now) {
		first = date
	}
	p.FirstPage = first.Equal(now)
	window := domain.Interval{Start: first, End: first.AddDate(0, 0, daysSearched)}
	free, err := s.ByLink.Starts(r.Context(), r.PathValue("token"), window)
	if _, refused := domain.AsRefusal(err); refused { // a large service, or a date beyond every calendar
		window.End = first.AddDate(0, 0, daysShown)
		free, err = s.ByLink.Starts(r.Context(), r.PathValue("token"), window)
	}
	if _, refused := domain.AsRefusal(err); refused && !errors.Is(err, links.ErrLink) {
		return nil
	}
	for _, start := range free {
		date := dateOf(start.At, zone, p.Words)
		if len(p.Days) == 0 || p.Days[len(p.Days)-1].Date != date {
			if len(p.Days) == daysShown {
				p.Later = start.At.In(zone).Format(time.DateOnly)
				break
			}
			p.Days = append(p.Days, day{Date: date})
		}
		last := &p.Days[len(p.Days)-1]
		last.Times = append(last.Times, freeTime{start.At.UTC().Format(time.RFC3339), clock(start.At, zone)})
	}
	if p.Later == "" && len(p.Days) > 0 {
		p.Later = window.End.In(zone).Format(time.DateOnly)
	}
	return err
}

func (s *server) move(r *http.Request) (reply, error) {
	start, err := time.Parse(time.RFC3339, r.PostFormValue("start"))
	if err != nil {
		return s.again(r), nil
	}
	_, err = s.ByLink.Move(r.Context(), r.PathValue("token"), uuid.New(), start)
	refusal, refused := domain.AsRefusal(err)
	if refused && !errors.Is(err, links.ErrLink) && refusal.Code != "past_cut_off" {
		return s.again(r), nil // whatever the reason, another time may do
	}
	return s.did(r, didMove, err)
}

// again shows the free times again, because the chosen one is not free.
func (s *server) again(r *http.Request) reply {
	return reply{see: s.prefix + links.ManagePath + url.PathEscape(r.PathValue("token")) + "/move?did=" + wasTaken}
}

// calendarOf returns the appointment as a calendar file. Its UID is that of the calendars in emails.
func calendarOf(shown booking.Shown, now time.Time) (reply, error) {
	visit := shown.Attempt.Visit
	var out bytes.Buffer
	w := ical.NewWriter(&out, now)
	err := w.Write(ical.Event{
		UID: shown.ID.String(), Sequence: shown.Appointment.Sequence, Status: shown.Appointment.Status,
		Summary: shown.Service + ", " + shown.Account.Name.Reveal(), With: shown.With, Start: visit.Start, End: visit.End,
	})
	if err == nil {
		err = w.Close()
	}
	return reply{file: file{content: out.Bytes(), kind: "text/calendar; charset=utf-8", name: "appointment.ics"}}, err
}
