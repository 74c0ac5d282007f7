package esdbtest

import (
	"github.com/google/uuid"
	"google.golang.org/grpc/status"
)

// subscribe sends the existing events and then new ones, until the client or the node ends it.
func (r *readCall) subscribe() error {
	v, err := r.view()
	if err != nil {
		return err
	}
	c, began := r.start(v), v.epoch
	if err := r.confirm(uuid.NewString()); err != nil {
		return err
	}
	if r.name == "" && v.insideEvent(c.commit) {
		return invalidPosition()
	}
	if c, err = r.catchUp(v, c); err != nil {
		return err
	}
	if err := r.caughtUp(); err != nil {
		return err
	}
	for {
		select {
		case <-v.changed:
		case <-r.ctx.Done():
			return status.FromContextError(r.ctx.Err()).Err()
		}
		if v, err = r.view(); err != nil {
			return err
		}
		if v.epoch != began {
			return unavailable()
		}
		if c, err = r.sendNew(v, c); err != nil {
			return err
		}
	}
}

// view returns the readable part of the subscribed stream or log. A missing stream has no events yet.
func (r *readCall) view() (view, error) {
	if r.name == "" {
		return r.server.log.viewAll(), nil
	}
	v := r.server.log.viewStream(r.name)
	if v.deleted {
		return view{}, streamDeleted(r.ctx, r.name)
	}
	return v.view, nil
}

// catchUp sends the existing events after the cursor. With a filter, a checkpoint follows, unless there were none.
func (r *readCall) catchUp(v view, c cursor) (cursor, error) {
	if len(r.after(v, c)) == 0 {
		return c, nil
	}
	c, err := r.sendNew(v, c)
	if err != nil || r.filter == nil {
		return c, err
	}
	r.filter.considered = 0
	if r.server.settings.checkpointsAhead {
		return c, r.checkpoint(v.end, 0)
	}
	return c, r.checkpoint(c.commit, c.prepare)
}

// sendNew sends the events after the cursor, with the checkpoints of the filter. It returns the cursor after the last
// event.
func (r *readCall) sendNew(v view, c cursor) (cursor, error) {
	for _, event := range r.after(v, c) {
		if err := r.send(v, event); err != nil {
			return c, err
		}
		c = at(r.key(event))
		if r.filter.due() {
			if err := r.checkpoint(c.commit, c.prepare); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}
