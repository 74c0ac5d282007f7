package ical_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/ical"
	"github.com/clickbook/clickbook/domain/appointment"
)

// A Writer writes one calendar. Lines end with CRLF, which this example removes to compare its output.
func ExampleWriter() {
	var calendar strings.Builder
	start := time.Date(2026, 12, 1, 10, 0, 0, 0, time.FixedZone("São Paulo", -3*60*60))
	w := ical.NewWriter(&calendar, time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC))
	err := w.Write(ical.Event{
		UID: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Sequence: 1, Status: appointment.StatusBooked,
		Summary: "Haircut: Ana Lima", With: []string{"Bia"}, Start: start, End: start.Add(45 * time.Minute),
	})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Print(strings.ReplaceAll(calendar.String(), "\r\n", "\n"))
	// Output:
	// BEGIN:VCALENDAR
	// VERSION:2.0
	// PRODID:-//ClickBook//Appointments//EN
	// CALSCALE:GREGORIAN
	// METHOD:PUBLISH
	// BEGIN:VEVENT
	// CLASS:PRIVATE
	// DTEND:20261201T134500Z
	// DTSTAMP:20261128T090000Z
	// DTSTART:20261201T130000Z
	// RESOURCES:Bia
	// SEQUENCE:1
	// STATUS:CONFIRMED
	// SUMMARY:Haircut: Ana Lima
	// UID:6ba7b810-9dad-11d1-80b4-00c04fd430c8
	// X-CLICKBOOK-STATUS;VALUE=TEXT:booked
	// END:VEVENT
	// END:VCALENDAR
}
