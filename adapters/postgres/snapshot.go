package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/domain"
)

// SaveSnapshot implements domain.Snapshots. It keeps the last snapshot of each stream and does not wait for the disk,
// because a lost snapshot costs only time.
func (s *Store) SaveSnapshot(
	ctx context.Context, stream domain.Stream, version int, revision domain.Revision, state []byte,
) error {
	if state == nil {
		state = []byte{}
	}
	ctx, stop := s.within(ctx)
	defer stop()
	err := s.try(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		_, err := conn.Exec(ctx, `
			WITH hurry AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
			INSERT INTO snapshots (stream, version, revision, state)
				SELECT $1::text, $2::bigint, $3::bigint, $4::bytea FROM hurry
			ON CONFLICT (stream) DO UPDATE SET
				version = excluded.version, revision = excluded.revision, state = excluded.state`,
			string(stream), version, int64(revision), state)
		return err
	})
	if err != nil {
		return fmt.Errorf("save snapshot of %s: %w", stream, s.why(ctx, err))
	}
	return nil
}

// LoadSnapshot implements domain.Snapshots.
func (s *Store) LoadSnapshot(
	ctx context.Context, stream domain.Stream, version int,
) (revision domain.Revision, state []byte, err error) {
	ctx, stop := s.within(ctx)
	defer stop()
	err = s.try(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		return conn.QueryRow(ctx, "SELECT revision, state FROM snapshots WHERE stream = $1 AND version = $2",
			string(stream), version).Scan(&revision, &state)
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return domain.NoStream, nil, nil
	case err != nil:
		return domain.NoStream, nil, fmt.Errorf("load snapshot of %s: %w", stream, s.why(ctx, err))
	}
	return revision, state, nil
}
