package availability

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// localSecond is how a visit writes its local time.
const localSecond = "2006-01-02T15:04:05"

// Promised returns the instant at which a clock of the zone shows the local time of a visit, by the table in force. It
// is start, the instant by the table of then, unless the rules of the zone have changed. If the time happens twice, the
// instant that was agreed stays. If it cannot be read, start stays too.
func Promised(local, zone string, start time.Time) time.Time {
	where, err := domain.ParseZone(zone)
	if err != nil || start.In(where).Format(localSecond) == local {
		return start
	}
	shown, err := time.Parse(localSecond, local)
	if err != nil {
		return start
	}
	date := dateOf(shown)
	return Resolve(date, shown.Sub(date.utc()), where).UTC()
}
