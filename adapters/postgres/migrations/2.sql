-- Version 2 of the event log: appends to one stream, which need none of what many streams need.
--
-- append_one is append for one stream, with the same rules: it returns the transaction and the head of the stream
-- before it, -1 for an absent stream, -2 for "try again in a later transaction". Where the head is not the expected
-- revision, nothing was written.
CREATE FUNCTION append_one(
	base bigint, name text, expected bigint, ids uuid[], types text[], datas bytea[], metas bytea[],
	OUT xid bigint, OUT head bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
	n     integer := cardinality(ids);
	found bigint;
BEGIN
	xid := base + pg_current_xact_id()::text::bigint;
	head := expected;
	IF expected = -1 THEN
		INSERT INTO streams (name, head, xid) VALUES (append_one.name, n - 1, append_one.xid)
			ON CONFLICT ON CONSTRAINT streams_name_key DO NOTHING RETURNING id INTO found;
	ELSE
		UPDATE streams s SET head = append_one.expected + n, xid = append_one.xid
			WHERE s.name = append_one.name AND s.head = append_one.expected AND s.xid < append_one.xid
			RETURNING s.id INTO found;
	END IF;
	IF found IS NULL THEN
		SELECT CASE WHEN s.head = append_one.expected THEN -2 ELSE s.head END INTO head
			FROM streams s WHERE s.name = append_one.name;
		head := coalesce(head, CASE WHEN expected = -1 THEN -2 ELSE -1 END);
	ELSIF n = 1 THEN
		INSERT INTO events (xid, seq, rest, stream, revision, id, name, type, data, meta)
			VALUES (append_one.xid, 1, 0, found, expected + 1, ids[1], append_one.name, types[1], datas[1], metas[1]);
	ELSE
		INSERT INTO events (xid, seq, rest, stream, revision, id, name, type, data, meta)
			SELECT append_one.xid, e.seq::integer, n - e.seq::integer, found, append_one.expected + e.seq,
				e.id, append_one.name, e.type, e.data, e.meta
			FROM unnest(ids, types, datas, metas) WITH ORDINALITY AS e (id, type, data, meta, seq);
	END IF;
END
$$;
