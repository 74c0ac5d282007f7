// Package availability answers two questions from plain values: which starts can be booked, and why another cannot.
//
// It is pure: the same query gives the same answer, now is an argument, and nothing is read or written. It knows
// no aggregate, no database and no client; identities are strings chosen by the caller. It refuses to guess:
// hours that end before they start and zones named "" or "Local" are errors, and a local time that a clock change
// skips or repeats is resolved by RFC 5545 section 3.3.5, never by luck.
//
// All intervals are half-open, [start, end). Inside the package an instant is a count of nanoseconds since 1970
// in UTC, which holds the years 1678 to 2261.
package availability

import (
	"time"
)

// Query is all that an answer depends on.
type Query struct {
	Now     time.Time
	Window  Interval       // starts are wanted with Window.Start <= start < Window.End
	Viewer  *time.Location // whose hours the grid and the horizon are counted in; nil means UTC
	Service string         // compared with the services a TimeBlock is for
	Place   string         // location, compared with the locations a TimeBlock is for
	Rules   Rules
	Needs   []Need // every need must be met at once
	Holder  string // whoever asks: holds of the same holder do not block
	Moving  string // the appointment being moved: what it takes now does not block
	Client  []Busy // what the client has already booked, for Rules.ClientLimits
}

// Rules are a service's rules of booking, in one policy version.
type Rules struct {
	Duration     time.Duration
	Interval     time.Duration // from one start to the next; zero means Duration
	Offset       time.Duration // added to the first start of a range, and to the distance between starts
	Packing      Packing
	BufferBefore time.Duration
	BufferAfter  time.Duration
	Notice       time.Duration // no start before Now plus Notice
	Horizon      Horizon
	Limits       Limits // of one resource, counted in that resource's zone
	ClientLimits Limits // of the client, counted in the viewer's zone
}

// Need asks for units of any one of some resources. "All of" is one Need a resource, "any of" is one Need.
type Need struct {
	Units int // zero means 1
	AnyOf []Resource
}

// Resource is a person, a room or a thing as far as availability is concerned.
type Resource struct {
	ID       string
	Units    int        // how much of it there is; zero means 1
	Schedule Schedule   // its zone counts even where Open is given
	Open     []Interval // its hours already expanded (Schedule.Open), sorted and disjoint; nil: expanded here
	Busy     []Busy     // sorted by Start where speed matters
}

// Start is an instant that can be booked, with the resource chosen for each need, in the order of Query.Needs.
type Start struct {
	At        time.Time
	Resources []string
}

// Starts returns the starts inside the window that can be booked, in order. A resource earlier in Need.AnyOf is
// preferred; one resource serves two needs only where it has units for both.
func Starts(q Query) []Start {
	w := newWork(&q)
	return w.within(q.Rules.Horizon, q.Window.span())
}

func (q *Query) viewer() *time.Location {
	if q.Viewer == nil {
		return time.UTC
	}
	return q.Viewer
}

func (n Need) units() int { return max(n.Units, 1) }

func (r Resource) units() int { return max(r.Units, 1) }

// zone is where a resource's days begin; a resource without a schedule lives in the viewer's.
func (r Resource) zone(q *Query) *time.Location {
	if r.Schedule.Zone == nil {
		return q.viewer()
	}
	return r.Schedule.Zone
}
