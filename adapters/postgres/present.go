package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickbook/clickbook/domain"
)

// present is how far the log can be read at some moment. No transaction below xmin is open, so everything below it is
// final. head is the last event below it.
type present struct {
	head domain.Position
	xmin int64 // the oldest open transaction
	xmax int64 // the next transaction id
	held bool  // there are committed events that cannot be read yet
}

// look reads the present in one statement, so that all of it belongs to one moment.
func (s *Store) look(ctx context.Context) (p present, err error) {
	err = s.try(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		var xid int64
		var seq int32
		err := conn.QueryRow(ctx, `
			SELECT now.xmin, now.xmax, coalesce(e.xid, 0), coalesce(e.seq, 0),
				coalesce((SELECT max(xid) FROM events) >= now.xmin, false)
			FROM (SELECT $1 + pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
				$1 + pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xmax) now
			LEFT JOIN LATERAL (SELECT xid, seq FROM events WHERE xid < now.xmin ORDER BY xid DESC, seq DESC LIMIT 1) e ON true`,
			s.base).Scan(&p.xmin, &p.xmax, &xid, &seq, &p.held)
		p.head = position(xid, seq)
		return err
	})
	return p, err
}

// Limits of waiting for older transactions.
const (
	firstLook   = 200 * time.Microsecond
	longestLook = 50 * time.Millisecond
	delayTold   = 3 * time.Second // after which a delay is investigated
)

// present waits until everything that this store has acknowledged can be read. It waits for all older transactions,
// because their events come first, as long as ctx lasts. An acknowledged transaction that the server has not assigned
// was lost in a crash, which happens only to a lax store.
func (s *Store) present(ctx context.Context) (present, error) {
	acknowledged := s.acknowledged.Load()
	p, err := s.look(ctx)
	if err != nil || acknowledged < p.xmin || acknowledged >= p.xmax {
		return p, err
	}
	s.delays.begin()
	defer s.delays.end()
	for wait := pauses(firstLook, longestLook); acknowledged >= p.xmin && acknowledged < p.xmax; {
		s.delayed(ctx, p.xmin)
		if err := pause(ctx, wait.NextBackOff()); err != nil {
			return p, err
		}
		if p, err = s.look(ctx); err != nil {
			return p, err
		}
	}
	return p, nil
}

// Waiting describes the transaction that readers wait for, for how long, and whose it is if that is known.
type Waiting struct {
	Transaction uint64 // as pg_current_xact_id() returns it
	For         time.Duration
	Holder      string // "" in the first seconds, and if the server does not say
}

// Waiting returns the longest current delay of the readers of this store, and false if there is none. The transaction
// may belong to any database of the server, even one unrelated to the log.
func (s *Store) Waiting() (Waiting, bool) {
	s.delays.mu.Lock()
	defer s.delays.mu.Unlock()
	if s.delays.readers == 0 || s.delays.xid == 0 {
		return Waiting{}, false
	}
	return Waiting{uint64(s.delays.xid - s.base), time.Since(s.delays.since), s.delays.holder}, true
}

// delays tracks the transaction that readers wait for. All wait for the same one: the oldest of the server.
type delays struct {
	log     *slog.Logger
	mu      sync.Mutex
	readers int
	xid     int64
	since   time.Time
	holder  string
	told    bool
}

func (d *delays) begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readers++
}

func (d *delays) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.readers--; d.readers > 0 {
		return
	}
	if d.told {
		d.log.Info("readers of the event log continue", "transaction", d.xid, "waited", time.Since(d.since))
	}
	d.xid, d.holder, d.told = 0, "", false
}

// delayed records the transaction that a reader waits for, and investigates it once if the delay is long.
func (s *Store) delayed(ctx context.Context, xid int64) {
	d := &s.delays
	d.mu.Lock()
	if xid > d.xid {
		d.xid, d.since, d.holder, d.told = xid, time.Now(), "", false
	}
	tell := d.xid == xid && !d.told && time.Since(d.since) > delayTold
	d.told = d.told || tell
	since := d.since
	d.mu.Unlock()
	if !tell {
		return
	}
	holder, err := s.holder(ctx, xid)
	if err != nil {
		return // the next look returns the error
	}
	d.mu.Lock()
	if d.xid == xid {
		d.holder = holder
	}
	d.mu.Unlock()
	d.log.Warn("readers of the event log wait for a transaction that is still open", "transaction", xid-s.base,
		"waiting", time.Since(since), "holder", holder)
}

// holder returns who has a transaction open, as far as the server lets this user see.
func (s *Store) holder(ctx context.Context, xid int64) (holder string, err error) {
	err = s.try(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		return conn.QueryRow(ctx, `SELECT coalesce(
			(SELECT format('backend %s of %s (%s, %s), %s since %s', a.pid, a.usename, a.datname, a.application_name, a.state,
				a.xact_start) FROM pg_stat_activity a WHERE a.backend_xid = $1::text::xid8::xid),
			(SELECT format('the prepared transaction %s of %s', p.gid, p.owner) FROM pg_prepared_xacts p
				WHERE p.transaction = $1::text::xid8::xid), '')`, fmt.Sprint(xid-s.base)).Scan(&holder)
	})
	return holder, err
}
