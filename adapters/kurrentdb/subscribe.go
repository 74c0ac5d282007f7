package kurrentdb

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Subscribe implements domain.Subscriber. A connection that breaks is made again for as long as Options.Patience
// says, without a gap and without an entry twice. After Close it ends with domain.ErrStoreClosed.
func (s *Store) Subscribe(
	ctx context.Context, after domain.Position, filter domain.Filter,
	handle func(context.Context, []domain.Entry) error,
) error {
	err := ended(ctx)
	if err == nil {
		if err = s.stands(ctx, after, uuid.Nil); err == nil {
			q := s.query(after, domain.Entry{}, filter)
			err = s.follow(ctx, q, func(batch []domain.Entry) error { return handle(ctx, batch) })
		} else {
			err = fmt.Errorf("subscribe: %w", err)
		}
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// query subscribes after a position until the entry that ends it, or for ever where that is the zero one.
func (s *Store) query(after domain.Position, end domain.Entry, filter domain.Filter) *query {
	begin := later(after, s.origin)
	return &query{
		after: begin, last: begin, until: end.Position, filter: filter,
		space: s.space, server: s.serverFilter(filter, end),
	}
}

// follow runs a query to its end over as many connections as it takes.
func (s *Store) follow(ctx context.Context, q *query, handle func([]domain.Entry) error) error {
	var last domain.Entry // handed over
	for p := s.patience(); ; {
		heard, err := s.stream(ctx, q, &last, handle)
		if err == nil || errors.Is(err, errHandle) {
			return errors.Unwrap(err)
		}
		if heard {
			p.renew()
		}
		if err := p.pause(ctx, s.supervisor, gone(err)); err != nil {
			return fmt.Errorf("subscribe: %w", err)
		}
		if err := s.resume(ctx, q, last); err != nil {
			return fmt.Errorf("subscribe: %w", err)
		}
	}
}

// errHandle marks an error of handle's, which is passed on as it is.
var errHandle = errors.New("handle")

type handled struct{ error }

func (h handled) Is(target error) bool { return target == errHandle }
func (h handled) Unwrap() error        { return h.error }

// resume makes sure, before a query goes on, that the log still is the one it was.
func (s *Store) resume(ctx context.Context, q *query, last domain.Entry) error {
	if err := s.stands(ctx, last.Position, last.ID); err != nil {
		return err
	}
	if q.until.IsZero() {
		return nil
	}
	end, err := s.tip(ctx)
	if err == nil && end.Position.Before(q.until) {
		err = fmt.Errorf("before %s: %w", q.until, ErrTruncated)
	}
	return err
}

// stream runs a query over one connection and says whether the node was heard of.
func (s *Store) stream(
	ctx context.Context, q *query, last *domain.Entry, handle func([]domain.Entry) error,
) (heard bool, err error) {
	p := newPipe()
	done, leave := s.launch(ctx, false, func(ctx context.Context, client *esdb.Client) error {
		return q.receive(ctx, client, p)
	})
	quiet := s.attempt
	if q.until.IsZero() {
		quiet = 0 // silence is what most of a subscription is; the connection's keep-alive tells it from death
	}
	defer func() { q.after = later(q.last, p.passed()) }()
	for {
		batch, err := p.take(ctx, done, quiet)
		heard = heard || len(batch) > 0 || p.moved()
		if n := len(batch); n > 0 {
			*last = batch[n-1]
			last.Data, last.Meta = nil, nil
			q.last = last.Position
			s.horizon.reach(q.last)
			if err := handle(batch); err != nil {
				leave(nil)
				return heard, handled{err}
			}
		}
		var end *over
		switch {
		case errors.As(err, &end) && ended(ctx) != nil:
			return heard, ended(ctx)
		case errors.As(err, &end) && ended(s.ctx) != nil:
			return heard, domain.ErrStoreClosed
		case errors.As(err, &end) && errors.Is(end.err, io.EOF):
			return heard, errReplaced
		case errors.As(err, &end):
			return heard, end.err
		case err != nil:
			leave(err)
			return heard, err
		}
	}
}

func later(a, b domain.Position) domain.Position {
	if a.Before(b) {
		return b
	}
	return a
}
