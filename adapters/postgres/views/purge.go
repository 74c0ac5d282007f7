package views

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Purge implements projections.Database with VACUUM: overwritten and deleted rows leave the tables and their indexes,
// so that no statement can show them. Their bytes stay in the free space of their pages until new rows come there, and
// in the server's write-ahead log until it is recycled; copies that others make of either are out of reach. What a
// rebuild replaced leaves with its files when it is dropped.
//
// Rows that a transaction still open might see cannot leave. Where there is one, whoever's it is, later writes look
// whether it has ended, and purge then.
func (db *DB) Purge(ctx context.Context) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.purge(ctx)
}

func (db *DB) purge(ctx context.Context) error {
	return db.patiently(ctx, func() (bool, error) { return true, db.schema.Fault(db.vacuum(ctx)) })
}

func (db *DB) vacuum(ctx context.Context) error {
	pool := db.schema.Pool()
	found, err := pool.Query(ctx, `SELECT quote_ident(tablename) FROM pg_tables
		WHERE schemaname = current_schema() ORDER BY tablename`)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		return err
	}
	var before string
	if err := pool.QueryRow(ctx, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text").Scan(&before); err != nil {
		return err
	}
	db.unclean = before
	_, err = pool.Exec(ctx, "VACUUM (INDEX_CLEANUP ON) "+strings.Join(tables, ", "), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return err
	}
	if held, err := db.isHeld(ctx); err != nil || held {
		return err
	}
	db.unclean = ""
	return nil
}

// purgeLate purges again what was held when it was purged, once it is not held any more.
func (db *DB) purgeLate(ctx context.Context) error {
	if db.unclean == "" {
		return nil
	}
	if held, err := db.isHeld(ctx); err != nil || held {
		return db.schema.Fault(err)
	}
	return db.purge(ctx)
}

// isHeld reports whether a transaction of this database is open that began before the transaction named by unclean. Of
// other users' transactions it sees those that the server lets it see.
func (db *DB) isHeld(ctx context.Context) (held bool, err error) {
	err = db.schema.Pool().QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND age(backend_xmin) > age($1::text::xid))`,
		db.unclean).Scan(&held)
	return held, err
}
