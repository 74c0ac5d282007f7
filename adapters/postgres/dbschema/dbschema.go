// Package dbschema is one schema of one PostgreSQL database: made or checked, brought to the present version under a
// lock, and speaking in clear sentences when the server does not. It refuses schemas of other programs and of newer
// versions, and knows nothing of what its users keep in their tables.
package dbschema

import (
	"cmp"
	"context"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Kind says what a schema is for.
type Kind struct {
	Name   string // "event log": how sentences call it
	Schema string // where it is when the URL does not say
	// Table keeps the number of migrations that were run. Its name tells one kind from another, so that a wrong
	// schema is recognised before anything in it is changed.
	Table string
	// Migrations[i] is the SQL that makes version i+1 of version i, each run in one transaction.
	Migrations []string
	Grows      bool   // its users make tables of their own, so they need the right to
	Remedy     string // what to do when it is damaged; "" for one that only a backup can replace
}

// Options tune the connections.
type Options struct {
	Conns int // connections of the pool at most, 8 when 0; Conn takes none of them
	// Settings of every session beside the search path: PostgreSQL's names and values.
	Settings map[string]string
}

// Schema is an open schema. Every connection finds its tables without naming it (search_path).
type Schema struct {
	pool   *pgxpool.Pool
	config *pgx.ConnConfig
	name   string
	remedy string
}

// Open connects and makes the schema, when it is absent or empty, or checks that it is of this kind and brings it to
// this version. Two processes may do so at once. Nothing is written before every check has passed. Errors are
// *fault.Fault.
//
// The URL is postgres://user:password@host:5432/database?schema=name&sslmode=require; what else may stand behind the
// question mark is listed by the fault that refuses something else. Where the URL says nothing the driver takes the
// usual variables of the environment (PGPASSWORD, PGSSLMODE).
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

// CheckURL says what is wrong with a URL that Open would refuse whatever the server says. It connects to nothing.
func CheckURL(url string, kind Kind) error {
	_, _, err := named(url, kind)
	return err
}

// Check connects and says why Open would refuse what is there. It writes nothing.
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

// named is the schema that a URL names, with nothing opened yet.
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

// Pool is the pool of connections.
func (s *Schema) Pool() *pgxpool.Pool { return s.pool }

// Conn opens a connection that is not of the pool, for whoever keeps it.
func (s *Schema) Conn(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return nil, s.Fault(err)
	}
	return conn, nil
}

// Name is the schema's name.
func (s *Schema) Name() string { return s.name }

// Where names the schema for people: never with a password.
func (s *Schema) Where() string {
	return fmt.Sprintf("the schema %s of the database %s on %s", s.name, s.config.Database, s.server())
}

// server names the first server of the URL.
func (s *Schema) server() string {
	if s.config.Host[0] == '/' {
		return s.config.Host
	}
	return fmt.Sprintf("%s:%d", s.config.Host, s.config.Port)
}

// Close closes the pool and waits for what its connections are at.
func (s *Schema) Close() { s.pool.Close() }
