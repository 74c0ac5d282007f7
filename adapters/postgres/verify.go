package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// rules are the rules of the log, each with a query for a stream that breaks it.
var rules = []struct{ what, query string }{
	{"events of no stream", `
		SELECT e.name FROM events e LEFT JOIN streams s ON s.id = e.stream
		WHERE s.id IS NULL OR s.name <> e.name LIMIT 1`},
	{"the revisions of a stream do not match its head", `
		SELECT s.name FROM streams s
		LEFT JOIN (SELECT stream, count(*) AS n, min(revision) AS first, max(revision) AS last, max(xid) AS xid
			FROM events GROUP BY stream) e ON e.stream = s.id
		WHERE (e.n, e.first, e.last, e.xid) IS DISTINCT FROM (s.head + 1, 0::bigint, s.head, s.xid) LIMIT 1`},
	{"an append is incomplete, or the log has a stream in another order", `
		SELECT name FROM (SELECT name, xid, seq, rest, lead(xid) OVER w AS next_xid, lead(seq) OVER w AS next_seq,
			lead(rest) OVER w AS next_rest FROM events WINDOW w AS (PARTITION BY stream ORDER BY revision)) e
		WHERE rest < 0 OR rest > 0 AND (next_rest, next_xid) IS DISTINCT FROM (rest - 1, xid)
			OR (next_xid, next_seq) <= (xid, seq) LIMIT 1`},
}

// Verify checks the rules of the log: revisions have no gaps, appends are complete, heads are right, and the log has
// each stream in order. It reads everything as of one moment, which takes seconds per million events, and longer if
// the log does not fit the memory of the server. PostgreSQL itself looks after its pages (pg_amcheck, data
// checksums). The error says what is wrong.
func (s *Store) Verify(ctx context.Context) error {
	return s.turn(ctx, func(ctx context.Context) error {
		conn, err := s.schema.Pool().Acquire(ctx)
		if err != nil {
			return s.schema.Fault(err)
		}
		defer conn.Release()
		return s.schema.Fault(s.verify(ctx, conn))
	})
}

func (s *Store) verify(ctx context.Context, conn *pgxpool.Conn) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, conn, options, func(tx pgx.Tx) error {
		for name, value := range settings {
			if value == "off" { // full scans and joins are faster here
				if _, err := tx.Exec(ctx, "SET LOCAL "+name+" = on"); err != nil {
					return err
				}
			}
		}
		for _, rule := range rules {
			var stream string
			err := tx.QueryRow(ctx, rule.query).Scan(&stream)
			if err == nil {
				return s.schema.Damaged(fmt.Sprintf("%s: %s", rule.what, stream))
			}
			if !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
		}
		return nil
	})
}
