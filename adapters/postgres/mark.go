package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/domain"
)

// Mark implements domain.Marks.
func (s *Store) Mark(ctx context.Context, name string) (value string, err error) {
	ctx, stop := s.within(ctx)
	defer stop()
	err = s.try(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		return conn.QueryRow(ctx, "SELECT coalesce((SELECT value FROM marks WHERE name = $1), '')", name).Scan(&value)
	})
	if err != nil {
		return "", fmt.Errorf("mark %s: %w", name, s.why(ctx, err))
	}
	return value, nil
}

// SetMark implements domain.Marks. A retry after a lost reply finds the value set and succeeds.
func (s *Store) SetMark(ctx context.Context, name, before, after string) error {
	if err := domain.CheckMark(name, before, after); err != nil {
		return err
	}
	ctx, stop := s.within(ctx)
	defer stop()
	err := s.try(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		var set string
		return conn.QueryRow(ctx, `
			WITH durable AS MATERIALIZED (SELECT CASE WHEN current_setting('synchronous_commit') = 'off'
				THEN set_config('synchronous_commit', 'on', true) END)
			INSERT INTO marks AS m (name, value) SELECT $1::text, $3::text FROM durable
				WHERE $2::text IN ('', $3) OR $3 = '' OR EXISTS (SELECT FROM marks k WHERE k.name = $1)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE m.value IN ($2, $3)
			RETURNING value`, name, before, after).Scan(&set)
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("mark %s is not %q: %w", name, before, domain.ErrConflict)
	case err != nil:
		return fmt.Errorf("mark %s: %w", name, s.why(ctx, err))
	}
	return nil
}
