package postgres

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/storetest/storebench"
)

const benchRound = 10_000 // events in a round

func benchSeed(b *testing.B) int { return storebench.Seed(b, 200_000) }

// openSeeded opens a store with a long log.
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
	streams := max(1, benchSeed(b)/storebench.StreamLength)
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO streams (name, head, xid)
			SELECT 'message-' || md5(random()::text), %d, pg_current_xact_id()::text::bigint FROM generate_series(1, %d)`,
			storebench.StreamLength-1, streams),
		// Streams are interleaved, 64 at a time, as concurrent callers would do it.
		fmt.Sprintf(`INSERT INTO events (xid, seq, rest, stream, revision, id, name, type, data, meta)
			SELECT pg_current_xact_id()::text::bigint, row_number() OVER (ORDER BY s.id / 64, r, s.id), 0, s.id, r,
				gen_random_uuid(), s.name, 'SmsSent', $1, $2
			FROM streams s, generate_series(0, %d) r ORDER BY s.id / 64, r, s.id`, storebench.StreamLength-1),
	} {
		var args []any
		if statement[12] == 'e' {
			args = []any{storebench.Data, storebench.Meta}
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

// bare is the limit: a single loop on one connection that knows everything in advance and has no callers.
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
	return &bare{conn: conn, last: int64(benchSeed(b))}
}

// round inserts n events in groups, one event of each of as many streams.
func (l *bare) round(b *testing.B, n, group int) {
	for len(l.at) < group {
		l.at = append(l.at, struct {
			stream, next int64
			name         string
		}{next: storebench.StreamLength})
	}
	for done := 0; done < n; done += group {
		size := min(group, n-done)
		streams, revisions := make([]int64, size), make([]int64, size)
		ids, names, types := make([]uuid.UUID, size), make([]string, size), make([]string, size)
		datas, metas := make([][]byte, size), make([][]byte, size)
		for i := range size {
			s := &l.at[i]
			if s.next == storebench.StreamLength {
				l.last++
				s.stream, s.next, s.name = l.last, 0, string(storebench.NewStream())
			}
			streams[i], revisions[i], ids[i], names[i], types[i] = s.stream, s.next, uuid.New(), s.name, "SmsSent"
			datas[i], metas[i] = storebench.Data, storebench.Meta
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
