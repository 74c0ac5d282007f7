package ical

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain/appointment"
)

var now = time.Date(2016, 5, 1, 12, 0, 0, 0, time.UTC)

func TestWriterWritesACalendar(t *testing.T) {
	var file bytes.Buffer
	w := NewWriter(&file, now)
	start := time.Date(2016, 5, 2, 10, 0, 0, 0, time.FixedZone("", -3*60*60))
	for _, e := range []Event{
		{
			UID: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Sequence: 2, Status: appointment.StatusNoShow,
			Summary: "Corte; Ana, a mãe", With: []string{"Bia", "Sala 2, fundos"}, Start: start, End: start.Add(time.Hour),
			Created: start.Add(-48 * time.Hour),
		},
		{
			UID: "6ba7b811-9dad-11d1-80b4-00c04fd430c8", Status: appointment.StatusCancelled, Summary: "Corte: erased",
			Start: start, End: start.Add(30 * time.Minute),
		},
	} {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//ClickBook//Appointments//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
BEGIN:VEVENT
CLASS:PRIVATE
CREATED:20160430T130000Z
DTEND:20160502T140000Z
DTSTAMP:20160501T120000Z
DTSTART:20160502T130000Z
RESOURCES:Bia,Sala 2\, fundos
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Corte\; Ana\, a mãe
UID:6ba7b810-9dad-11d1-80b4-00c04fd430c8
X-CLICKBOOK-STATUS;VALUE=TEXT:noshow
END:VEVENT
BEGIN:VEVENT
CLASS:PRIVATE
DTEND:20160502T133000Z
DTSTAMP:20160501T120000Z
DTSTART:20160502T130000Z
SEQUENCE:0
STATUS:CANCELLED
SUMMARY:Corte: erased
TRANSP:TRANSPARENT
UID:6ba7b811-9dad-11d1-80b4-00c04fd430c8
X-CLICKBOOK-STATUS;VALUE=TEXT:cancelled
END:VEVENT
END:VCALENDAR
`
	if got := strings.ReplaceAll(file.String(), "\r\n", "\n"); got != want {
		t.Errorf("the calendar is\n%s", got)
	}
	if bare := strings.Count(file.String(), "\n") - strings.Count(file.String(), "\r\n"); bare != 0 {
		t.Errorf("%d lines end without CR", bare)
	}
}

func TestWriterRefusesAnEmptyCalendar(t *testing.T) {
	var file bytes.Buffer
	if err := NewWriter(&file, now).Close(); !errors.Is(err, ErrEmpty) || file.Len() > 0 {
		t.Errorf("%v, %q", err, file.String())
	}
}

// A reader gets every text back except its control characters, and no line is too long or splits a character.
func TestEventsReadBackEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wrote := Event{
			UID: rapid.StringMatching(`[a-f0-9]{36}`).Draw(t, "uid"), Sequence: rapid.IntRange(0, 99).Draw(t, "sequence"),
			Status:  rapid.SampledFrom([]appointment.Status{"booked", "pending", "cancelled"}).Draw(t, "status"),
			Summary: rapid.OneOf(rapid.String(), rapid.StringMatching(`[é日,;\\:" a-z]{60,200}`)).Draw(t, "summary"),
			Start:   time.Unix(rapid.Int64Range(1e9, 2e9).Draw(t, "start"), 0).UTC(),
		}
		wrote.End = wrote.Start.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "minutes")) * time.Minute)
		var file bytes.Buffer
		w := NewWriter(&file, now)
		if err := errors.Join(w.Write(wrote), w.Close()); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(file.String(), "\r\n") {
			if len(line) > maxLine || !utf8.ValidString(line) {
				t.Fatalf("a line of %d octets: %q", len(line), line)
			}
		}
		calendar, err := ical.NewDecoder(&file).Decode()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := read(t, calendar.Events()[0]), withoutControls(wrote); !reflect.DeepEqual(got, want) {
			t.Fatalf("read %+v, want %+v", got, want)
		}
	})
}

func withoutControls(e Event) Event {
	e.Summary = printable(e.Summary)
	return e
}

func read(t *rapid.T, event ical.Event) (e Event) {
	var errs [6]error
	e.UID, errs[0] = event.Props.Text(ical.PropUID)
	e.Summary, errs[1] = event.Props.Text(ical.PropSummary)
	e.Sequence, errs[2] = event.Props.Get(ical.PropSequence).Int()
	e.Start, errs[3] = event.DateTimeStart(nil)
	e.End, errs[4] = event.DateTimeEnd(nil)
	status, err := event.Status()
	errs[5] = err
	e.Status = map[ical.EventStatus]appointment.Status{
		ical.EventConfirmed: "booked", ical.EventTentative: "pending", ical.EventCancelled: "cancelled",
	}[status]
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	return e
}
