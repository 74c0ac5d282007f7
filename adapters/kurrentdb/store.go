// Package kurrentdb keeps the event log on EventStoreDB, now called KurrentDB, on one node or a cluster. It uses the
// official client, under a supervisor that recovers from the client's defects. The log is every event on the node
// except those that the node and this package write for their own use.
//
// The package refuses to share a node with other writers of events, and to read from a node that does not lead. It
// does not rely on the node to recognise a repeated append where the node may be wrong.
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
	// Log receives the messages of the client and changes of connection. If nil, they are discarded.
	Log *slog.Logger
	// Patience is how long an append, a read or a subscription is retried while the node does not respond or holds an
	// election. Then it fails with domain.ErrUnavailable. The default is 30 seconds.
	Patience time.Duration
}

// Store implements domain.EventStore.
type Store struct {
	*supervisor
	namespace
	origin         domain.Position // where the log begins; not zero only in tests
	patience       time.Duration
	attemptTimeout time.Duration
	progress       progress
	head           headCache
	closeOnce      sync.Once
	closeErr       error
}

var _ domain.EventStore = (*Store)(nil)

// Open connects to the node, or to the leader of the cluster, that a URL names: esdb://host:port for one node,
// esdb+discover://host or several hosts for a cluster. kurrentdb means the same as esdb. Open tries once, writes
// nothing, and checks what a later append would fail for. Its errors say what to do and contain no password. They
// wrap domain.ErrUnavailable if a retry may succeed.
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	return openIn(ctx, url, "", domain.Position{}, options)
}

// openIn opens a log whose streams are in a namespace of the node and whose first event follows origin.
func openIn(
	ctx context.Context, url string, namespace namespace, origin domain.Position, options Options,
) (*Store, error) {
	if err := contextErr(ctx); err != nil {
		return nil, err
	}
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	s := &Store{
		supervisor: newSupervisor(config, cmp.Or(options.Log, slog.New(slog.DiscardHandler))),
		namespace:  namespace,
		origin:     origin,
		patience:   cmp.Or(options.Patience, 30*time.Second),
		progress:   newProgress(),
	}
	s.attemptTimeout = min(maxAttempt, s.patience)
	if config.DefaultDeadline != nil {
		s.attemptTimeout = *config.DefaultDeadline
	}
	s.head.searched = origin
	if err := s.checkNode(ctx); err != nil {
		_ = s.Close() // the first error matters more
		return nil, err
	}
	return s, nil
}

// The oldest version of a node that returns the positions of events when a stream is read.
const (
	oldestMajor = 22
	oldestMinor = 6
)

// checkNode checks the version of the node, and reads the head of the log. The read fails if the user may not read,
// or if the node does not lead and the client cannot reach the leader.
func (s *Store) checkNode(ctx context.Context) error {
	version, err := call(ctx, s.supervisor, min(maxAttempt, s.patience), versionOf)
	if err != nil {
		return s.diagnose(ctx, err)
	}
	if version.Major < oldestMajor || version.Major == oldestMajor && version.Minor < oldestMinor {
		return fmt.Errorf("the node is version %d.%d.%d, or does not report one: ClickBook needs %d.%d or later",
			version.Major, version.Minor, version.Patch, oldestMajor, oldestMinor)
	}
	patience := s.patience
	s.patience = min(s.patience, maxOpening)
	_, err = s.lastEvent(ctx)
	s.patience = patience
	return err
}

func versionOf(_ context.Context, client *esdb.Client) (*esdb.ServerVersion, error) {
	return client.GetServerVersion()
}

// maxOpening is how long Open tries to reach the leader.
const maxOpening = 2 * time.Second

// Close cancels running calls. An append that it cancels is written completely or not at all. Subscriptions end with
// domain.ErrStoreClosed.
func (s *Store) Close() error {
	s.closeOnce.Do(func() { s.closeErr = s.closeAll() })
	return s.closeErr
}
