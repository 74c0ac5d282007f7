package esdbtest

import (
	"math"
	"sort"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/status"
)

// subscribe sends what there is and then what comes, until the client or the node ends it. The position or revision
// it starts from is excluded.
func (r *reading) subscribe() error {
	v, err := r.look()
	if err != nil {
		return err
	}
	cursor, began := r.cursor(v), v.epoch
	if err := r.confirm(uuid.NewString()); err != nil {
		return err
	}
	for live := false; ; {
		if cursor, err = r.catchUp(v, cursor); err != nil {
			return err
		}
		if !live {
			if err := r.goLive(cursor); err != nil {
				return err
			}
			live = true
		}
		select {
		case <-v.changed:
		case <-r.ctx.Done():
			return status.FromContextError(r.ctx.Err()).Err()
		}
		if v, err = r.look(); err != nil {
			return err
		}
		if v.epoch != began {
			return unavailable()
		}
	}
}

// look is what can be read now of that which is subscribed to. A stream that is missing has no events yet.
func (r *reading) look() (view, error) {
	if r.name == "" {
		return r.server.log.whole(), nil
	}
	v := r.server.log.stream(r.name)
	if v.deleted {
		return view{}, streamDeleted(r.ctx, r.name)
	}
	return v.view, nil
}

// place is what orders the events of a subscription: the position in $all, the revision in a stream.
func (r *reading) place(event *Recorded) int64 {
	if r.name == "" {
		return int64(event.Position)
	}
	return int64(event.Revision)
}

// cursor is the place behind which the subscription begins, -1 for the beginning.
func (r *reading) cursor(v view) int64 {
	end := int64(-1)
	if len(v.events) > 0 {
		end = r.place(v.events[len(v.events)-1])
	}
	all, stream := r.options.GetAll(), r.options.GetStream()
	switch {
	case all.GetEnd() != nil || stream.GetEnd() != nil:
		return end
	case all.GetPosition() != nil:
		return int64(min(all.GetPosition().GetCommitPosition(), math.MaxInt64))
	}
	if at, ok := stream.GetRevisionOption().(*streams.ReadReq_Options_StreamOptions_Revision); ok {
		return int64(min(at.Revision, math.MaxInt64))
	}
	return -1
}

// catchUp sends what stands behind the cursor, and a checkpoint whenever as many events were considered as the filter
// says. It returns the place of the last event considered.
func (r *reading) catchUp(v view, cursor int64) (int64, error) {
	behind := sort.Search(len(v.events), func(i int) bool { return r.place(v.events[i]) > cursor })
	for _, event := range v.events[behind:] {
		if err := r.send(v, event); err != nil {
			return cursor, err
		}
		cursor = r.place(event)
		if r.filter.due() {
			if err := r.checkpoint(event.Position); err != nil {
				return cursor, err
			}
		}
	}
	return cursor, nil
}

// goLive tells the client that from now on it hears of events as they are written; one with a filter hears how far the
// log was considered first.
func (r *reading) goLive(cursor int64) error {
	if r.filter != nil && cursor >= 0 {
		if err := r.checkpoint(uint64(cursor)); err != nil {
			return err
		}
	}
	return r.caughtUp()
}
