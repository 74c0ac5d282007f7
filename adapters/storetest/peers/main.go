// Command peers measures our event stores against those of other Go libraries on the same work, in one run, so that
// the ratios count and the machine does not. It is a module of its own: what it compares with stays out of ours.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/clickbook/clickbook/adapters/jsonv2"
)

const usual = "postgres://postgres@127.0.0.1:5432/test"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// options are how much is measured.
type options struct {
	rounds int
	events int           // that a follower follows and a replay reads
	slice  time.Duration // one measurement of appends
	only   string        // a family, all when empty
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("peers", flag.ContinueOnError)
	flags.SetOutput(out)
	o := options{}
	flags.IntVar(&o.rounds, "rounds", 5, "rounds; the median of each measurement is told")
	flags.IntVar(&o.events, "events", 20_000, "events of the log that is followed and replayed")
	flags.DurationVar(&o.slice, "slice", 700*time.Millisecond, "about how long one measurement of appends takes")
	flags.StringVar(&o.only, "only", "", `"SQLite" or "PostgreSQL" alone`)
	dir := flags.String("dir", "", "a folder on the disk that is meant, the temporary one when empty")
	short := flags.Bool("short", false, "run everything once and shortly: to see that it runs, not how fast")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *short {
		o.rounds, o.events, o.slice = 1, 640, 20*time.Millisecond
	}
	return compare(ctx, o, *dir, postgresURL(getenv), out)
}

func postgresURL(getenv func(string) string) string {
	if url := getenv("CLICKBOOK_TEST_POSTGRES"); url != "" {
		return url
	}
	return usual
}

// compare opens every entrant, measures in turns, and writes the tables. Its own places are gone afterwards.
func compare(ctx context.Context, o options, dir, url string, out io.Writer) (err error) {
	dir, err = os.MkdirTemp(dir, "clickbook-peers")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := connect(ctx, url)
	if err != nil {
		return fmt.Errorf("PostgreSQL does not answer at %s (CLICKBOOK_TEST_POSTGRES names another): %w", url, err)
	}
	defer func() { err = errors.Join(err, server.close(context.WithoutCancel(ctx))) }()
	var field []*measured
	defer func() {
		for _, m := range field {
			err = errors.Join(err, m.contender.close())
		}
	}()
	began := time.Now()
	for n, e := range entrants {
		if o.only != "" && o.only != e.family {
			continue
		}
		place := filepath.Join(dir, fmt.Sprintf("%d.db", n))
		if e.family == "PostgreSQL" {
			if place, err = server.place(ctx, n); err != nil {
				return err
			}
		}
		c, err := e.open(ctx, place)
		if err != nil {
			return fmt.Errorf("open %s on %s: %w", e.name, e.family, err)
		}
		field = append(field, &measured{entrant: e, contender: c, place: place})
	}
	if err := measure(ctx, o, field); err != nil {
		return err
	}
	return report(out, o, field, server.about, began)
}

// entrants are the lines of the tables. The first of a family is ours, and the others are compared with it.
var entrants = []entrant{
	{name: "ClickBook", family: "SQLite", ours: true, open: openClickbookSQLite},
	{name: "hallgren/eventsourcing v0.8.0, sql v0.7.0", family: "SQLite", open: openHallgrenSQLite},
	{name: "the limit: bare rows in groups", family: "SQLite", limit: true, open: openBareSQLite},
	{name: "hallgren/eventsourcing v0.8.0, sql v0.7.0", family: "PostgreSQL", open: openHallgrenPostgres},
	{name: "ThreeDotsLabs/watermill-sql v4.0.0", family: "PostgreSQL", open: openWatermill},
	{name: "modernice/goes v0.5.0", family: "PostgreSQL", open: openGoes},
	{name: "the limit: bare rows in groups", family: "PostgreSQL", limit: true, open: openBarePostgres},
}

// measured is an entrant with its figures, one of each round.
type measured struct {
	entrant
	contender contender
	place     string
	log       int // events in the log that is replayed
	follows   missed
	held      missed // while a foreign transaction was open, PostgreSQL only
	appends   [][]speed
	sizes     []int // events of a round of each load
	replays   []float64
	same      []float64 // with the same JSON reader as ours
}

// measure goes through the field in turns, so that what disturbs the machine disturbs all alike.
func measure(ctx context.Context, o options, field []*measured) error {
	for _, m := range field {
		if err := m.fill(ctx, o); err != nil {
			return err
		}
	}
	for range o.rounds {
		for _, m := range field {
			own, err := replaying(ctx, m.entrant, m.contender, nil, m.log)
			if err != nil {
				return err
			}
			same, err := replaying(ctx, m.entrant, m.contender, jsonv2.Unmarshal, m.log)
			if err != nil {
				return err
			}
			m.replays, m.same = append(m.replays, own), append(m.same, same)
		}
	}
	for range o.rounds {
		for _, m := range field {
			if err := m.append(ctx, o); err != nil {
				return err
			}
		}
	}
	return nil
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

// append measures one round of every load. The first round is preceded by a small one, which tells how many events
// make a slice and warms up what can be warmed.
func (m *measured) append(ctx context.Context, o options) error {
	if m.sizes == nil {
		for _, l := range loads {
			first, err := appending(ctx, m.entrant, m.contender, l, max(l.writers*l.batch*10, o.events/40))
			if err != nil {
				return err
			}
			m.sizes = append(m.sizes, min(int(first.perSecond*o.slice.Seconds()), 100_000))
		}
	}
	round := make([]speed, len(loads))
	for i, l := range loads {
		var err error
		if round[i], err = appending(ctx, m.entrant, m.contender, l, m.sizes[i]); err != nil {
			return err
		}
	}
	m.appends = append(m.appends, round)
	return nil
}
