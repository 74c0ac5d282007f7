package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	"github.com/clickbook/clickbook/adapters/postgres/dbschema"
	"github.com/clickbook/clickbook/domain"
)

// errSlow ends an attempt that gets no reply in time.
var errSlow = errors.New("no reply in time")

// pauses returns growing pauses: first, then each twice as long as the one before, up to longest.
func pauses(first, longest time.Duration) *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: first, Multiplier: 2, MaxInterval: longest}
}

// retry calls attempt until it succeeds, returns a backoff.Permanent error, or ctx ends.
func retry(ctx context.Context, attempt func() error) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, attempt() },
		backoff.WithBackOff(pauses(firstPause, longestPause)), backoff.WithMaxElapsedTime(0))
	return err
}

// try calls work with a connection for reading. While the server is away it retries on another connection, until
// patience or ctx ends. work must not publish what it reads before it has succeeded.
func (s *Store) try(ctx context.Context, work func(context.Context, *pgxpool.Conn) error) error {
	start := time.Now()
	return retry(ctx, func() error {
		err := s.once(ctx, work)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return backoff.Permanent(err)
		case s.ended.Err() != nil: // the driver has its own error for that
			return backoff.Permanent(domain.ErrStoreClosed)
		}
		err = s.schema.Fault(err)
		switch {
		case !s.mayPass(err):
			return backoff.Permanent(err)
		case time.Since(start) > s.options.Patience:
			return backoff.Permanent(s.away())
		}
		return err
	})
}

// once makes one attempt.
func (s *Store) once(ctx context.Context, work func(context.Context, *pgxpool.Conn) error) error {
	ctx, cancel := s.soon(ctx, 0)
	defer cancel()
	conn, err := s.schema.Pool().Acquire(ctx)
	if err != nil {
		return s.slow(ctx, err)
	}
	defer conn.Release()
	err = s.slow(ctx, work(ctx, conn))
	if errors.Is(s.schema.Fault(err), dbschema.ErrReadOnly) {
		_ = conn.Conn().Close(ctx) // a new one may reach a server that takes writes
	}
	return err
}

// soon returns a context for an attempt that sends so many bytes. It ends with errSlow.
func (s *Store) soon(ctx context.Context, bytes int) (context.Context, context.CancelFunc) {
	limit := s.options.Patience/2 + time.Duration(bytes/slowestLink)*time.Second
	return context.WithTimeoutCause(ctx, limit, errSlow)
}

// slow returns a fault if the attempt took too long, and err if its caller gave up or it failed otherwise.
func (s *Store) slow(ctx context.Context, err error) error {
	if err == nil || !errors.Is(context.Cause(ctx), errSlow) {
		return err
	}
	return fault.New(domain.ErrUnavailable, errSlow,
		"PostgreSQL does not reply; check %s, and who holds locks there", s.schema.Where())
}

// mayPass reports whether a later attempt may succeed, and records the fault. A read-only server may be one that has
// just been replaced.
func (s *Store) mayPass(err error) bool {
	var said *fault.Fault
	if !errors.As(err, &said) || !errors.Is(err, domain.ErrUnavailable) && !errors.Is(err, dbschema.ErrReadOnly) {
		return false
	}
	if s.trouble.Swap(said) == nil {
		s.options.Log.Warn("the event store retries", "fault", err)
	}
	return true
}

// away returns the error for a server that did not come back in time.
func (s *Store) away() error {
	trouble := s.trouble.Load()
	if trouble == nil {
		return fmt.Errorf("%w: PostgreSQL did not reply within %v; check %s", domain.ErrUnavailable, s.options.Patience,
			s.schema.Where())
	}
	return fmt.Errorf("%w, for %v: %w", domain.ErrUnavailable, s.options.Patience, trouble)
}
