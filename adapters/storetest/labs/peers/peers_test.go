package peers

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/jsonv2"
)

// options are how much is measured.
type options struct {
	rounds int
	events int           // that a follower follows and a replay reads
	slice  time.Duration // one measurement of appends
	budget time.Duration // no round begins that would end later than this
}

var (
	rounds = flag.Int("rounds", 5, "largest number of rounds; the median of each measurement is reported")
	events = flag.Int("events", 10_000, "events of the log that is followed and replayed")
	slice  = flag.Duration("slice", 500*time.Millisecond, "about how long one measurement of appends takes")
	budget = flag.Duration("budget", 150*time.Second, "how long everything may take; one round is always done")
	only   = flag.String("only", "", "only entrants whose database/name matches a pattern: SQLite, PostgreSQL/Click")
)

// TestPeers opens every entrant in an empty database, measures them in turns, and prints the tables. -short measures
// once and quickly, to check that everything still runs. Speeds are reported and never asserted.
func TestPeers(t *testing.T) {
	o := options{*rounds, *events, *slice, *budget}
	if testing.Short() {
		o = options{1, 640, 20 * time.Millisecond, 0}
	}
	server := connect(t)
	load, began := pressure(), time.Now()
	field := enter(t, server)
	if err := measure(t.Context(), o, field, began); err != nil {
		t.Fatal(err)
	}
	for _, m := range field {
		if m.ours && (m.follows.missed > 0 || m.held.missed > 0) {
			t.Errorf("%s on %s missed %v, and %v while a foreign transaction was open", m.name, m.family, m.follows, m.held)
		}
	}
	if err := report(os.Stdout, field, server.about, load, began); err != nil {
		t.Fatal(err)
	}
}

// enter opens all entrants. They are closed when the test ends, before their databases are dropped.
func enter(t *testing.T, server *server) []*measured {
	chosen, err := regexp.Compile(*only)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var field []*measured
	for n, e := range entrants {
		if !chosen.MatchString(e.family + "/" + e.name) {
			continue
		}
		place := filepath.Join(dir, fmt.Sprintf("%d.db", n))
		if e.family == "PostgreSQL" {
			if place, err = server.place(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
		c, err := e.open(t.Context(), place)
		if err != nil {
			t.Fatalf("open %s on %s: %v", e.name, e.family, err)
		}
		t.Cleanup(func() {
			if err := c.close(); err != nil {
				t.Errorf("close %s on %s: %v", e.name, e.family, err)
			}
		})
		field = append(field, &measured{entrant: e, server: server, contender: c, place: place})
	}
	return field
}

// entrants are the rows of the tables. The first of a family is ours, and the others are compared with it.
var entrants = []entrant{
	{name: "ClickBook", family: "SQLite", ours: true, open: openClickbookSQLite},
	{name: "hallgren/eventsourcing v0.8.0, sql v0.7.0", family: "SQLite", open: openHallgrenSQLite},
	{name: "the limit: bare rows in groups", family: "SQLite", limit: true, open: openBareSQLite},
	{name: "ClickBook", family: "PostgreSQL", ours: true, open: openClickbookPostgres},
	{name: "hallgren/eventsourcing v0.8.0, sql v0.7.0", family: "PostgreSQL", open: openHallgrenPostgres},
	{name: "ThreeDotsLabs/watermill-sql v4.0.0", family: "PostgreSQL", open: openWatermill},
	{name: "modernice/goes v0.5.0", family: "PostgreSQL", open: openGoes},
	{name: "the limit: bare rows in groups", family: "PostgreSQL", limit: true, open: openBarePostgres},
}

// measured is an entrant with its figures, one of each round.
type measured struct {
	entrant
	server    *server
	contender contender
	place     string
	log       int // events in the log that is replayed
	follows   missed
	held      missed // while a foreign transaction was open, PostgreSQL only
	appends   [][]speed
	sizes     []int // events of a round of each load
	replays   []speed
	same      []speed // with the same JSON reader as ours
}

// measure runs the entrants in turns, so that disturbances affect all alike.
func measure(ctx context.Context, o options, field []*measured, began time.Time) error {
	for _, m := range field {
		if err := m.fill(ctx, o); err != nil {
			return err
		}
	}
	filled := time.Since(began)
	err := inRounds(o.rounds, began.Add(filled+(o.budget-filled)*2/5), func() error {
		for _, m := range field {
			if err := m.replay(ctx, o.slice/2); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return inRounds(o.rounds, began.Add(o.budget), func() error {
		for _, m := range field {
			if err := m.append(ctx, o); err != nil {
				return err
			}
		}
		return nil
	})
}

// inRounds runs at least one round, and no further round that would end too late if it took as long as the longest.
func inRounds(rounds int, until time.Time, round func() error) error {
	var longest time.Duration
	for n := range rounds {
		start := time.Now()
		if n > 0 && start.Add(longest).After(until) {
			return nil
		}
		if err := round(); err != nil {
			return err
		}
		longest = max(longest, time.Since(start))
	}
	return nil
}

// replay measures one round of reading, with the JSON reader of each store and with ours.
func (m *measured) replay(ctx context.Context, slice time.Duration) error {
	own, err := m.replaying(ctx, nil, slice)
	if err != nil {
		return err
	}
	same, err := m.replaying(ctx, jsonv2.Unmarshal, slice)
	m.replays, m.same = append(m.replays, own), append(m.same, same)
	return err
}

// fill writes the log that will be replayed, while a follower reads it.
func (m *measured) fill(ctx context.Context, o options) (err error) {
	if m.limit {
		work := batches(1, 1, o.events)
		for _, list := range grouped(work, 64) {
			for _, group := range list {
				request, err := m.contender.prepare(group)
				if err == nil {
					err = request(ctx)
				}
				if err != nil {
					return err
				}
				m.log += len(group)
			}
		}
	} else {
		if m.follows, err = following(ctx, m.entrant, m.contender, o.events, nil); err != nil {
			return err
		}
		m.log = m.follows.appended + 1
		if m.family == "PostgreSQL" {
			if m.held, err = following(ctx, m.entrant, m.contender, o.events/4, foreign(m.place)); err != nil {
				return err
			}
			m.log += m.held.appended + 1
		}
	}
	if m.family == "PostgreSQL" {
		return analyze(ctx, m.place)
	}
	return nil
}

// append measures one round of every load. A small round comes before the first. It warms up, and tells how many
// events make a slice.
func (m *measured) append(ctx context.Context, o options) error {
	if m.sizes == nil {
		for _, l := range loads {
			first, err := m.appending(ctx, l, max(l.writers*l.batch*10, o.events/40))
			if err != nil {
				return err
			}
			m.sizes = append(m.sizes, min(int(first.perSecond*o.slice.Seconds()), 100_000))
		}
	}
	round := make([]speed, len(loads))
	for i, l := range loads {
		var err error
		if round[i], err = m.appending(ctx, l, m.sizes[i]); err != nil {
			return err
		}
	}
	m.appends = append(m.appends, round)
	return nil
}
