package peers

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hallgren/eventsourcing"
	"github.com/hallgren/eventsourcing/aggregate"
	"github.com/hallgren/eventsourcing/core"
	eventstore "github.com/hallgren/eventsourcing/eventstore/sql"
	_ "github.com/lib/pq"           // the driver of its README for PostgreSQL
	_ "github.com/mattn/go-sqlite3" // the driver of its README for SQLite

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// hallgren is github.com/hallgren/eventsourcing with its SQL event store.
type hallgren struct {
	db    *sql.DB
	store interface {
		core.EventStore
		All(start core.Version) core.Fetcher
	}
}

// openHallgrenSQLite follows its README: the driver of mattn and the constructor for many goroutines. We add WAL,
// synchronous=FULL and a page cache as large as that of our writer, so that the work is the same.
func openHallgrenSQLite(ctx context.Context, path string) (contender, error) {
	db, err := sql.Open("sqlite3", "file:"+path+
		"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=10000&_cache_size=-262144")
	if err != nil {
		return nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, err
	}
	store, err := eventstore.NewSQLiteSingelWriter(db)
	return &hallgren{db, store}, err
}

// openHallgrenPostgres follows its README: the driver lib/pq. The pool keeps its connections. With the defaults of
// database/sql, most appends of 64 writers would open a new one.
func openHallgrenPostgres(ctx context.Context, url string) (contender, error) {
	db, err := sql.Open("postgres", withParameter(url, "sslmode", "disable"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(hallgrenConnections)
	db.SetMaxIdleConns(hallgrenConnections)
	if err := db.PingContext(ctx); err != nil {
		return nil, err
	}
	store, err := eventstore.NewPostgres(db)
	return &hallgren{db, store}, err
}

// visits is the aggregate to which it binds the types of our events. Their stored names are those of the Go types.
type visits struct{ aggregate.Root }

func (*visits) Transition(eventsourcing.Event) {}

func (*visits) Register(register aggregate.RegisterFunc) {
	register(&appointment.Requested{}, &appointment.Booked{}, &appointment.RescheduleRequested{},
		&appointment.Rescheduled{}, &appointment.Confirmed{}, &appointment.Arrived{}, &appointment.Fulfilled{})
}

func (h *hallgren) prepare(batch []event) (func(context.Context) error, error) {
	events := make([]core.Event, len(batch))
	for i, e := range batch {
		data, err := json.Marshal(e.value)
		if err != nil {
			return nil, err
		}
		meta, err := json.Marshal(metadataOf(e))
		if err != nil {
			return nil, err
		}
		events[i] = core.Event{
			AggregateID: e.stream.String(), Version: core.Version(e.version), AggregateType: "visits",
			Reason: e.value.EventType(), Timestamp: e.meta.OccurredAt, Data: data, Metadata: meta,
		}
	}
	return func(context.Context) error { return h.store.Save(events) }, nil
}

// replay runs its projection to the end of the log.
func (h *hallgren) replay(ctx context.Context, unmarshal domain.Unmarshal, each func(domain.Event) bool) error {
	aggregate.Register(&visits{})
	eventsourcing.SetEventEncoder(encoder(json.Unmarshal))
	if unmarshal != nil {
		eventsourcing.SetEventEncoder(encoder(unmarshal))
	}
	return enough(eventsourcing.NewProjection(h.all(), func(e eventsourcing.Event) error {
		value, ok := e.Data().(domain.Event)
		if !ok {
			return fmt.Errorf("%T is not an event", e.Data())
		}
		if !each(value) {
			return errEnough
		}
		return nil
	}).RunToEnd(ctx).Error)
}

// all returns the log from its start. The type that the store returns is not the one that a projection takes.
func (h *hallgren) all() func() (core.Iterator, error) { return h.store.All(0) }

// follow runs its projection, which polls every millisecond; its groups poll every ten seconds.
func (h *hallgren) follow(ctx context.Context, seen func(uuid.UUID, int)) (func() error, error) {
	aggregate.Register(&visits{})
	projection := eventsourcing.NewProjection(h.all(), func(e eventsourcing.Event) error {
		stream, err := uuid.Parse(e.AggregateID())
		if err != nil {
			return err
		}
		seen(stream, int(e.Version()))
		return nil
	})
	return background(func() error { return ended(ctx, projection.Run(ctx, time.Millisecond)) }), nil
}

func (h *hallgren) close() error { return h.db.Close() }

// encoder is how it accepts another JSON reader.
type encoder domain.Unmarshal

func (encoder) Serialize(value any) ([]byte, error)       { return json.Marshal(value) }
func (e encoder) Deserialize(data []byte, into any) error { return e(data, into) }

// metadataOf returns our metadata as keys and text, for stores that keep it that way.
func metadataOf(e event) map[string]string {
	return map[string]string{
		"channel": e.meta.Actor.Channel, "correlation": e.meta.Correlation.String(),
		"occurred_at": e.meta.OccurredAt.Format(time.RFC3339Nano),
	}
}
