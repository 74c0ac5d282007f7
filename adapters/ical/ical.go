// Package ical writes appointments as an iCalendar (RFC 5545). It writes one event at a time, so memory does not grow
// with the calendar. Times are in UTC, which needs no VTIMEZONE. A calendar without events is an error, because the
// RFC does not allow one.
package ical

import (
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-ical"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// product identifies us as the author of the calendar (RFC 5545 section 3.7.3).
const product = "-//ClickBook//Appointments//EN"

// statusProperty has the FHIR status, because RFC 5545 lacks arrived, fulfilled and noshow.
const statusProperty = "X-CLICKBOOK-STATUS"

// ErrEmpty refuses a calendar without events.
var ErrEmpty = domain.Refuse(domain.Unknown, "calendar_empty",
	"there is no appointment to write, and a calendar needs at least one; choose other dates")

// Event is an appointment in a calendar.
type Event struct {
	UID      string // the same in every calendar
	Sequence int    // RFC 5545 SEQUENCE
	Status   appointment.Status
	Summary  string
	With     []string // names of the resources
	Start    time.Time
	End      time.Time
	Created  time.Time
}

// Writer writes one calendar.
type Writer struct {
	to      *folder
	stamp   time.Time
	started bool
}

// NewWriter returns a Writer whose events have the time now as DTSTAMP.
func NewWriter(to io.Writer, now time.Time) *Writer {
	return &Writer{to: &folder{to: to}, stamp: now}
}

// Write writes an event.
func (w *Writer) Write(e Event) error {
	event := ical.NewEvent()
	event.Props.SetText(ical.PropUID, e.UID)
	event.Props.SetDateTime(ical.PropDateTimeStamp, w.stamp.UTC())
	event.Props.SetDateTime(ical.PropDateTimeStart, e.Start.UTC())
	event.Props.SetDateTime(ical.PropDateTimeEnd, e.End.UTC())
	if !e.Created.IsZero() {
		event.Props.SetDateTime(ical.PropCreated, e.Created.UTC())
	}
	event.Props.Set(number(ical.PropSequence, e.Sequence))
	event.Props.SetText(ical.PropSummary, printable(e.Summary))
	event.Props.SetText(ical.PropClass, "PRIVATE")
	event.Props.SetText(statusProperty, string(e.Status))
	event.SetStatus(statusOf(e.Status))
	if e.Status == appointment.StatusCancelled {
		event.Props.SetText(ical.PropTransparency, "TRANSPARENT")
	}
	if len(e.With) > 0 {
		with := ical.NewProp(ical.PropResources)
		names := make([]string, len(e.With))
		for i, name := range e.With {
			names[i] = printable(name)
		}
		with.SetTextList(names)
		event.Props.Set(with)
	}
	if err := w.begin(); err != nil {
		return err
	}
	return ical.NewEncoder(w.to).Encode(&ical.Calendar{Component: event.Component})
}

// begin writes the start of the calendar before the first event. go-ical can only write whole calendars.
func (w *Writer) begin() error {
	if w.started {
		return nil
	}
	w.started = true
	_, err := io.WriteString(w.to, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"+product+
		"\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n")
	return err
}

// Close writes the end of the calendar. It does not close the underlying writer.
func (w *Writer) Close() error {
	if !w.started {
		return ErrEmpty
	}
	_, err := io.WriteString(w.to, "END:VCALENDAR\r\n")
	return err
}

func number(name string, n int) *ical.Prop {
	prop := ical.NewProp(name)
	prop.SetValueType(ical.ValueInt)
	prop.Value = strconv.Itoa(n)
	return prop
}

// statusOf returns the nearest of the three statuses that RFC 5545 has for an event.
func statusOf(status appointment.Status) ical.EventStatus {
	switch status {
	case appointment.StatusPending:
		return ical.EventTentative
	case appointment.StatusCancelled, appointment.StatusEnteredInError:
		return ical.EventCancelled
	case appointment.StatusBooked, appointment.StatusArrived, appointment.StatusFulfilled, appointment.StatusNoShow:
	}
	return ical.EventConfirmed
}

// printable removes control characters, which a text must not contain (section 3.3.11).
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
