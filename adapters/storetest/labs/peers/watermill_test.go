package peers

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	wsql "github.com/ThreeDotsLabs/watermill-sql/v4/pkg/sql"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

const topic = "appointments"

// watermillSQL is github.com/ThreeDotsLabs/watermill-sql/v4 as a log with one topic. It has no streams and checks no
// revision, so it does less than the others. Stream, version and type are in the metadata of the message.
type watermillSQL struct {
	pool      *pgxpool.Pool
	publisher *wsql.Publisher
}

// openWatermill uses its adapter for pgx, the driver that we use too, and its default schema: JSON payloads.
func openWatermill(ctx context.Context, url string) (contender, error) {
	pool, err := pgxpool.New(ctx, withParameter(url, "pool_max_conns", strconv.Itoa(watermillConnections)))
	if err != nil {
		return nil, err
	}
	publisher, err := wsql.NewPublisher(wsql.BeginnerFromPgx(pool), wsql.PublisherConfig{
		SchemaAdapter: wsql.DefaultPostgreSQLSchema{}, AutoInitializeSchema: true,
	}, watermill.NopLogger{})
	return &watermillSQL{pool, publisher}, err
}

func (w *watermillSQL) prepare(batch []event) (func(context.Context) error, error) {
	messages := make([]*message.Message, len(batch))
	for i, e := range batch {
		data, err := json.Marshal(e.value)
		if err != nil {
			return nil, err
		}
		messages[i] = message.NewMessage(e.id.String(), data)
		messages[i].Metadata = metadataOf(e)
		messages[i].Metadata.Set("type", e.value.EventType())
		messages[i].Metadata.Set("stream", e.stream.String())
		messages[i].Metadata.Set("version", strconv.Itoa(e.version))
	}
	return func(context.Context) error { return w.publisher.Publish(topic, messages...) }, nil
}

// subscriber reads 5,000 messages at a time instead of its 100, which makes it twenty times as fast, and polls after
// a millisecond instead of a second. A new consumer group begins at the start.
func (w *watermillSQL) subscriber() (*wsql.Subscriber, error) {
	return wsql.NewSubscriber(wsql.BeginnerFromPgx(w.pool), wsql.SubscriberConfig{
		ConsumerGroup:    uuid.NewString(),
		SchemaAdapter:    wsql.DefaultPostgreSQLSchema{SubscribeBatchSize: 5000},
		OffsetsAdapter:   wsql.DefaultPostgreSQLOffsetsAdapter{},
		PollInterval:     time.Millisecond,
		InitializeSchema: true,
	}, watermill.NopLogger{})
}

// shapes decode messages by the name of their type, as the user of a message bus does.
var shapes = map[string]func([]byte, domain.Unmarshal) (domain.Event, error){
	"Requested": read[appointment.Requested], "Booked": read[appointment.Booked],
	"RescheduleRequested": read[appointment.RescheduleRequested], "Rescheduled": read[appointment.Rescheduled],
	"Confirmed": read[appointment.Confirmed], "Arrived": read[appointment.Arrived],
	"Fulfilled": read[appointment.Fulfilled],
}

func read[E domain.Event](data []byte, unmarshal domain.Unmarshal) (domain.Event, error) {
	var value E
	err := unmarshal(data, &value)
	return value, err
}

func (w *watermillSQL) replay(ctx context.Context, unmarshal domain.Unmarshal, each func(domain.Event) bool) error {
	if unmarshal == nil {
		unmarshal = json.Unmarshal
	}
	subscriber, err := w.subscriber()
	if err != nil {
		return err
	}
	defer subscriber.Close()
	messages, err := subscriber.Subscribe(ctx, topic)
	if err != nil {
		return err
	}
	for m := range messages {
		shape, known := shapes[m.Metadata.Get("type")]
		if !known {
			return fmt.Errorf("message of type %q", m.Metadata.Get("type"))
		}
		value, err := shape(m.Payload, unmarshal)
		if err != nil {
			return err
		}
		m.Ack()
		if !each(value) {
			return nil
		}
	}
	return ctx.Err()
}

func (w *watermillSQL) follow(ctx context.Context, seen func(uuid.UUID, int)) (func() error, error) {
	subscriber, err := w.subscriber()
	if err != nil {
		return nil, err
	}
	messages, err := subscriber.Subscribe(ctx, topic)
	if err != nil {
		return nil, err
	}
	return background(func() error {
		defer subscriber.Close()
		for m := range messages {
			stream, err := uuid.Parse(m.Metadata.Get("stream"))
			if err != nil {
				return err
			}
			version, err := strconv.Atoi(m.Metadata.Get("version"))
			if err != nil {
				return err
			}
			m.Ack()
			seen(stream, version)
		}
		return nil
	}), nil
}

func (w *watermillSQL) close() error {
	err := w.publisher.Close()
	w.pool.Close()
	return err
}
