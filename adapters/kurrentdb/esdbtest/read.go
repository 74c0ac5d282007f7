package esdbtest

import (
	"context"
	"math"
	"sort"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// Read serves reads, and subscriptions, which are reads without an end.
func (s *streamsService) Read(request *streams.ReadReq, call streams.Streams_ReadServer) error {
	options := request.GetOptions()
	r := &readCall{
		ctx: call.Context(), server: s.Server, call: call, options: options,
		name:  string(options.GetStream().GetStreamIdentifier().GetStreamName()),
		links: options.GetResolveLinks(),
	}
	if options.GetStream() != nil && r.name == "" {
		return invalid("the read names no stream")
	}
	kind := Read
	if options.GetSubscription() != nil {
		kind = Subscribe
	}
	r.failure = s.failures.next(Call{Kind: kind, Stream: r.name})
	if err := r.failure.before(r.ctx, s.Server); err != nil {
		return err
	}
	if err := s.checkLeader(r.ctx, kind); err != nil {
		return err
	}
	if err := r.begin(kind); err != nil {
		return err
	}
	return r.failure.after(r.ctx, s.Server)
}

// readCall is one read or one subscription.
type readCall struct {
	ctx            context.Context
	server         *Server
	call           streams.Streams_ReadServer
	options        *streams.ReadReq_Options
	name           string // empty for $all
	links          bool
	filter         *filter
	failure        Failure
	sent           int
	lastCheckpoint cursor // that was sent
}

func (r *readCall) begin(kind Kind) error {
	var err error
	if r.filter, err = newFilter(r.options.GetFilter()); err != nil {
		return err
	}
	switch {
	case kind == Subscribe && r.options.GetReadDirection() == streams.ReadReq_Options_Backwards:
		return invalid("a subscription runs forwards only")
	case kind == Subscribe:
		return r.subscribe()
	case r.name == "":
		return r.readAll()
	}
	return r.readStream()
}

func (r *readCall) readStream() error {
	v := r.server.log.viewStream(r.name)
	if v.deleted {
		return streamDeleted(r.ctx, r.name)
	}
	if v.missing {
		return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{
			StreamNotFound: &streams.ReadResp_StreamNotFound{StreamIdentifier: protoStream(r.name)},
		}})
	}
	from, option := uint64(0), r.options.GetStream()
	switch option.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		from = option.GetRevision()
	case *streams.ReadReq_Options_StreamOptions_End:
		from = math.MaxUint64
	}
	// Both directions include the revision they start from.
	if r.options.GetReadDirection() == streams.ReadReq_Options_Forwards {
		at := func(i int) bool { return v.events[i].Revision >= from }
		return r.sendAll(v.view, v.events[sort.Search(len(v.events), at):])
	}
	beyond := func(i int) bool { return v.events[i].Revision > from }
	return r.sendBackwards(v.view, v.events[:sort.Search(len(v.events), beyond)])
}

func (r *readCall) readAll() error {
	v := r.server.log.viewAll()
	from, option := uint64(0), r.options.GetAll()
	switch option.GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Position:
		from = option.GetPosition().GetCommitPosition()
	case *streams.ReadReq_Options_AllOptions_End:
		from = math.MaxUint64
	}
	if v.insideEvent(from) {
		return invalidPosition()
	}
	// Forwards includes the position it starts from, backwards does not.
	i := sort.Search(len(v.events), func(i int) bool { return v.events[i].Position >= from })
	if r.options.GetReadDirection() == streams.ReadReq_Options_Forwards {
		return r.sendAll(v, v.events[i:])
	}
	return r.sendBackwards(v, v.events[:i])
}

// sendAll sends events in the order of the log, up to the count of the request.
func (r *readCall) sendAll(v view, events []*Recorded) error {
	for _, event := range events {
		if uint64(r.sent) >= r.options.GetCount() {
			return nil
		}
		if err := r.send(v, event); err != nil {
			return err
		}
	}
	return nil
}

func (r *readCall) sendBackwards(v view, events []*Recorded) error {
	for i := len(events) - 1; i >= 0 && uint64(r.sent) < r.options.GetCount(); i-- {
		if err := r.send(v, events[i]); err != nil {
			return err
		}
	}
	return nil
}

// send sends one event if it passes the filter, and applies the failure of the call.
func (r *readCall) send(v view, event *Recorded) error {
	if !r.filter.passes(event) {
		return nil
	}
	if r.server.log.truncatedSince(v.epoch) {
		return unavailable()
	}
	message := r.message(event)
	if err := r.call.Send(message); err != nil {
		return err
	}
	if r.failure.repeat {
		if err := r.call.Send(message); err != nil {
			return err
		}
	}
	if r.sent++; r.failure.end != nil && r.sent >= r.failure.limit {
		return r.failure.end(r.ctx, r.server)
	}
	return nil
}

// message makes the reply for an event: the event itself, or a link and the event it points at.
func (r *readCall) message(event *Recorded) *streams.ReadResp {
	reply := &streams.ReadResp_ReadEvent{
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: event.Position},
	}
	reply.Event = event.proto()
	if stream, revision, ok := event.target(); ok && r.links {
		reply.Link, reply.Event = reply.Event, nil
		if target := r.server.log.visibleEvent(stream, revision); target != nil {
			reply.Event = target.proto()
		}
	}
	return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: reply}}
}

func (r *readCall) caughtUp() error {
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}})
}

// checkpoint sends how far the log was searched. Like a real node it does not send the same checkpoint twice.
func (r *readCall) checkpoint(commit, prepare uint64) error {
	if reached := (cursor{commit, prepare, true}); r.lastCheckpoint != reached {
		r.lastCheckpoint = reached
		return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{
			Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: commit, PreparePosition: prepare},
		}})
	}
	return nil
}

func (r *readCall) confirm(id string) error {
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: id},
	}})
}
