// Package bus delivers entries of the log to reactors over Watermill. It retries what fails and puts an entry that
// keeps failing into a poison queue. It is not a source of truth: an entry that is lost here is read from the log
// again, from the checkpoint.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"syscall"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Options configure a bus: how often to retry, and where to put what keeps failing.
type Options struct {
	Name            string        // of the reactor; names the topics
	MaxRetries      int           // beyond the first try; default 4
	InitialInterval time.Duration // before the first retry; default 100 ms, then doubled
	// Poison stores an entry that keeps failing. It must be durable: after it returns nil the entry is not retried.
	Poison func(ctx context.Context, entry domain.Entry, reason string) error
	Log    *slog.Logger
}

// Bus is a commands.Transport within this process.
type Bus struct {
	topic  string
	pubsub *gochannel.GoChannel
	router *message.Router
}

// New starts a bus that passes every delivered entry to handle.
func New(opts Options, handle func(context.Context, domain.Entry) error) (*Bus, error) {
	logger := watermill.LoggerAdapter(watermill.NopLogger{})
	if opts.Log != nil {
		logger = watermill.NewSlogLogger(opts.Log.With("reactor", opts.Name))
	}
	pubsub := gochannel.NewGoChannel(gochannel.Config{PreserveContext: true}, logger)
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 30 * time.Second}, logger)
	if err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	poison, err := middleware.PoisonQueueWithFilter(poisonQueue{opts.Poison}, "poison."+opts.Name, worthPoison)
	if err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	retry := middleware.Retry{
		MaxRetries: orDefault(opts.MaxRetries, 4), InitialInterval: orDefault(opts.InitialInterval, 100*time.Millisecond),
		Multiplier: 2, MaxInterval: 5 * time.Second, ShouldRetry: worthRetrying, Logger: logger, ResetContextOnRetry: true,
	}
	router.AddMiddleware(report, poison, retry.Middleware, middleware.Recoverer)
	bus := &Bus{topic: "reactor." + opts.Name, pubsub: pubsub, router: router}
	router.AddConsumerHandler(opts.Name, bus.topic, pubsub, func(msg *message.Message) error {
		entry, err := entryOf(msg)
		if err != nil {
			return err
		}
		return handle(msg.Context(), entry)
	})
	go func() { _ = router.Run(context.Background()) }()
	<-router.Running()
	return bus, nil
}

// Deliver delivers an entry and waits until it was handled or put into the poison queue.
func (b *Bus) Deliver(ctx context.Context, entry domain.Entry) error {
	outcome := make(chan error, 1)
	msg := messageOf(entry)
	msg.SetContext(context.WithValue(ctx, outcomeKey{}, outcome))
	if err := b.pubsub.Publish(b.topic, msg); err != nil {
		return fmt.Errorf("bus: %w", err)
	}
	select {
	case err := <-outcome:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close stops the bus after the current entry.
func (b *Bus) Close() error { return errors.Join(b.router.Close(), b.pubsub.Close()) }

type outcomeKey struct{}

// report passes the outcome to Deliver and always acknowledges the message. An entry that failed is read again from
// the checkpoint, and a redelivery by Watermill would race with that.
func report(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		outcome, _ := msg.Context().Value(outcomeKey{}).(chan error)
		_, err := next(msg)
		if outcome != nil {
			outcome <- err
		}
		return nil, nil
	}
}

// worthRetrying reports whether to retry. A refusal would not change, and a program that stops must not wait.
func worthRetrying(params middleware.RetryParams) bool {
	_, refused := domain.AsRefusal(params.Err)
	return !refused && worthPoison(params.Err)
}

// worthPoison reports whether the entry may be the cause, and may be put aside. The entry is not the cause if the
// program stops, the store is unavailable or a disk is full. A damaged entry must not be put aside: what it would have
// led to, such as a charge, would be missing without a trace.
func worthPoison(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) &&
		!errors.Is(err, domain.ErrUnavailable) && !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, domain.ErrDamaged)
}

// poisonQueue is the publisher that Watermill calls with what keeps failing.
type poisonQueue struct {
	put func(ctx context.Context, entry domain.Entry, reason string) error
}

func (q poisonQueue) Publish(_ string, messages ...*message.Message) error {
	for _, msg := range messages {
		entry, err := entryOf(msg)
		if err != nil {
			return err
		}
		if err := q.put(msg.Context(), entry, msg.Metadata.Get(middleware.ReasonForPoisonedKey)); err != nil {
			return err
		}
	}
	return nil
}

func (poisonQueue) Close() error { return nil }

func messageOf(entry domain.Entry) *message.Message {
	msg := message.NewMessage(entry.ID.String(), entry.Data)
	msg.Metadata = message.Metadata{
		"type": entry.Type, "stream": string(entry.Stream), "position": entry.Position.String(),
		"revision": strconv.FormatInt(int64(entry.Revision), 10), "meta": string(entry.Meta),
		"rest": strconv.Itoa(entry.Rest),
	}
	return msg
}

func entryOf(msg *message.Message) (entry domain.Entry, err error) {
	if entry.ID, err = uuid.Parse(msg.UUID); err != nil {
		return entry, fmt.Errorf("bus: the id of the message is not an event id: %w", err)
	}
	revision, err := strconv.ParseInt(msg.Metadata.Get("revision"), 10, 64)
	if err != nil {
		return entry, fmt.Errorf("bus: the message has no revision: %w", err)
	}
	if entry.Rest, err = strconv.Atoi(msg.Metadata.Get("rest")); err != nil {
		return entry, fmt.Errorf("bus: the message does not say how many events follow it: %w", err)
	}
	if entry.Position, err = domain.ParsePosition(msg.Metadata.Get("position")); err != nil {
		return entry, err
	}
	entry.Type, entry.Stream = msg.Metadata.Get("type"), domain.Stream(msg.Metadata.Get("stream"))
	entry.Revision, entry.Data, entry.Meta = domain.Revision(revision), msg.Payload, []byte(msg.Metadata.Get("meta"))
	return entry, nil
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
