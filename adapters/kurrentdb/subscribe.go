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

// Subscribe implements domain.Subscriber. It restores a broken connection for as long as Options.Patience allows,
// without gaps or duplicates. After Close it returns domain.ErrStoreClosed.
func (s *Store) Subscribe(
	ctx context.Context, after domain.Position, filter domain.Filter,
	handle func(context.Context, []domain.Entry) error,
) error {
	err := contextErr(ctx)
	if err == nil {
		if err = s.checkPosition(ctx, after, uuid.Nil); err == nil {
			q := s.newSubscription(after, domain.Entry{}, filter)
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

// follow runs a subscription to its end, and reconnects when a connection fails.
func (s *Store) follow(ctx context.Context, q *subscription, handle func([]domain.Entry) error) error {
	var last domain.Entry // that was handled
	for r := s.newRetrier(); ; {
		received, err := s.receiveOnce(ctx, q, &last, handle)
		if err == nil || errors.Is(err, errHandler) {
			return errors.Unwrap(err)
		}
		if received {
			r.reset()
		}
		if err := r.pause(ctx, s.supervisor, truncatedErr(err)); err != nil {
			return fmt.Errorf("subscribe: %w", err)
		}
		if err := s.checkResume(ctx, q, last); err != nil {
			return fmt.Errorf("subscribe: %w", err)
		}
	}
}

// errHandler marks an error of the handler, which follow returns unchanged.
var errHandler = errors.New("handler")

type handlerError struct{ error }

func (h handlerError) Is(target error) bool { return target == errHandler }
func (h handlerError) Unwrap() error        { return h.error }

// checkResume checks that the log was not truncated before a subscription continues.
func (s *Store) checkResume(ctx context.Context, q *subscription, last domain.Entry) error {
	if err := s.checkPosition(ctx, last.Position, last.ID); err != nil {
		return err
	}
	if q.until.IsZero() {
		return nil
	}
	end, err := s.lastEvent(ctx)
	if err == nil && end.Position.Before(q.until) {
		err = fmt.Errorf("before %s: %w", q.until, ErrTruncated)
	}
	return err
}

// receiveOnce runs a subscription over one connection. It also reports whether the node has sent anything.
func (s *Store) receiveOnce(
	ctx context.Context, q *subscription, last *domain.Entry, handle func([]domain.Entry) error,
) (received bool, err error) {
	b := newEntryBuffer()
	done, abandon := s.start(ctx, false, func(ctx context.Context, client *esdb.Client) error {
		return q.receive(ctx, client, b)
	})
	maxSilence := s.attemptTimeout
	if q.until.IsZero() {
		maxSilence = 0 // without an end, silence is normal; the keep-alive of the connection notices a dead one
	}
	defer func() { q.after = later(q.handled, b.resumeAfter()) }()
	for {
		batch, err := b.next(ctx, done, maxSilence)
		received = received || len(batch) > 0 || b.wasActive()
		if n := len(batch); n > 0 {
			*last = batch[n-1]
			last.Data, last.Meta = nil, nil
			q.handled = last.Position
			s.progress.advance(q.handled)
			if err := handle(batch); err != nil {
				abandon(nil)
				return received, handlerError{err}
			}
		}
		var end *subscriptionEnd
		switch {
		case errors.As(err, &end):
			return received, s.endErr(ctx, end)
		case err != nil:
			abandon(err)
			return received, err
		}
	}
}

// endErr returns why a subscription ended, nil if it reached its last position.
func (s *Store) endErr(ctx context.Context, end *subscriptionEnd) error {
	switch {
	case contextErr(ctx) != nil:
		return contextErr(ctx)
	case contextErr(s.ctx) != nil:
		return domain.ErrStoreClosed
	case errors.Is(end.err, io.EOF):
		return errReplaced
	}
	return end.err
}
