package availability

import (
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain/zones"
)

// localMinute is the form of a local time in a sentence.
const localMinute = "2006-01-02T15:04"

// SkippedError says that a local time does not exist, because the clocks of the zone were put forward over it. Before
// is the last minute that exists before it, After the first that exists after it, both in the zone.
type SkippedError struct {
	Local         string // 2006-01-02T15:04
	Before, After time.Time
}

func (e *SkippedError) Error() string {
	return fmt.Sprintf("%s does not exist in %s, because the clock skips it: the nearest times are %s and %s",
		e.Local, e.Before.Location(), e.Before.Format(localMinute), e.After.Format(localMinute))
}

// ResolveExact converts a local time that a person chose to an instant. It returns a *SkippedError for a time that
// does not exist. A time that happens twice has two instants, one time zone offset apart; for any other the second is
// zero. Weekly hours and TimeBlocks use Resolve instead, which always has a result.
func ResolveExact(d Date, wall time.Duration, zone *time.Location) (first, second time.Time, err error) {
	const far = 36 * time.Hour // more than any offset, and than any change of one
	reading := d.utc().Add(wall)
	for at := reading.Add(-far).In(zone); ; {
		begin, end := zones.Bounds(at)
		shown := reading.Add(-offset(at)).In(zone)
		if !shown.Before(begin) && (end.IsZero() || shown.Before(end)) {
			if !first.IsZero() {
				return first, shown, nil
			}
			first = shown
		}
		if end.IsZero() || end.After(reading.Add(far)) {
			break
		}
		if local := reading.Add(-offset(at)); first.IsZero() && !local.Before(end) &&
			reading.Add(-offset(end)).Before(end) {
			return first, second, &SkippedError{reading.Format(localMinute), end.Add(-time.Minute).In(zone), end.In(zone)}
		}
		at = end
	}
	return first, second, nil
}
