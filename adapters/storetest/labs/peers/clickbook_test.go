package peers

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/domain"
)

// clickbook is one of our own stores, with the options of a server. It does more than any peer: each append checks
// the revision of the stream and stores enough to recognise a retry.
type clickbook struct {
	store interface {
		domain.EventStore
		io.Closer
	}
	codec *domain.Codec
}

func openClickbookSQLite(ctx context.Context, path string) (contender, error) {
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	codec, err := newCodec()
	return &clickbook{store, codec}, err
}

func openClickbookPostgres(ctx context.Context, url string) (contender, error) {
	store, err := postgres.Open(ctx, url, postgres.Options{})
	if err != nil {
		return nil, err
	}
	codec, err := newCodec()
	return &clickbook{store, codec}, err
}

func (c *clickbook) prepare(batch []event) (func(context.Context) error, error) {
	stored := make([]domain.Stored, len(batch))
	for i, e := range batch {
		var err error
		if stored[i], err = c.codec.Encode(e.id, e.value, e.meta); err != nil {
			return nil, err
		}
	}
	stream := domain.StreamOf("appointment", batch[0].stream.String())
	expected := domain.Revision(batch[0].version) - 2
	return func(ctx context.Context) error {
		_, err := c.store.Append(ctx, stream, expected, stored)
		return err
	}, nil
}

func (c *clickbook) replay(ctx context.Context, _ domain.Unmarshal, each func(domain.Event) bool) error {
	for entry, err := range c.store.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		if err != nil {
			return err
		}
		recorded, err := c.codec.Decode(entry)
		if err != nil {
			return err
		}
		if !each(recorded.Event) {
			return nil
		}
	}
	return nil
}

func (c *clickbook) follow(ctx context.Context, seen func(uuid.UUID, int)) (func() error, error) {
	handle := func(_ context.Context, entries []domain.Entry) error {
		for _, entry := range entries {
			if _, err := c.codec.Decode(entry); err != nil {
				return err
			}
			stream, err := uuid.Parse(entry.Stream.Key())
			if err != nil {
				return fmt.Errorf("stream %s: %w", entry.Stream, err)
			}
			seen(stream, int(entry.Revision)+1)
		}
		return nil
	}
	return background(func() error {
		return c.store.Subscribe(ctx, domain.Position{}, domain.Filter{}, handle)
	}), nil
}

func (c *clickbook) close() error { return c.store.Close() }
