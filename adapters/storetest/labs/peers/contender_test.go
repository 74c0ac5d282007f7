package peers

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// contender is an event store in its own empty database.
type contender interface {
	// prepare converts a batch of one stream to what the port of the store takes, outside the measured time, and returns
	// the function that appends it.
	prepare(batch []event) (func(context.Context) error, error)
	// replay reads the log from its start into domain values, by the typed events of the store, until each returns false
	// or the log ends. A nil unmarshal means the JSON reader of the store.
	replay(ctx context.Context, unmarshal domain.Unmarshal, each func(domain.Event) bool) error
	// follow starts to read the log and what is appended to it, until ctx ends. It calls seen for each event. After
	// follow has returned, no later event may be missed. wait returns when following has ended.
	follow(ctx context.Context, seen func(stream uuid.UUID, version int)) (wait func() error, err error)
	close() error
}

// entrant is a row of the tables.
type entrant struct {
	name   string
	family string // entrants are compared within it: SQLite, PostgreSQL
	ours   bool
	limit  bool // not a store, but the limit of the database
	open   func(ctx context.Context, place string) (contender, error)
}

// errEnough ends a replay that has read enough.
var errEnough = errors.New("read enough")

// enough returns nil for errEnough.
func enough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// ended returns nil if the context of a follower has ended.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// background runs work in a goroutine and returns the function that waits for it.
func background(work func() error) (wait func() error) {
	done := make(chan error, 1)
	go func() { done <- work() }()
	return func() error { return <-done }
}
