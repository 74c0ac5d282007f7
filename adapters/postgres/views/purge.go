package views

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Purge implements projections.Database with VACUUM: overwritten and deleted rows leave the tables and their indexes,
// so that no statement can show them. Their bytes stay in the free space of their pages until new rows come there, and
// in the server's write-ahead log until it is recycled; copies that others make of either are out of reach. Rows that
// a question still running might see leave with the server's own vacuum, later. What a rebuild replaces and drops is
// deleted with its files.
func (db *DB) Purge(ctx context.Context) error {
	return db.patiently(ctx, func() (bool, error) { return true, db.schema.Fault(db.vacuum(ctx)) })
}

func (db *DB) vacuum(ctx context.Context) error {
	// Asked by name, so that no other schema is looked at. One command for all is quicker than one for each.
	found, err := db.schema.Pool().Query(ctx, `SELECT quote_ident(tablename) FROM pg_tables
		WHERE schemaname = current_schema() ORDER BY tablename`)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil || len(tables) == 0 {
		return err
	}
	_, err = db.schema.Pool().Exec(ctx, "VACUUM (INDEX_CLEANUP ON) "+strings.Join(tables, ", "),
		pgx.QueryExecModeSimpleProtocol)
	return err
}
