package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	"github.com/clickbook/clickbook/adapters/postgres/dbschema"
	"github.com/clickbook/clickbook/domain"
)

// errSlow ends an attempt whose answer does not come.
var errSlow = errors.New("no answer in time")

// try lets work use a connection for reading, and again on another one while the server is away, as long as patience
// and ctx last. What work reads it must keep to itself until it is done.
func (s *Store) try(ctx context.Context, work func(context.Context, *pgxpool.Conn) error) error {
	start := time.Now()
	for wait := firstPause; ; wait = min(2*wait, longestPause) {
		err := s.once(ctx, work)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if s.ended.Err() != nil { // the driver has its own words for that
			return domain.ErrStoreClosed
		}
		err = s.schema.Fault(err)
		switch {
		case !s.mayPass(err):
			return err
		case time.Since(start) > s.options.Patience:
			return s.away()
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

func (s *Store) once(ctx context.Context, work func(context.Context, *pgxpool.Conn) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.options.Patience/2, errSlow)
	defer cancel()
	conn, err := s.schema.Pool().Acquire(ctx)
	if err != nil {
		return s.slow(ctx, err)
	}
	defer conn.Release()
	err = s.slow(ctx, work(ctx, conn))
	if errors.Is(s.schema.Fault(err), dbschema.ErrReadOnly) {
		_ = conn.Conn().Close(ctx) // the next one may lead to a server that takes writes
	}
	return err
}

// slow tells an attempt that took too long from a caller who gave up.
func (s *Store) slow(ctx context.Context, err error) error {
	if err == nil || !errors.Is(context.Cause(ctx), errSlow) {
		return err
	}
	return fault.New(domain.ErrUnavailable, errSlow,
		"PostgreSQL does not answer; check %s, and who holds locks there", s.schema.Where())
}

// mayPass says whether a fault may not be met again, and notes it. A server that can only be read may be one that has
// just handed over to another.
func (s *Store) mayPass(err error) bool {
	var said *fault.Fault
	if !errors.As(err, &said) || !errors.Is(err, domain.ErrUnavailable) && !errors.Is(err, dbschema.ErrReadOnly) {
		return false
	}
	if s.trouble.Swap(said) == nil {
		s.options.Log.Warn("the event store goes on trying", "fault", err)
	}
	return true
}

// away is the fault of a server that did not come back in time.
func (s *Store) away() error {
	trouble := s.trouble.Load()
	if trouble == nil {
		return fmt.Errorf("%w: PostgreSQL did not answer within %v; check %s", domain.ErrUnavailable, s.options.Patience,
			s.schema.Where())
	}
	return fmt.Errorf("%w, for %v: %w", domain.ErrUnavailable, s.options.Patience, trouble)
}
