// Package dbschema opens a schema of a PostgreSQL database: it creates or checks the schema, migrates it under a
// lock, and turns errors of the server into sentences. It refuses schemas of other programs and of newer versions,
// and knows nothing of the tables of its users.
package dbschema

import (
	"cmp"
	"context"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Kind describes what a schema is for.
type Kind struct {
	Name   string // as errors call it, such as "event log"
	Schema string // used if the URL names none
	// Table holds the number of migrations that have run. Its name distinguishes kinds, so that a wrong schema is
	// recognised before it is changed.
	Table string
	// Migrations[i] is the SQL that migrates version i to version i+1. Each runs in one transaction.
	Migrations []string
	Grows      bool   // its users create their own tables, so they need the right to
	Remedy     string // what to do if it is damaged; "" if only a backup can replace it
}

// Options configure the connections.
type Options struct {
	Conns int // largest size of the pool, 8 if 0; connections of Conn do not count
	// Settings are additional settings of every session, by PostgreSQL's names.
	Settings map[string]string
}

// Schema is an open schema. It is the search_path of every connection.
type Schema struct {
	pool   *pgxpool.Pool
	config *pgx.ConnConfig
	name   string
	remedy string
}

// Open connects. It creates a schema that does not exist or is empty, and otherwise checks its kind and migrates it.
// Two processes may do so at the same time. Nothing is written before every check has passed. Errors are
// *fault.Fault.
//
// The URL is postgres://user:password@host:5432/database?schema=name&sslmode=require. The fault for an unknown
// parameter lists the others. For what the URL does not say, the driver uses the usual environment variables
// (PGPASSWORD, PGSSLMODE).
func Open(ctx context.Context, url string, kind Kind, options Options) (*Schema, error) {
	s, config, err := named(url, kind)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, kind); err != nil {
		return nil, s.Fault(err)
	}
	maps.Copy(config.ConnConfig.RuntimeParams, options.Settings)
	config.MaxConns = int32(cmp.Or(options.Conns, 8))
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, s.Fault(err)
	}
	return s, nil
}

// CheckURL returns the fault of a URL that Open would always refuse. It does not connect.
func CheckURL(url string, kind Kind) error {
	_, _, err := named(url, kind)
	return err
}

// Check connects and returns the fault for which Open would refuse the schema. It writes nothing.
func Check(ctx context.Context, url string, kind Kind) error {
	s, _, err := named(url, kind)
	if err != nil {
		return err
	}
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = s.check(ctx, conn, kind)
	return s.Fault(err)
}

// named returns the schema that a URL names, without connecting.
func named(url string, kind Kind) (*Schema, *pgxpool.Config, error) {
	config, name, err := parse(url, kind.Schema)
	if err != nil {
		return nil, nil, err
	}
	return &Schema{
		config: config.ConnConfig, name: name,
		remedy: cmp.Or(kind.Remedy, "stop, keep a copy of it, and restore the last backup"),
	}, config, nil
}

// Pool returns the pool of connections.
func (s *Schema) Pool() *pgxpool.Pool { return s.pool }

// Conn opens a connection outside the pool. The caller closes it.
func (s *Schema) Conn(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return nil, s.Fault(err)
	}
	return conn, nil
}

// Name returns the name of the schema.
func (s *Schema) Name() string { return s.name }

// Where describes the schema for people, without a password.
func (s *Schema) Where() string {
	return fmt.Sprintf("the schema %s of the database %s on %s", s.name, s.config.Database, s.server())
}

// server returns the first server of the URL.
func (s *Schema) server() string {
	if s.config.Host[0] == '/' {
		return s.config.Host
	}
	return fmt.Sprintf("%s:%d", s.config.Host, s.config.Port)
}

// Close closes the pool and waits for its running statements.
func (s *Schema) Close() { s.pool.Close() }
