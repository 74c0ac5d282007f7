package postgres

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/domain"
)

const (
	benchStream = 10     // events in a stream
	benchRound  = 10_000 // events in a round
)

func benchSeed() int {
	if n, err := strconv.Atoi(os.Getenv("CLICKBOOK_BENCH_SEED")); err == nil {
		return n
	}
	return 200_000
}

var benchData, benchMeta = func() ([]byte, []byte) {
	text := make([]byte, 400)
	for i := range text {
		text[i] = "0123456789abcdef-\": {}"[rand.IntN(22)]
	}
	return text[:300], text[300:]
}()

func benchEvents(n int) []domain.Stored {
	events := make([]domain.Stored, n)
	for i := range events {
		events[i] = domain.Stored{ID: uuid.New(), Type: "SmsSent", Data: benchData, Meta: benchMeta}
	}
	return events
}

// openSeeded opens a store whose log is long already.
func openSeeded(b *testing.B) *Store {
	b.Helper()
	store, err := Open(b.Context(), pgtest.URL(b), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	streams := max(1, benchSeed()/benchStream)
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO streams (name, head, xid)
			SELECT 'message-' || md5(random()::text), %d, pg_current_xact_id()::text::bigint FROM generate_series(1, %d)`,
			benchStream-1, streams),
		// Streams are interleaved, 64 at a time, as callers would do it.
		fmt.Sprintf(`INSERT INTO events (xid, seq, rest, stream, revision, id, name, type, data, meta)
			SELECT pg_current_xact_id()::text::bigint, row_number() OVER (ORDER BY s.id / 64, r, s.id), 0, s.id, r,
				gen_random_uuid(), s.name, 'SmsSent', $1, $2
			FROM streams s, generate_series(0, %d) r ORDER BY s.id / 64, r, s.id`, benchStream-1),
	} {
		var args []any
		if statement[12] == 'e' {
			args = []any{benchData, benchMeta}
		}
		if _, err := store.schema.Pool().Exec(b.Context(), statement, args...); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := store.schema.Pool().Exec(b.Context(), "VACUUM ANALYZE events, streams"); err != nil {
		b.Fatal(err)
	}
	return store
}

// bare is the raw limit: one loop on one connection that knows everything beforehand, asks nothing and serves nobody.
type bare struct {
	conn *pgx.Conn
	at   []struct {
		stream, next int64
		name         string
	}
	last int64 // stream
}

func openBare(b *testing.B) *bare {
	b.Helper()
	conn, err := openSeeded(b).schema.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close(b.Context()) })
	return &bare{conn: conn, last: int64(benchSeed())}
}

// round inserts n events in groups, one event of each of as many streams.
func (l *bare) round(b *testing.B, n, group int) {
	for len(l.at) < group {
		l.at = append(l.at, struct {
			stream, next int64
			name         string
		}{next: benchStream})
	}
	for done := 0; done < n; done += group {
		size := min(group, n-done)
		streams, revisions := make([]int64, size), make([]int64, size)
		ids, names, types := make([]uuid.UUID, size), make([]string, size), make([]string, size)
		datas, metas := make([][]byte, size), make([][]byte, size)
		for i := range size {
			s := &l.at[i]
			if s.next == benchStream {
				l.last++
				s.stream, s.next, s.name = l.last, 0, "message-"+uuid.NewString()
			}
			streams[i], revisions[i], ids[i], names[i], types[i] = s.stream, s.next, uuid.New(), s.name, "SmsSent"
			datas[i], metas[i] = benchData, benchMeta
			s.next++
		}
		if _, err := l.conn.Exec(b.Context(), `
			INSERT INTO events (xid, seq, rest, stream, revision, id, name, type, data, meta)
			SELECT pg_current_xact_id()::text::bigint, e.seq, 0, e.stream, e.revision, e.id, e.name, e.type, e.data, e.meta
			FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::bytea[], $7::bytea[])
				WITH ORDINALITY AS e (stream, revision, id, name, type, data, meta, seq)`,
			streams, revisions, ids, names, types, datas, metas); err != nil {
			b.Fatal(err)
		}
	}
}

// callers append n events in all, one at a time, to streams of their own; every append's time comes back.
func callers(b *testing.B, store *Store, count, n int) []time.Duration {
	times := make([][]time.Duration, count)
	var group sync.WaitGroup
	for caller := range count {
		group.Go(func() {
			var stream domain.Stream
			for i := range n / count {
				if i%benchStream == 0 {
					stream = domain.Stream("message-" + uuid.NewString())
				}
				event := benchEvents(1)
				start := time.Now()
				if _, err := store.Append(b.Context(), stream, domain.Revision(i%benchStream-1), event); err != nil {
					b.Error(err)
					return
				}
				times[caller] = append(times[caller], time.Since(start))
			}
		})
	}
	group.Wait()
	return slices.Concat(times...)
}

func quantile(times []time.Duration, q float64) float64 {
	slices.Sort(times)
	return float64(times[int(q*float64(len(times)-1))]) / float64(time.Millisecond)
}
