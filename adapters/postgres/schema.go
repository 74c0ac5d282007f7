package postgres

import (
	"context"
	_ "embed" // for the migrations

	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/adapters/postgres/dbschema"
)

//go:embed migrations/1.sql
var migration1 string

//go:embed migrations/2.sql
var migration2 string

var kind = dbschema.Kind{
	Name: "event log", Schema: "clickbook", Table: "event_log_version", Migrations: []string{migration1, migration2},
}

// settings make PostgreSQL use the indexes that the tables are designed for. Its own choice depends on statistics: a
// session that began on an empty log would go on scanning the whole of a long one.
var settings = map[string]string{
	"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off",
	"jit": "off", "plan_cache_mode": "force_generic_plan",
}

// rebase reads the number to add to transaction ids. A log restored into another server from a dump may hold
// transaction ids that this server has yet to assign: they would be assigned twice, and readers would wait for them.
// Only then does rebase raise the number, so that new events come after the existing ones and readers see them all.
//
// It takes all committed events as acknowledged: a reopened log shows all of its events.
func (s *Store) rebase(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.schema.Pool(), func(tx pgx.Tx) error {
		var last, xmin, xmax int64
		err := tx.QueryRow(ctx, `
			SELECT base, coalesce((SELECT max(xid) FROM events), 0), pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
				pg_snapshot_xmax(pg_current_snapshot())::text::bigint
			FROM log FOR UPDATE`).Scan(&s.base, &last, &xmin, &xmax)
		if err != nil {
			return err
		}
		s.acknowledge(last)
		if last < s.base+xmax {
			return nil
		}
		return tx.QueryRow(ctx, "UPDATE log SET base = $1 RETURNING base", last+1-xmin).Scan(&s.base)
	})
}
