package domain

import (
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain/zones"
)

// ParseZone returns a time zone by its IANA name, from the table in force, never from that of the machine. It refuses
// "" and "Local", which Go reads as UTC and the zone of the machine. It refuses EST, MST and HST too: they have no
// summer time, which the writer seldom means.
func ParseZone(name string) (*time.Location, error) {
	if strings.TrimSpace(name) == "" {
		return nil, Refuse(Invalid, "zone_required", "name the time zone, such as Europe/Berlin: a date alone has no meaning")
	}
	zone, listed := zones.Current().Load(name)
	if !listed || name == "EST" || name == "MST" || name == "HST" {
		return nil, Refusef(Invalid, "unknown_zone",
			"%q is not a time zone of the IANA list; write one such as Europe/Berlin or UTC", name)
	}
	return zone, nil
}

// FirstInstant returns when a date begins in a zone. If midnight does not exist, it is the first instant that does.
// If midnight happens twice, it is the earlier. (time.Date is an hour early in some zones without midnight.)
func FirstInstant(year int, month time.Month, day int, zone *time.Location) time.Time {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC) // in UTC, which has no clock changes
	at := midnight.Add(-36 * time.Hour).In(zone)                  // no offset has ever been larger
	for {
		_, seconds := at.Zone()
		first := midnight.Add(-time.Duration(seconds) * time.Second)
		if first.Before(at) {
			first = at
		}
		_, end := zones.Bounds(at)
		if end.IsZero() || first.Before(end) {
			return first.UTC()
		}
		at = end
	}
}
