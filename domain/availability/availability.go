// Package availability answers two questions from plain values: which starts can be booked, and why another cannot.
//
// It is pure: the same query gives the same result, now is an argument, and nothing is read or written. It knows no
// aggregate, no database and no client; ids are strings chosen by the caller. It refuses to guess: hours that end
// before they start and zones named "" or "Local" are errors, and RFC 5545 section 3.3.5 decides a local time that a
// clock change skips or repeats.
//
// All intervals are half-open, [start, end). Inside the package an instant is a number of nanoseconds since 1970 in
// UTC. The years 1700 to 2250 are exact; an instant outside them counts as the nearer end, so it keeps its order.
package availability

import (
	"time"
)

// Query is everything that a result depends on.
type Query struct {
	Now     time.Time
	Window  Interval       // of the starts: Window.Start <= start < Window.End
	Viewer  *time.Location // zone of the grid and the horizon; nil means UTC
	Service string         // compared with the services a TimeBlock is for
	Place   string         // location, compared with the locations a TimeBlock is for
	Rules   Rules
	Needs   []Need // all must be met at the same time
	Holder  string // of this query; holds of the same holder do not block
	Moving  string // the appointment being moved; what it takes now does not block
	Client  []Busy // what the client has already booked, for Rules.ClientLimits

	Booked []Booked       // the appointments of the service around the window, for Rules.Quota
	Home   *time.Location // zone of the days of Rules.Quota; nil means the viewer's
}

// Rules are the booking rules of a service, in one policy version.
type Rules struct {
	Duration     time.Duration
	Interval     time.Duration // from one start to the next; zero means Duration
	Offset       time.Duration // added to the first start of a range, and to the distance between starts
	Packing      Packing
	BufferBefore time.Duration
	BufferAfter  time.Duration
	Notice       time.Duration // no start is earlier than Now plus Notice
	Horizon      Horizon
	Limits       Limits // of one resource, in its zone
	ClientLimits Limits // of the client, in the viewer's zone
	Quota        Quota  // of the service over all resources
}

// Need asks for units of any one of some resources. "All of" is one Need per resource, "any of" is one Need.
type Need struct {
	Units int // of each resource that does not say what the need takes of it; zero means 1
	AnyOf []Resource
}

// Resource is a person, a room or a thing, as far as availability needs to know it. Where several needs name it, they
// give it the same hours and the same busy time.
type Resource struct {
	ID       string
	Units    int        // its capacity; zero means 1
	Takes    int        // the units that this need takes of it; zero means Need.Units
	Schedule Schedule   // its zone counts even if Open is set
	Open     []Interval // the expanded hours (Schedule.Open), sorted and disjoint; nil expands them here
	Busy     []Busy     // fastest when sorted by Start
	Held     []Held     // taken as well; the compact form for thousands
}

// Start is an instant that can be booked, with the resource assigned to each need, in the order of Query.Needs.
type Start struct {
	At        time.Time
	Resources []string
}

// Starts returns the starts in the window that can be booked, in order. Earlier resources in Need.AnyOf are
// preferred. One resource serves two needs only if it has units for both.
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

// UnitsOf returns how many units the need takes of one of its resources.
func (n Need) UnitsOf(id string) int {
	for i := range n.AnyOf {
		if n.AnyOf[i].ID == id {
			return n.unitsOf(&n.AnyOf[i])
		}
	}
	return 0
}

func (n Need) unitsOf(r *Resource) int {
	if r.Takes > 0 {
		return r.Takes
	}
	return max(n.Units, 1)
}

func (r Resource) units() int { return max(r.Units, 1) }

// zone returns the zone in which the days of a resource begin: that of its schedule, or the viewer's.
func (r Resource) zone(q *Query) *time.Location {
	if r.Schedule.Zone == nil {
		return q.viewer()
	}
	return r.Schedule.Zone
}
