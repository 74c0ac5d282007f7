package esdbtest

import (
	"context"
	"slices"
	"sync"
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
	repeat  bool                                 // each event of a read or subscription
	end     func(context.Context, *Server) error // after as many events as limit says
	limit   int
}

// DropRequest closes the connection before anything is done: nothing is written, and the client sees the node as
// unavailable.
func DropRequest() Fault { return Fault{refuse: cut} }

// DropReply does the work and closes the connection instead of answering: an append is written, and its client, who
// sees the node as unavailable just as with DropRequest, cannot know. Other calls on the same connection fail too. A
// read has sent its events by then; some of them may still arrive.
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

// TimeOut answers an append that its outcome is unknown, as a leader does that waited in vain for its followers.
// Whether it was written is the argument.
func TimeOut(written bool) Fault {
	abort := func(context.Context, *Server) error { return timedOut() }
	if written {
		return Fault{disturb: abort}
	}
	return Fault{refuse: abort}
}

// Refuse answers with a status of the caller's choice, and does nothing.
func Refuse(code codes.Code, text string) Fault {
	return Fault{refuse: func(context.Context, *Server) error { return status.Error(code, text) }}
}

// BreakAfter ends a read or a subscription after exactly that many events, with the status of a node that is
// unavailable. Checkpoints are not counted. A read that has fewer events ends well.
func BreakAfter(events int) Fault {
	return Fault{limit: events, end: func(context.Context, *Server) error { return unavailable() }}
}

// CutAfter closes the connection of a read or a subscription after that many events. Fewer may arrive: what was on
// its way is lost.
func CutAfter(events int) Fault { return Fault{limit: events, end: cut} }

// cut closes the connection that the call came on.
func cut(ctx context.Context, s *Server) error {
	s.conns.close(ctx)
	return unavailable()
}

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

// faults are those that wait for their calls.
type faults struct {
	mu      sync.Mutex
	waiting []*waiting
	struck  int
}

type waiting struct {
	Fault
	Which
}

// Inject makes a fault happen to calls that begin from now on. Where several faults wait for a call, the one that was
// injected first happens to it, and only that one.
func (s *Server) Inject(fault Fault, which Which) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if which.next != 0 {
		s.faults.waiting = append(s.faults.waiting, &waiting{fault, which})
	}
}

// Heal takes back all faults that have not happened yet.
func (s *Server) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.waiting = nil
}

// Struck is how many calls a fault has happened to, so that a test can know that its fault did.
func (s *Server) Struck() int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return s.faults.struck
}

// take is the fault that happens to a call, the empty one where none does.
func (f *faults) take(call Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, w := range f.waiting {
		if !w.match(call) {
			continue
		}
		if w.next--; w.next == 0 {
			f.waiting = slices.Delete(f.waiting, i, i+1)
		}
		f.struck++
		return w.Fault
	}
	return Fault{}
}

// before is what happens instead of the work, or before it.
func (f *Fault) before(ctx context.Context, s *Server) error {
	if err := wait(ctx, f.delay); err != nil {
		return err
	}
	if f.refuse != nil {
		return f.refuse(ctx, s)
	}
	return nil
}

// after is what happens between the work and the reply.
func (f *Fault) after(ctx context.Context, s *Server) error {
	if err := wait(ctx, f.late); err != nil {
		return err
	}
	if f.disturb != nil {
		return f.disturb(ctx, s)
	}
	return nil
}

// wait lasts that long, or until the call is over.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}
