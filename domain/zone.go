package domain

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // so results do not depend on the zone files of the machine
)

var zones sync.Map // name to *time.Location, because time.LoadLocation parses the rules on every call

// ParseZone returns a time zone of the IANA list by its Area/City name, or UTC. It refuses "" and "Local", which Go
// reads as UTC and the zone of the machine. It refuses abbreviations too: Go reads EST as UTC-5 also in summer, which
// the writer seldom means.
func ParseZone(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	if strings.TrimSpace(name) == "" {
		return nil, Refuse(Invalid, "zone_required", "name the time zone, such as Europe/Berlin: a date alone has no meaning")
	}
	zone, err := time.LoadLocation(name)
	if err != nil || !isListed(name) {
		return nil, Refusef(Invalid, "unknown_zone",
			"%q is not a time zone of the IANA list; write one such as Europe/Berlin or UTC", name)
	}
	zones.Store(name, zone)
	return zone, nil
}

func isListed(name string) bool {
	area, _, divided := strings.Cut(name, "/")
	return name == "UTC" || name == "GMT" || divided && area != "posix" && area != "right"
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
		_, end := at.ZoneBounds()
		if end.IsZero() || first.Before(end) {
			return first.UTC()
		}
		at = end
	}
}
