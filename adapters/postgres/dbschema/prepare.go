package dbschema

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/adapters/internal/fault"
)

// oldest is the first version of PostgreSQL with transaction ids that do not wrap around (xid8).
const oldest = 13

// state is what check finds in the database.
type state struct {
	exists   bool // the schema
	readOnly bool
	mayMake  bool     // may create tables in the schema, and the schema if it does not exist
	mayWrite bool     // may read and insert rows in every table of the schema
	tables   []string // names of tables, views and sequences
	version  int      // number of migrations that have run
}

// prepare checks the schema and, if it is not current, creates or migrates it under a lock.
func (s *Schema) prepare(ctx context.Context, kind Kind) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	// Closing the connection releases the lock, even if ctx has ended.
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	found, err := s.check(ctx, conn, kind)
	if err != nil || found.current(kind) {
		return err
	}
	// Two processes may start at the same time: only one of them migrates.
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtextextended($1, 0))", "clickbook "+s.name); err != nil {
		return err
	}
	if found, err = s.check(ctx, conn, kind); err != nil || found.current(kind) {
		return err
	}
	return s.migrate(ctx, conn, kind, found)
}

// connect opens a connection and checks that the server is supported.
func (s *Schema) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := s.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.checkServer(conn); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return conn, nil
}

// checkServer checks what the server reports when a connection starts.
func (s *Schema) checkServer(conn *pgx.Conn) error {
	version := conn.PgConn().ParameterStatus("server_version")
	digits := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(version)
	}
	if major, err := strconv.Atoi(version[:digits]); err != nil || major < oldest {
		return fault.New(ErrServer, nil,
			"the server %s is PostgreSQL %q; version %d or newer is needed", s.server(), version, oldest)
	}
	if encoding := conn.PgConn().ParameterStatus("server_encoding"); encoding != "UTF8" {
		return fault.New(ErrServer, nil,
			"the database %s has the encoding %s; create one with ENCODING 'UTF8'", s.config.Database, encoding)
	}
	return nil
}

func (k Kind) isIn(found state) bool { return slices.Contains(found.tables, k.Table) }

func (f state) current(kind Kind) bool { return kind.isIn(f) && f.version == len(kind.Migrations) }

// check returns the state of the schema, and a fault if this version of ClickBook must not use it.
func (s *Schema) check(ctx context.Context, conn *pgx.Conn, kind Kind) (state, error) {
	found, err := s.look(ctx, conn, kind)
	if err != nil {
		return found, err
	}
	if len(found.tables) > 0 && !kind.isIn(found) {
		return found, fault.New(fault.ErrForeign, nil,
			"%s is not a ClickBook %s: it has a table %s; name another schema with ?schema=",
			s.Where(), kind.Name, found.tables[0])
	}
	if found.version > len(kind.Migrations) {
		return found, fault.New(fault.ErrNewer, nil,
			"the %s in %s has format %d and this version of ClickBook reads up to %d; run a newer version",
			kind.Name, s.Where(), found.version, len(kind.Migrations))
	}
	if found.readOnly {
		return found, fault.New(ErrReadOnly, nil,
			"the database %s on %s is read-only; give the URL of the server that takes writes", s.config.Database, s.server())
	}
	if !found.mayWrite || !found.mayMake && (kind.Grows || !found.current(kind)) {
		return found, fault.New(ErrRights, nil,
			"the user %s may not write to %s; grant it the rights, or make it the owner of the schema",
			s.config.User, s.Where())
	}
	return found, nil
}

// look reads the state of the schema.
func (s *Schema) look(ctx context.Context, conn *pgx.Conn, kind Kind) (found state, err error) {
	err = conn.QueryRow(ctx, `
		SELECT n.oid IS NOT NULL, pg_is_in_recovery() OR current_setting('transaction_read_only')::bool,
			CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
				ELSE has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE') END,
			coalesce(has_schema_privilege(n.oid, 'USAGE'), true) AND coalesce((SELECT
				bool_and(has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT'))
				FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p')), true),
			coalesce((SELECT array_agg(c.relname::text ORDER BY c.relname)
				FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind NOT IN ('i', 'I', 't')), '{}')
		FROM (SELECT 1) one LEFT JOIN pg_namespace n ON n.nspname = $1`, s.name).
		Scan(&found.exists, &found.readOnly, &found.mayMake, &found.mayWrite, &found.tables)
	if err == nil && kind.isIn(found) && found.mayWrite {
		err = conn.QueryRow(ctx, "SELECT version FROM "+kind.Table).Scan(&found.version)
	}
	return found, err
}
