package dbschema

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// migrate creates the schema and its version table if they do not exist, then runs the migrations that have not run
// yet. Each migration commits together with its number, so the next start resumes after the last one that succeeded.
// The caller holds the lock and has checked that found is older than kind.
//
// The version table has one row with one number. Earlier releases kept the same table with the library tern, so their
// schemas go on as they are.
func (s *Schema) migrate(ctx context.Context, conn *pgx.Conn, kind Kind, found state) error {
	table := s.name + "." + kind.Table
	if !kind.isIn(found) {
		// The version table comes first, so that a schema whose first migration fails is recognised as ours.
		create := fmt.Sprintf("CREATE TABLE %[1]s (version int4 NOT NULL); INSERT INTO %[1]s (version) VALUES (0)", table)
		if !found.exists { // to create an existing schema again would need more rights
			create = "CREATE SCHEMA " + s.name + ";" + create
		}
		if err := inTransaction(ctx, conn, create); err != nil {
			return err
		}
	}
	for version := found.version + 1; version <= len(kind.Migrations); version++ {
		step := kind.Migrations[version-1]
		if err := inTransaction(ctx, conn, step, fmt.Sprintf("UPDATE %s SET version = %d", table, version)); err != nil {
			return fmt.Errorf("migration %d of the %s: %w", version, kind.Name, err)
		}
	}
	return nil
}

// inTransaction runs scripts of SQL statements, all or none.
func inTransaction(ctx context.Context, conn *pgx.Conn, scripts ...string) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, script := range scripts {
			if _, err := tx.Exec(ctx, script); err != nil {
				return err
			}
		}
		return nil
	})
}
