package domain

import "time"

// Interval is a half-open stretch of time [Start, End), in UTC.
type Interval struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Overlaps reports whether the two share an instant; touching is not overlap.
func (i Interval) Overlaps(other Interval) bool {
	return i.Start.Before(other.End) && other.Start.Before(i.End)
}

// Minutes is the whole minutes between start and end.
func (i Interval) Minutes() int { return int(i.End.Sub(i.Start) / time.Minute) }
