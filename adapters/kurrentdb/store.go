// Package kurrentdb keeps the event log on EventStoreDB, today KurrentDB: one node or a cluster, through the official
// client and behind a supervisor that outlives the client's defects. The log is everything on the node but what the
// node and this package write for themselves. It refuses to share a node with other writers of events, to read from
// a node that does not lead, and to take a node's word that a repeated append is the same one where it may not be.
package kurrentdb

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// Options tune a store. The zero value is right for a server.
type Options struct {
	Log *slog.Logger // what the client says, and what becomes of connections; nil for nowhere
	// Patience is how long an append, a read or a subscription asks again while the node does not answer or holds
	// an election, before it fails with domain.ErrUnavailable; 30 seconds when 0.
	Patience time.Duration
}

// Store implements domain.EventStore.
type Store struct {
	*supervisor
	space
	origin  domain.Position // where the log begins, the zero one but in tests
	limit   time.Duration   // of patience
	attempt time.Duration   // for one try
	horizon horizon
	tips    tips
	close   sync.Once
	closed  error
}

var _ domain.EventStore = (*Store)(nil)

// Open connects to the node, or to the leader of the cluster, that a URL names: esdb://host:port for one node,
// esdb+discover://host or several hosts for a cluster; kurrentdb means the same as esdb. It tries once, writes nothing,
// and looks at what a later append would fail for. Every error is a sentence that says what to do, and holds no
// password; domain.ErrUnavailable is in those that may pass by themselves.
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	return openIn(ctx, url, "", domain.Position{}, options)
}

// openIn opens a log that has a space of the node for itself, and nothing before its origin.
func openIn(ctx context.Context, url string, space space, origin domain.Position, options Options) (*Store, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	s := &Store{
		supervisor: supervise(config, cmp.Or(options.Log, slog.New(slog.DiscardHandler))),
		space:      space,
		origin:     origin,
		limit:      cmp.Or(options.Patience, 30*time.Second),
	}
	s.attempt = min(attempt, s.limit)
	if config.DefaultDeadline != nil {
		s.attempt = *config.DefaultDeadline
	}
	s.tips.looked = origin
	s.horizon.streams = map[domain.Stream]*flight{}
	if err := s.examine(ctx); err != nil {
		_ = s.Close() // the first error is the one to tell
		return nil, err
	}
	return s, nil
}

// Oldest version of a node that tells the positions of events when a stream is read.
const (
	oldestMajor = 22
	oldestMinor = 6
)

// examine finds out whether the node can be used. The read is refused where the user is, and where another node leads;
// the client goes to that one by itself.
func (s *Store) examine(ctx context.Context) error {
	version, err := ask(ctx, s.supervisor, min(attempt, s.limit), versionOf)
	if err != nil {
		return s.diagnose(ctx, err)
	}
	if version.Major < oldestMajor || version.Major == oldestMajor && version.Minor < oldestMinor {
		return fmt.Errorf("the node is version %d.%d.%d, or does not say which: ClickBook needs %d.%d or later",
			version.Major, version.Minor, version.Patch, oldestMajor, oldestMinor)
	}
	patient := s.limit
	s.limit = min(s.limit, maxOpening)
	_, err = s.tip(ctx)
	s.limit = patient
	return err
}

func versionOf(_ context.Context, client *esdb.Client) (*esdb.ServerVersion, error) {
	return client.GetServerVersion()
}

// maxOpening is how long Open goes after a leader that it was told of.
const maxOpening = 2 * time.Second

// Close gives up what is under way: such an append was done whole or not at all. It ends subscriptions with
// domain.ErrStoreClosed.
func (s *Store) Close() error {
	s.close.Do(func() { s.closed = s.shut() })
	return s.closed
}
