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

// present is how far the log can be read now. Below xmin no transaction is under way any more, so what stands there
// stays as it is, for ever; the head is the last event of it.
type present struct {
	head domain.Position
	xmin int64 // the oldest transaction under way
	xmax int64 // the first one not given yet
	held bool  // something is committed that cannot be read yet
}

// look asks for the present in one statement, so that all of it is true at one moment.
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

// Bounds of the waiting for older transactions.
const (
	firstLook   = 200 * time.Microsecond
	longestLook = 50 * time.Millisecond
	delayTold   = 3 * time.Second // after which a delay is looked into
)

// present is the present in which everything that was acknowledged here can be read. It waits for every older
// transaction, as long as ctx lasts: whatever they bring stands before what was acknowledged. A transaction that the
// server has never given was lost by it, which only a lax store can meet.
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

// Waiting says that readers are held up: by which transaction, for how long, and whose it is where that is known.
type Waiting struct {
	Transaction uint64 // as pg_current_xact_id() gives it
	For         time.Duration
	Holder      string // "" in the first seconds, and where the server does not tell
}

// Waiting is the longest delay that readers of this store have at present; false when they have none. A transaction
// may be of any database of the server, even one that has nothing to do with the log.
func (s *Store) Waiting() (Waiting, bool) {
	s.delays.mu.Lock()
	defer s.delays.mu.Unlock()
	if s.delays.readers == 0 || s.delays.xid == 0 {
		return Waiting{}, false
	}
	return Waiting{uint64(s.delays.xid - s.base), time.Since(s.delays.since), s.delays.holder}, true
}

// delays are what readers wait for. All wait for the same: the oldest transaction of the server.
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
		d.log.Info("readers of the event log go on", "transaction", d.xid, "waited", time.Since(d.since))
	}
	d.xid, d.holder, d.told = 0, "", false
}

// delayed notes for what a reader waits, and looks into it once when it takes long.
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
		return // the next look says what is wrong
	}
	d.mu.Lock()
	if d.xid == xid {
		d.holder = holder
	}
	d.mu.Unlock()
	d.log.Warn("readers of the event log wait for a transaction that is still open", "transaction", xid-s.base,
		"waiting", time.Since(since), "holder", holder)
}

// holder names who has a transaction open, as far as the server tells this user.
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
