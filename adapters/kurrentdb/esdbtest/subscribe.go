package esdbtest

import (
	"github.com/google/uuid"
	"google.golang.org/grpc/status"
)

// subscribe sends what there is and then what comes, until the client or the node ends it.
func (r *reading) subscribe() error {
	v, err := r.look()
	if err != nil {
		return err
	}
	c, began := r.start(v), v.epoch
	if err := r.confirm(uuid.NewString()); err != nil {
		return err
	}
	if r.name == "" && v.splits(c.commit) {
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
		if v, err = r.look(); err != nil {
			return err
		}
		if v.epoch != began {
			return unavailable()
		}
		if c, err = r.pass(v, c); err != nil {
			return err
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

// catchUp sends what stands behind the cursor already. A client with a filter hears at the end how far the log was
// considered, unless it began at the end.
func (r *reading) catchUp(v view, c cursor) (cursor, error) {
	if len(r.behind(v, c)) == 0 {
		return c, nil
	}
	c, err := r.pass(v, c)
	if err != nil || r.filter == nil {
		return c, err
	}
	r.filter.considered = 0
	if r.server.settings.ahead {
		return c, r.checkpoint(v.end, 0)
	}
	return c, r.checkpoint(c.commit, c.prepare)
}

// pass sends what stands behind the cursor, and a checkpoint whenever as many events were considered as the filter
// says. It returns the cursor behind the last event considered.
func (r *reading) pass(v view, c cursor) (cursor, error) {
	for _, event := range r.behind(v, c) {
		if err := r.send(v, event); err != nil {
			return c, err
		}
		c = at(r.place(event))
		if r.filter.due() {
			if err := r.checkpoint(c.commit, c.prepare); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}
