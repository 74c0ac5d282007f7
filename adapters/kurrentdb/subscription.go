package kurrentdb

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// subscription says which part of the log to receive, and how far that has come.
type subscription struct {
	after     domain.Position // where the node begins
	handled   domain.Position // the last entry that was handled
	until     domain.Position // where it ends, zero for never
	filter    domain.Filter
	namespace namespace
	server    *esdb.SubscriptionFilter
}

// newSubscription subscribes after a position. It ends with the entry last, or never if that is zero.
func (s *Store) newSubscription(after domain.Position, last domain.Entry, filter domain.Filter) *subscription {
	begin := later(after, s.origin)
	return &subscription{
		after: begin, handled: begin, until: last.Position, filter: filter,
		namespace: s.namespace, server: s.serverFilter(filter, last),
	}
}

// receive fills a buffer until the subscription or its connection ends.
func (q *subscription) receive(ctx context.Context, client *esdb.Client, b *entryBuffer) error {
	options := esdb.SubscribeToAllOptions{
		From: startAt(q.after), Filter: q.server, MaxSearchWindow: searchWindow, CheckpointInterval: checkpointEvery,
	}
	stream, err := client.SubscribeToAll(ctx, options)
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }() // always returns nil
	b.searchedTo(domain.Position{})
	for last := q.handled; ; {
		event := stream.Recv()
		switch {
		case event.SubscriptionDropped != nil:
			return event.SubscriptionDropped.Error
		case event.CheckPointReached != nil:
			b.searchedTo(domain.NewPosition(event.CheckPointReached.Commit, event.CheckPointReached.Prepare))
			continue
		case event.EventAppeared == nil:
			continue
		}
		r, err := q.namespace.decode(event.EventAppeared)
		if err != nil {
			return err
		}
		if r.ours && last.Before(r.Position) {
			if last = r.Position; !q.until.IsZero() && q.until.Before(last) {
				return nil
			}
			if matches(q.filter, &r.Entry) {
				if err := b.put(ctx, &r); err != nil {
					return err
				}
			}
		}
		b.searchedTo(r.Position)
		if !q.until.IsZero() && !r.Position.Before(q.until) {
			return nil
		}
	}
}

// later returns the later one of two positions.
func later(a, b domain.Position) domain.Position {
	if a.Before(b) {
		return b
	}
	return a
}
