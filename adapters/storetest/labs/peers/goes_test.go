package peers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/modernice/goes/backend/postgres"
	"github.com/modernice/goes/codec"
	goesevent "github.com/modernice/goes/event"
	"github.com/modernice/goes/event/query"
	"github.com/modernice/goes/helper/streams"
	"github.com/modernice/goes/projection"
	"github.com/modernice/goes/projection/schedule"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// goes is github.com/modernice/goes with its PostgreSQL backend. Its events have no metadata, so ours is part of the
// data. Its store encodes events to JSON during the append, so that is part of the measured time.
type goes struct {
	store     *postgres.EventStore
	unmarshal domain.Unmarshal
}

// goesEvent is our event with its metadata, as the data of a goes event.
type goesEvent[E domain.Event] struct {
	Meta  map[string]string `json:"meta"`
	Event E                 `json:"event"`
}

func (e goesEvent[E]) value() domain.Event { return e.Event }

// openGoes raises the size of its pool from four connections to that of the others. Its store takes the database from
// a separate option and the rest from the URL.
func openGoes(ctx context.Context, place string) (contender, error) {
	g := &goes{unmarshal: json.Unmarshal}
	registry := codec.New(codec.Default(json.Marshal, func(data []byte, into any) error { return g.unmarshal(data, into) }))
	codec.Register[goesEvent[appointment.Requested]](registry, "Requested")
	codec.Register[goesEvent[appointment.Booked]](registry, "Booked")
	codec.Register[goesEvent[appointment.RescheduleRequested]](registry, "RescheduleRequested")
	codec.Register[goesEvent[appointment.Rescheduled]](registry, "Rescheduled")
	codec.Register[goesEvent[appointment.Confirmed]](registry, "Confirmed")
	codec.Register[goesEvent[appointment.Arrived]](registry, "Arrived")
	codec.Register[goesEvent[appointment.Fulfilled]](registry, "Fulfilled")
	g.store = postgres.NewEventStore(registry,
		postgres.URL(withParameter(place, "pool_max_conns", strconv.Itoa(goesConnections))),
		postgres.Database(databaseOf(place)))
	return g, g.store.Connect(ctx)
}

func (g *goes) prepare(batch []event) (func(context.Context) error, error) {
	events := make([]goesevent.Event, len(batch))
	for i, e := range batch {
		data, err := goesData(e)
		if err != nil {
			return nil, err
		}
		events[i] = goesevent.New(e.value.EventType(), data, goesevent.ID(e.id),
			goesevent.Aggregate(e.stream, "appointment", e.version))
	}
	return func(ctx context.Context) error {
		// An event is created when it happens, because the log is read in the order of this time.
		for i, e := range events {
			events[i] = goesevent.New(e.Name(), e.Data(), goesevent.ID(e.ID()), goesevent.Aggregate(e.Aggregate()))
		}
		return g.store.Insert(ctx, events...)
	}, nil
}

func goesData(e event) (any, error) {
	meta := metadataOf(e)
	switch value := e.value.(type) {
	case appointment.Requested:
		return goesEvent[appointment.Requested]{meta, value}, nil
	case appointment.Booked:
		return goesEvent[appointment.Booked]{meta, value}, nil
	case appointment.RescheduleRequested:
		return goesEvent[appointment.RescheduleRequested]{meta, value}, nil
	case appointment.Rescheduled:
		return goesEvent[appointment.Rescheduled]{meta, value}, nil
	case appointment.Confirmed:
		return goesEvent[appointment.Confirmed]{meta, value}, nil
	case appointment.Arrived:
		return goesEvent[appointment.Arrived]{meta, value}, nil
	case appointment.Fulfilled:
		return goesEvent[appointment.Fulfilled]{meta, value}, nil
	default:
		return nil, fmt.Errorf("no shape for %T", e.value)
	}
}

// replay queries the store for all events by time, as its projections do.
func (g *goes) replay(ctx context.Context, unmarshal domain.Unmarshal, each func(domain.Event) bool) error {
	if g.unmarshal = json.Unmarshal; unmarshal != nil {
		g.unmarshal = unmarshal
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, errs, err := g.store.Query(ctx, query.New(query.SortByTime()))
	if err != nil {
		return err
	}
	return enough(streams.Walk(ctx, func(e goesevent.Event) error {
		data, ok := e.Data().(interface{ value() domain.Event })
		if !ok {
			return fmt.Errorf("%T is not an event", e.Data())
		}
		if !each(data.value()) {
			return errEnough
		}
		return nil
	}, events, errs))
}

// goesFollower is a projection that stores its progress, which it needs to resume after a restart.
type goesFollower struct {
	*projection.Progressor
	seen func(uuid.UUID, int)
}

func (f *goesFollower) ApplyEvent(e goesevent.Event) {
	stream, _, version := e.Aggregate()
	f.seen(stream, version)
}

// follow runs its periodic schedule, which queries for events later than the progress. Its continuous schedule gets
// events from a bus inside the process. With progress it missed two thirds and more, and without progress nothing,
// but then it cannot resume after a restart.
func (g *goes) follow(ctx context.Context, seen func(uuid.UUID, int)) (func() error, error) {
	names := []string{
		"Requested", "Booked", "RescheduleRequested", "Rescheduled", "Confirmed", "Arrived", "Fulfilled",
	}
	follower := &goesFollower{projection.NewProgressor(), seen}
	errs, err := schedule.Periodically(g.store, 5*time.Millisecond, names).Subscribe(ctx, func(job projection.Job) error {
		return job.Apply(job, follower)
	})
	if err != nil {
		return nil, err
	}
	return background(func() error {
		var all error
		for err := range errs {
			all = errors.Join(all, ended(ctx, err))
		}
		return all
	}), nil
}

func (g *goes) close() error {
	g.store.Pool().Close()
	return nil
}
