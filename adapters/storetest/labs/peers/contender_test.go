package peers

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// contender is one event store at work in an empty place of its own.
type contender interface {
	// prepare gives a batch of one stream the form in which the store's own port takes it, outside the clock, and
	// answers what appends it.
	prepare(batch []event) (func(context.Context) error, error)
	// replay reads the log from its start into values of the domain, by the store's own way to typed events, until
	// each answers false or the log ends. A nil unmarshal stands for the JSON reader that the store comes with.
	replay(ctx context.Context, unmarshal domain.Unmarshal, each func(domain.Event) bool) error
	// follow begins to read the log and what is appended to it, until ctx ends; seen is called for each event as
	// it comes. When it has answered, nothing appended later may be missed; wait answers when it has ended.
	follow(ctx context.Context, seen func(stream uuid.UUID, version int)) (wait func() error, err error)
	close() error
}

// entrant is a line of the tables.
type entrant struct {
	name   string
	family string // entrants are compared within it: SQLite, PostgreSQL
	ours   bool
	limit  bool // not a store but what the database gives when nobody asks for more
	open   func(ctx context.Context, place string) (contender, error)
}

// errEnough ends a replay that has seen what it came for.
var errEnough = errors.New("enough was read")

// enough turns the end of a replay into no error.
func enough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// ended turns the end of a follower's context into no error.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// background runs work beside and answers what waits for it.
func background(work func() error) (wait func() error) {
	done := make(chan error, 1)
	go func() { done <- work() }()
	return func() error { return <-done }
}
