package views

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Purge implements readmodel.Database with VACUUM: overwritten and deleted rows leave the tables and indexes, so
// that no statement can show them. Their bytes stay in the free space of their pages until new rows overwrite them,
// and in the write-ahead log of the server until it is recycled. Copies of either are out of reach. The tables that a
// rebuild replaced leave with their files when they are dropped.
//
// VACUUM cannot remove rows that an open transaction might see. If there is one, of any user, later writes check
// whether it has ended and then purge.
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

// purge removes dead rows. Unless a transaction held some of them, it records that all rows that died before unclean
// are gone. held must be read before: a transaction that ends during the purge may have held rows of tables that were
// already vacuumed.
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

// next is the next transaction id: all rows that are dead now died before it.
const next = "pg_snapshot_xmax(pg_current_snapshot())::text"

// remember records in the schema that rows are held, for the next process that opens it.
func (db *DB) remember(ctx context.Context, held bool) error {
	statement := "DROP TABLE IF EXISTS clickbook_views_unpurged"
	if held {
		statement = "CREATE TABLE IF NOT EXISTS clickbook_views_unpurged ()"
	}
	_, err := db.schema.Pool().Exec(ctx, statement)
	return err
}

// remembered loads what the previous process could not purge.
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

// purgeLate purges rows that were held during the last purge, once they are not held any more.
func (db *DB) purgeLate(ctx context.Context) error {
	if db.unclean == "" {
		return nil
	}
	if held, err := db.isHeld(ctx); err != nil || held {
		return db.schema.Fault(err)
	}
	return db.patiently(ctx, func() (bool, error) { return true, db.schema.Fault(db.purge(ctx, false)) })
}

// isHeld reports whether an open transaction of this database may see rows that died before unclean. That includes
// prepared transactions and replicas. Of transactions of other users it sees those that the server shows.
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
