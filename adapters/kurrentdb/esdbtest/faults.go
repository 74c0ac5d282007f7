package esdbtest

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Kind is what a call asks for.
type Kind string

// The kinds of calls.
const (
	Append    Kind = "append"
	Read      Kind = "read" // of a stream or of $all, to an end
	Subscribe Kind = "subscribe"
	Delete    Kind = "delete"
	Tombstone Kind = "tombstone"
	Features  Kind = "features" // a client asks once for each connection
	Gossip    Kind = "gossip"
)

// Call is one call, as far as a fault may want to know it.
type Call struct {
	Kind   Kind
	Stream string // empty where the call is about $all, or about no stream
	Events int    // the events of an append
}

// Fault is what goes wrong with one call.
type Fault struct {
	refuse  func(context.Context, *Server) error // instead of the work
	delay   time.Duration                        // before the work
	twice   bool                                 // the work
	late    time.Duration                        // after the work, before the reply
	disturb func(context.Context, *Server) error // instead of the reply
	unsure  bool                                 // an append that was written is answered as if its outcome were unknown
	repeat  bool                                 // each event of a read or subscription
	end     func(context.Context, *Server) error // after as many events as limit says
	limit   int
}

// DropRequest closes the connection before anything is done: nothing is written, and the client sees the node as
// unavailable.
func DropRequest() Fault { return Fault{refuse: cut} }

// DropReply does the work and closes the connection instead of answering: an append is written, and its client, who
// sees the node as unavailable just as with DropRequest, cannot know. Other calls on the same connection fail too. A
// read has sent its events by then, and some of them may still arrive; a subscription has no reply to lose.
func DropReply() Fault { return Fault{disturb: cut} }

// Duplicate does an append, a deletion or a tombstone twice and answers as the second time went: what a proxy does
// that sends a request again when it has lost the reply. (A reply cannot come twice: a call has one, and the client's
// library refuses another.) An append that expects a revision is recognised; one that expects any is recognised only
// while its ids are remembered, see WithRecentIDs, and stands in the log twice otherwise.
func Duplicate() Fault { return Fault{twice: true} }

// Repeat sends each event of a read or a subscription twice: delivery at least once, at its worst.
func Repeat() Fault { return Fault{repeat: true} }

// Delay waits before the work, until the client gives up at the latest; then nothing is written.
func Delay(d time.Duration) Fault { return Fault{delay: d} }

// DelayReply does the work and waits before it answers, until the client gives up at the latest: an append is
// written, though its client saw its deadline pass.
func DelayReply(d time.Duration) Fault { return Fault{late: d} }

// NotLeader refuses as a follower refuses what only the leader may do, and names the leader. The client connects there
// before it reports the error.
func NotLeader(host string, port int) Fault {
	return Fault{refuse: func(ctx context.Context, _ *Server) error { return notLeader(ctx, host, port) }}
}

// Unavailable refuses as a node does that is starting or holding an election. The connection stays.
func Unavailable() Fault {
	return Fault{refuse: func(context.Context, *Server) error { return unavailable() }}
}

// TimeOut answers an append that its outcome is unknown (ABORTED), as a leader does that waited in vain for its
// followers. Whether it was written is the argument; one that could not be, because its revision is wrong, hears so.
func TimeOut(written bool) Fault {
	if written {
		return Fault{unsure: true}
	}
	return Fault{refuse: func(context.Context, *Server) error { return timedOut() }}
}

// Refuse answers with a status of the caller's choice, and does nothing.
func Refuse(code codes.Code, text string) Fault {
	return Fault{refuse: func(context.Context, *Server) error { return status.Error(code, text) }}
}

// BreakAfter ends a read or a subscription as soon as it has sent that many events, at least one, with the status of a
// node that is unavailable; all of them arrive. Checkpoints are not counted. A read that has fewer events ends well.
func BreakAfter(events int) Fault {
	return Fault{limit: events, end: func(context.Context, *Server) error { return unavailable() }}
}

// CutAfter closes the connection of a read or a subscription as soon as it has sent that many events, at least one.
// Fewer may arrive: what was on its way is lost.
func CutAfter(events int) Fault { return Fault{limit: events, end: cut} }

// Which chooses the calls a fault happens to.
type Which struct {
	next  int // how many, -1 for all
	match func(Call) bool
}

// Next chooses the next n calls of the given kinds, of every kind where none is given.
func Next(n int, kinds ...Kind) Which { return Which{n, ofKind(kinds)} }

// Every chooses all calls of the given kinds until Heal, of every kind where none is given.
func Every(kinds ...Kind) Which { return Which{-1, ofKind(kinds)} }

// When chooses the calls for which the predicate says yes, until Heal. It is called for one call at a time.
func When(match func(Call) bool) Which { return Which{-1, match} }

func ofKind(kinds []Kind) func(Call) bool {
	return func(call Call) bool { return len(kinds) == 0 || slices.Contains(kinds, call.Kind) }
}
