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
	return db.patiently(ctx, func() (bool, error) {
		err := db.schema.Pool().QueryRow(ctx, "SELECT "+next).Scan(&db.unclean)
		held := false
		if err == nil {
			held, err = db.isHeld(ctx)
		}
		if err == nil {
			err = db.purge(ctx, held)
		}
		return true, db.schema.Fault(err)
	})
}

// purge removes dead rows, and notes that all have gone that died before the transaction named by unclean, unless
// somebody held them. That was asked before: who ends while they are being removed has held them all the same.
func (db *DB) purge(ctx context.Context, held bool) error {
	err := db.vacuum(ctx)
	if err == nil {
		err = db.remember(ctx, held)
	}
	if err == nil && !held {
		db.unclean = ""
	}
	return err
}

// next is the transaction that will begin next: what died before, died before it.
const next = "pg_snapshot_xmax(pg_current_snapshot())::text"

// remember leaves a word for the process that opens the schema after this one, as long as rows are held.
func (db *DB) remember(ctx context.Context, held bool) error {
	statement := "DROP TABLE IF EXISTS clickbook_views_unpurged"
	if held {
		statement = "CREATE TABLE IF NOT EXISTS clickbook_views_unpurged ()"
	}
	_, err := db.schema.Pool().Exec(ctx, statement)
	return err
}

// remembered takes over what the process before could not purge.
func (db *DB) remembered(ctx context.Context) error {
	err := db.schema.Pool().QueryRow(ctx, `SELECT CASE WHEN to_regclass('clickbook_views_unpurged') IS NULL THEN ''
		ELSE `+next+" END").Scan(&db.unclean)
	return db.schema.Fault(err)
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
	_, err = pool.Exec(ctx, "VACUUM (INDEX_CLEANUP ON) "+strings.Join(tables, ", "), pgx.QueryExecModeSimpleProtocol)
	return err
}

// purgeLate purges again what was held when it was purged, once it is not held any more.
func (db *DB) purgeLate(ctx context.Context) error {
	if db.unclean == "" {
		return nil
	}
	if held, err := db.isHeld(ctx); err != nil || held {
		return db.schema.Fault(err)
	}
	return db.patiently(ctx, func() (bool, error) { return true, db.schema.Fault(db.purge(ctx, false)) })
}

// isHeld reports whether a transaction of this database is open that began, or sees the rows of one that began, before
// the transaction named by unclean; also one that is prepared, or a replica's. Of other users' transactions it sees
// those that the server lets it see.
func (db *DB) isHeld(ctx context.Context) (held bool, err error) {
	err = db.schema.Pool().QueryRow(ctx, `
		WITH dead (age) AS (SELECT age($1::text::xid8::xid)),
			open (age) AS (
				SELECT greatest(age(backend_xmin), age(backend_xid)) FROM pg_stat_activity
					WHERE datname = current_database() AND pid <> pg_backend_pid()
				UNION ALL SELECT age(transaction) FROM pg_prepared_xacts WHERE database = current_database()
				UNION ALL SELECT age(xmin) FROM pg_replication_slots)
		SELECT EXISTS (SELECT FROM open, dead WHERE open.age > dead.age)`, db.unclean).Scan(&held)
	return held, err
}
