package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/adapters/postgres/dbschema"
)

var kind = dbschema.Kind{
	Name: "event log", Schema: "clickbook", Table: "event_log_version", Migrations: []string{tables + appending},
}

// tables are measured, see docs/adr/0008. An event's place in the log is the transaction that brought it and its number
// in there. Streams are integers, so that the index by stream grows at the ends of busy streams instead of at random
// places; the name stands in the row as well, so that reading the log needs no second table. Event ids have no index: a
// retry is recognised inside its stream.
//
// rest counts the events of the same append that follow; it tells one append from two. A stream's xid is that of its
// last event. base is added to every transaction id of the server: 0, unless the log has moved to a server whose
// transactions were younger.
const tables = `
CREATE TABLE log (
	one  boolean PRIMARY KEY DEFAULT true CHECK (one),
	base bigint NOT NULL
);
INSERT INTO log (base) VALUES (0);
CREATE TABLE streams (
	id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	head bigint NOT NULL,
	xid  bigint NOT NULL
) WITH (fillfactor = 80);
CREATE TABLE events (
	xid      bigint NOT NULL,
	seq      integer NOT NULL,
	rest     integer NOT NULL,
	stream   bigint NOT NULL,
	revision bigint NOT NULL,
	id       uuid NOT NULL,
	name     text COLLATE "C" NOT NULL,
	type     text COLLATE "C" NOT NULL,
	data     bytea NOT NULL,
	meta     bytea NOT NULL,
	PRIMARY KEY (xid, seq)
);
CREATE UNIQUE INDEX events_of_stream ON events (stream, revision);
CREATE TABLE snapshots (
	stream   text COLLATE "C" PRIMARY KEY,
	version  bigint NOT NULL,
	revision bigint NOT NULL,
	state    bytea NOT NULL
);
CREATE TABLE marks (
	name  text COLLATE "C" PRIMARY KEY,
	value text NOT NULL
);
`

// appending is one transaction for many callers in one round trip. names are streams in order, each once, with the
// revision expected and the number of events; then stand the events of all of them, each with the index of its stream.
// A stream that is not where it is expected gets nothing. The answer is the transaction and where each stream stood:
// -1 for absent, -2 for "ask again in a younger transaction".
//
// Every process locks streams in the order of their names, new ones before old ones, so none waits in a circle. A
// transaction that waited for a lock may be older than the one it waited for; it must not append behind it, because the
// log would show the stream's events in the wrong order.
const appending = `
CREATE FUNCTION append(
	base bigint, names text[], expected bigint[], counts integer[],
	stream integer[], rest integer[], ids uuid[], types text[], datas bytea[], metas bytea[],
	OUT xid bigint, OUT heads bigint[]
) LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
	found bigint[];
BEGIN
	IF -1 = ANY (expected) THEN
		INSERT INTO streams AS s (name, head, xid)
			SELECT n.name, -1, 0 FROM unnest(names, expected) WITH ORDINALITY AS n (name, expected, nr)
			WHERE n.expected = -1 AND NOT EXISTS (SELECT FROM streams o WHERE o.name = n.name)
			ORDER BY n.nr
			ON CONFLICT DO NOTHING;
	END IF;
	SELECT array_agg(coalesce(l.id, 0) ORDER BY n.nr),
		array_agg(CASE WHEN l.xid > base + pg_current_xact_id()::text::bigint THEN -2 ELSE coalesce(l.head, -1) END
			ORDER BY n.nr)
		INTO found, heads
		FROM unnest(names) WITH ORDINALITY AS n (name, nr)
		LEFT JOIN LATERAL (SELECT s.id, s.head, s.xid FROM streams s WHERE s.name = n.name FOR NO KEY UPDATE) l ON true;
	xid := base + pg_current_xact_id()::text::bigint;
	UPDATE streams AS s SET head = n.expected + n.count, xid = append.xid
		FROM unnest(found, heads, expected, counts) AS n (id, head, expected, count)
		WHERE s.id = n.id AND n.head = n.expected;
	INSERT INTO events (xid, seq, rest, stream, revision, id, name, type, data, meta)
		SELECT append.xid, e.seq::integer, e.rest, found[e.stream], expected[e.stream] + counts[e.stream] - e.rest,
			e.id, names[e.stream], e.type, e.data, e.meta
		FROM unnest(stream, rest, ids, types, datas, metas) WITH ORDINALITY
			AS e (stream, rest, id, type, data, meta, seq)
		WHERE found[e.stream] > 0 AND heads[e.stream] = expected[e.stream];
END
$$;
`

// rebase reads what is to be added to transaction ids. A log that was restored into another server, by a dump, may hold
// transactions that are still to come there: their numbers would be given again, and readers would wait for them. Only
// then it is raised, so that what comes is after what is there, and everybody sees what is there.
func (s *Store) rebase(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.schema.Pool(), func(tx pgx.Tx) error {
		var last, xmin, xmax int64
		err := tx.QueryRow(ctx, `
			SELECT base, coalesce((SELECT max(xid) FROM events), 0), pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
				pg_snapshot_xmax(pg_current_snapshot())::text::bigint
			FROM log FOR UPDATE`).Scan(&s.base, &last, &xmin, &xmax)
		if err != nil || last < s.base+xmax {
			return err
		}
		return tx.QueryRow(ctx, "UPDATE log SET base = $1 RETURNING base", last+1-xmin).Scan(&s.base)
	})
}
