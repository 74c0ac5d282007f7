package ical

import (
	"fmt"
	"strings"
	"testing"
	"time"

	other "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
)

var invited = messaging.Invitation{
	UID: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Sequence: 2, Stamp: time.Date(2026, 10, 1, 9, 30, 15, 0, time.UTC),
	Start: time.Date(2026, 10, 24, 8, 0, 0, 0, time.UTC), End: time.Date(2026, 10, 24, 9, 0, 0, 0, time.UTC),
	Zone: "Europe/Berlin", Summary: "Schnitt; Farbe (Salon)", Description: "Guten Tag Ana,\n\nIhr Termin.\n",
	Organizer: messaging.Party{Name: `Salon "Zeit", Mitte`, Email: "salon@example.com"},
	Attendee:  messaging.Party{Name: "Ana: Müller", Email: "ana+x@example.com"},
}

func TestInvite(t *testing.T) {
	file, err := Invite(invited)
	if err != nil {
		t.Fatal(err)
	}
	want := `BEGIN:VCALENDAR
METHOD:REQUEST
PRODID:-//ClickBook//Appointments//EN
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:20260329T020000
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261025T030000
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20270328T020000
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;CN="Ana: Müller";PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALS
 E:mailto:ana+x@example.com
DESCRIPTION:Guten Tag Ana\,\n\nIhr Termin.
DTEND;TZID=Europe/Berlin:20261024T110000
DTSTAMP:20261001T093015Z
DTSTART;TZID=Europe/Berlin:20261024T100000
ORGANIZER;CN="Salon 'Zeit', Mitte":mailto:salon@example.com
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Schnitt\; Farbe (Salon)
UID:6ba7b810-9dad-11d1-80b4-00c04fd430c8
END:VEVENT
END:VCALENDAR
`
	if got := strings.ReplaceAll(string(file.Body), "\r\n", "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if file.Name != "appointment.ics" || file.ContentType != "text/calendar; charset=utf-8; method=REQUEST" {
		t.Errorf("the file is %s, %s", file.Name, file.ContentType)
	}
}

func TestInviteCancels(t *testing.T) {
	gone := invited
	gone.Cancelled, gone.Zone, gone.Organizer.Email = true, "UTC", ""
	file, err := Invite(gone)
	if err != nil {
		t.Fatal(err)
	}
	parsed, event := parse(t, file.Body)
	for property, want := range map[string]string{
		"METHOD": "CANCEL", "STATUS": "CANCELLED", "ORGANIZER": "invalid:nomail", "DTSTART": "20261024T080000Z",
	} {
		got := value(event, property)
		if property == "METHOD" {
			got = parsed.CalendarProperties[0].Value
		}
		if got != want {
			t.Errorf("%s is %q, want %q", property, got, want)
		}
	}
	if !strings.HasSuffix(file.ContentType, "method=CANCEL") || len(parsed.Timezones()) != 0 {
		t.Errorf("the file is %s with %d zones", file.ContentType, len(parsed.Timezones()))
	}
	gone.Zone = "Mars/Olympus"
	if _, err := Invite(gone); err == nil {
		t.Error("an unknown zone was written")
	}
}

// parse reads a calendar of one event with another library than the one that wrote it.
func parse(t rapid.TB, file []byte) (*other.Calendar, *other.VEvent) {
	t.Helper()
	parsed, err := other.ParseCalendar(strings.NewReader(string(file)))
	if err != nil {
		t.Fatalf("%v:\n%s", err, file)
	}
	events := parsed.Events()
	if len(events) != 1 {
		t.Fatalf("there are %d events:\n%s", len(events), file)
	}
	return parsed, events[0]
}

func value(event *other.VEvent, property string) string {
	found := event.GetProperty(other.ComponentProperty(property))
	if found == nil {
		return ""
	}
	return found.Value
}

// A reader that knows no zones but the VTIMEZONE of the file, parsed by another library, finds the same instants, also
// around changes of the clock and in zones of every kind.
func TestInvitationsReadBack(t *testing.T) {
	names := []string{
		"UTC", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "America/Sao_Paulo", "America/St_Johns",
		"Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "Asia/Tokyo", "Pacific/Apia", "America/Vancouver",
		"Europe/Dublin", "Antarctica/Troll", "America/Santiago",
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(names).Draw(t, "zone")
		i := invited
		i.Zone = zone
		i.Start = time.Unix(rapid.Int64Range(1_300_000_000, 2_100_000_000).Draw(t, "start"), 0).Truncate(time.Minute).UTC()
		if rapid.Bool().Draw(t, "near a change") {
			i.Start = nearChange(t, zone, i.Start)
		}
		i.End = i.Start.Add(time.Duration(rapid.IntRange(1, 24*60*40).Draw(t, "minutes")) * time.Minute)
		i.Summary = rapid.String().Draw(t, "summary")
		i.Attendee.Name = rapid.String().Draw(t, "name")
		file, err := Invite(i)
		if err != nil {
			t.Fatal(err)
		}
		parsed, event := parse(t, file.Body)
		if start, end := instant(t, parsed, event, "DTSTART"), instant(t, parsed, event, "DTEND"); !start.Equal(i.Start) ||
			!end.Equal(i.End) {
			t.Fatalf("it reads from %s to %s, want %s to %s:\n%s", start, end, i.Start, i.End, file.Body)
		}
		if value(event, "UID") != i.UID || value(event, "SEQUENCE") != fmt.Sprint(i.Sequence) {
			t.Fatalf("it reads as %s, %s", value(event, "UID"), value(event, "SEQUENCE"))
		}
	})
}

// nearChange returns an instant within three hours of the next change of the clock, if there is one.
func nearChange(t *rapid.T, name string, after time.Time) time.Time {
	zone, err := domain.ParseZone(name)
	if err != nil {
		t.Fatal(err)
	}
	_, change := after.In(zone).ZoneBounds()
	if change.IsZero() {
		return after
	}
	return change.UTC().Add(time.Duration(rapid.IntRange(-180, 180).Draw(t, "minutes from a change")) * time.Minute)
}

// instant reads a time of an event by the observances of the file (RFC 5545 section 3.6.5).
func instant(t *rapid.T, calendar *other.Calendar, event *other.VEvent, property string) time.Time {
	prop := event.GetProperty(other.ComponentProperty(property))
	local, err := time.Parse(localFormat, strings.TrimSuffix(prop.Value, "Z"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(prop.Value, "Z") {
		return local
	}
	best, shift := time.Time{}, time.Duration(0)
	for _, zone := range calendar.Timezones() {
		for _, component := range zone.Components {
			began, to := observed(t, component)
			if !began.After(local) && !began.Before(best) {
				best, shift = began, to
			}
		}
	}
	if best.IsZero() {
		t.Fatalf("no observance covers %s", prop.Value)
	}
	return local.Add(-shift)
}

// observed returns when an observance begins, in local time, and its offset.
func observed(t *rapid.T, component other.Component) (began time.Time, to time.Duration) {
	for _, prop := range component.UnknownPropertiesIANAProperties() {
		switch prop.IANAToken {
		case "DTSTART":
			var err error
			if began, err = time.Parse(localFormat, prop.Value); err != nil {
				t.Fatal(err)
			}
		case "TZOFFSETTO":
			var hours, minutes int
			if _, err := fmt.Sscanf(prop.Value[1:], "%2d%2d", &hours, &minutes); err != nil {
				t.Fatal(err)
			}
			to = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
			if prop.Value[0] == '-' {
				to = -to
			}
		}
	}
	return began, to
}
