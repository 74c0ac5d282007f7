package domain

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a machine without zone files must answer the same
)

// zones keeps what was loaded: reading a zone anew costs a file or an unpacking. Only real names enter it, so it is
// bounded by the IANA list.
var zones sync.Map // string to *time.Location

// ParseZone finds an IANA time zone. It refuses "" and "Local", which Go reads as UTC and as the zone of this
// machine: either would make an answer depend on where it is computed.
func ParseZone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if strings.TrimSpace(name) == "" {
		return nil, Refuse(Invalid, "zone_unknown", "a time zone is missing; name one of the IANA list, such as Europe/Berlin")
	}
	zone, err := time.LoadLocation(name)
	if name == "Local" || err != nil || zone.String() != name {
		return nil, Refusef(Invalid, "zone_unknown",
			"%q is not a time zone; name one of the IANA list, such as Europe/Berlin", clip(name))
	}
	zones.Store(name, zone)
	return zone, nil
}
