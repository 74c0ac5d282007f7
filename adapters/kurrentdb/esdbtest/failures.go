package esdbtest

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Kind is the kind of a call.
type Kind string

// The kinds of calls.
const (
	Append    Kind = "append"
	Read      Kind = "read" // of a stream or of $all, to an end
	Subscribe Kind = "subscribe"
	Delete    Kind = "delete"
	Tombstone Kind = "tombstone"
	Features  Kind = "features" // once for each connection of a client
	Gossip    Kind = "gossip"
)

// Call describes a call to the function given to When.
type Call struct {
	Kind   Kind
	Stream string // empty for $all, and for calls without a stream
	Events int    // of an append
}

// Failure is what goes wrong with one call.
type Failure struct {
	insteadOfWork  func(context.Context, *Server) error
	delay          time.Duration // before the work
	duplicate      bool          // does the work twice
	replyDelay     time.Duration // after the work, before the reply
	insteadOfReply func(context.Context, *Server) error
	unknownOutcome bool                                 // replies to a written append that its outcome is unknown
	repeat         bool                                 // sends each event twice
	end            func(context.Context, *Server) error // after limit events
	limit          int
}

// DropRequest closes the connection before any work. Nothing is written, and the client sees an unavailable node.
func DropRequest() Failure { return Failure{insteadOfWork: closeConnection} }

// DropReply does the work and closes the connection instead of replying. An append is written, but its client cannot
// know: it sees an unavailable node, as with DropRequest. Other calls on the connection fail too. A read has sent its
// events by then, and some may still arrive. DropReply has no effect on subscriptions, which have no reply.
func DropReply() Failure { return Failure{insteadOfReply: closeConnection} }

// Duplicate does an append, a deletion or a tombstone twice and returns the second result, like a proxy that repeats
// a request after losing the reply. (A reply cannot be duplicated: gRPC accepts one.) An append that expects a
// revision is recognised. One that expects any is recognised only while its ids are remembered, see WithRecentIDs,
// and otherwise stored twice.
func Duplicate() Failure { return Failure{duplicate: true} }

// Repeat sends each event of a read or a subscription twice.
func Repeat() Failure { return Failure{repeat: true} }

// Delay waits before the work. If the client gives up first, nothing is written.
func Delay(d time.Duration) Failure { return Failure{delay: d} }

// DelayReply does the work and waits before the reply. An append is written even if its client has given up.
func DelayReply(d time.Duration) Failure { return Failure{replyDelay: d} }

// NotLeader fails as on a follower, and names the leader. The client connects to it before it returns the error.
func NotLeader(host string, port int) Failure {
	return Failure{insteadOfWork: func(ctx context.Context, _ *Server) error { return notLeader(ctx, host, port) }}
}

// Unavailable fails as on a node that is starting or holding an election. The connection stays open.
func Unavailable() Failure {
	return Failure{insteadOfWork: func(context.Context, *Server) error { return unavailable() }}
}

// TimeOut replies to an append that its outcome is unknown (ABORTED), as a leader does that waited too long for its
// followers. The argument says whether the append is written. An append with a wrong revision is refused as usual.
func TimeOut(written bool) Failure {
	if written {
		return Failure{unknownOutcome: true}
	}
	return Failure{insteadOfWork: func(context.Context, *Server) error { return timedOut() }}
}

// Refuse returns a status and does no work.
func Refuse(code codes.Code, text string) Failure {
	return Failure{insteadOfWork: func(context.Context, *Server) error { return status.Error(code, text) }}
}

// BreakAfter ends a read or a subscription with the status unavailable after that many events, at least one. All of
// them arrive. Checkpoints do not count. A read of fewer events ends normally.
func BreakAfter(events int) Failure {
	return Failure{limit: events, end: func(context.Context, *Server) error { return unavailable() }}
}

// CutAfter closes the connection of a read or a subscription after that many events, at least one. The last ones may
// not arrive.
func CutAfter(events int) Failure { return Failure{limit: events, end: closeConnection} }

// Selector selects the calls that a failure happens to.
type Selector struct {
	next  int // how many calls, -1 for all
	match func(Call) bool
}

// Next selects the next n calls of the given kinds, or of any kind if none is given.
func Next(n int, kinds ...Kind) Selector { return Selector{n, anyOf(kinds)} }

// Every selects all calls of the given kinds until ClearFailures, or of any kind if none is given.
func Every(kinds ...Kind) Selector { return Selector{-1, anyOf(kinds)} }

// When selects the calls for which match returns true, until ClearFailures. Calls of match do not overlap.
func When(match func(Call) bool) Selector { return Selector{-1, match} }

func anyOf(kinds []Kind) func(Call) bool {
	return func(call Call) bool { return len(kinds) == 0 || slices.Contains(kinds, call.Kind) }
}
