package dbschema

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/domain"
)

var notes = Kind{
	Name: "book of notes", Schema: "notes", Table: "notes_version",
	Migrations: []string{"CREATE TABLE notes (id int PRIMARY KEY)", "ALTER TABLE notes ADD COLUMN note text; SELECT 1"},
}

func open(t testing.TB, url string, kind Kind) *Schema {
	t.Helper()
	schema, err := Open(t.Context(), url, kind, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(schema.Close)
	return schema
}

// schemaOf returns the schema that a URL names.
func schemaOf(url string) string {
	return strings.SplitN(strings.SplitN(url, "schema=", 2)[1], "&", 2)[0]
}

func exec(t testing.TB, url string, statements ...string) {
	t.Helper()
	conn := pgtest.Conn(t, url)
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestSchemaIsCreatedAndReopened(t *testing.T) {
	url := pgtest.URL(t)
	first := open(t, url, notes)
	if _, err := first.Pool().Exec(t.Context(), "INSERT INTO notes VALUES (1, 'kept')"); err != nil {
		t.Fatal(err)
	}
	var note string
	if err := open(t, url, notes).Pool().QueryRow(t.Context(), "SELECT note FROM notes").Scan(&note); err != nil {
		t.Fatal(err)
	}
	if note != "kept" {
		t.Errorf("note %q", note)
	}
	if !strings.Contains(url, first.Name()) {
		t.Errorf("the name of the schema is %s", first.Name())
	}
}

func TestSchemaIsUpgraded(t *testing.T) {
	url := pgtest.URL(t)
	older := notes
	older.Migrations = notes.Migrations[:1]
	if _, err := open(t, url, older).Pool().Exec(t.Context(), "INSERT INTO notes VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := open(t, url, notes).Pool().QueryRow(t.Context(),
		"SELECT count(*) FROM notes WHERE note IS NULL").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// TestSchemaOfTernIsKept opens schemas as earlier releases made them with the library tern v2.3.3, by its own
// statements: a schema that was migrated, and one whose first start was killed before the first migration.
func TestSchemaOfTernIsKept(t *testing.T) {
	for version, rows := range []int{0, 1} {
		t.Run(fmt.Sprintf("version %d", version), func(t *testing.T) {
			url := pgtest.URL(t)
			table := schemaOf(url) + ".notes_version"
			exec(t, url, "CREATE SCHEMA "+schemaOf(url), fmt.Sprintf(`
				create table if not exists %[1]s(version int4 not null);
				insert into %[1]s(version)
				select 0
				where 0=(select count(*) from %[1]s);`, table))
			if version == 1 {
				exec(t, url, "begin", notes.Migrations[0], "reset all", "update "+table+" set version=1", "commit",
					"INSERT INTO notes VALUES (1)")
			}
			for range 2 {
				var n, versions, now int
				err := open(t, url, notes).Pool().QueryRow(t.Context(), `SELECT count(*),
					(SELECT count(*) FROM notes_version), (SELECT max(version) FROM notes_version)
					FROM notes WHERE note IS NULL`).Scan(&n, &versions, &now)
				if err != nil || n != rows || versions != 1 || now != 2 {
					t.Errorf("%d notes, %d rows of version %d, error %v; want %d notes, 1 row of version 2",
						n, versions, now, err, rows)
				}
			}
		})
	}
}

// TestFailedUpgradeLeavesTheOldVersion checks that the next start continues from the old version.
func TestFailedUpgradeLeavesTheOldVersion(t *testing.T) {
	url := pgtest.URL(t)
	broken := notes
	broken.Migrations = []string{notes.Migrations[0], "ALTER TABLE notes ADD COLUMN half text; SELECT * FROM nowhere"}
	if _, err := Open(t.Context(), url, broken, Options{}); err == nil {
		t.Fatal("a broken migration succeeded")
	}
	exec(t, url, "INSERT INTO notes (id) VALUES (7)")
	open(t, url, notes)
	exec(t, url, "UPDATE notes SET note = 'whole'")
}

// TestSchemaWithoutMigrations opens a schema that has only its version table and the tables of its users.
func TestSchemaWithoutMigrations(t *testing.T) {
	url := pgtest.URL(t)
	views := Kind{Name: "read models", Schema: "views", Table: "views_version", Grows: true}
	for range 2 {
		exec(t, url, "SELECT 1")
		schema := open(t, url, views)
		if _, err := schema.Pool().Exec(t.Context(), "CREATE TABLE IF NOT EXISTS mine (n int)"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestConcurrentStartsMigrateOnce starts several times at the same time.
func TestConcurrentStartsMigrateOnce(t *testing.T) {
	url := pgtest.URL(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			schema, err := Open(t.Context(), url, notes, Options{Conns: 2})
			if err != nil {
				t.Errorf("start %d: %v", i, err)
				return
			}
			defer schema.Close()
			if _, err := schema.Pool().Exec(t.Context(), "INSERT INTO notes VALUES ($1, '')", i); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// TestOpenObeysItsContext opens a schema while another process holds the lock.
func TestOpenObeysItsContext(t *testing.T) {
	url := pgtest.URL(t)
	exec(t, url, "SELECT pg_advisory_lock(hashtextextended('clickbook "+schemaOf(url)+"', 0))")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := Open(ctx, url, notes, Options{})
		done <- err
	}()
	waiting := pgtest.Conn(t, url)
	for n := 0; n == 0; {
		if err := waiting.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks
			WHERE locktype = 'advisory' AND NOT granted`).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

// refusal expects a fault of one kind whose sentence has the words, is one line and has no password.
func refusal(t *testing.T, url string, kind Kind, want error, words ...string) {
	t.Helper()
	schema, err := Open(t.Context(), url, kind, Options{})
	if err == nil {
		schema.Close()
	}
	var said *fault.Fault
	if !errors.As(err, &said) || !errors.Is(err, want) {
		t.Errorf("%v, want a fault: %v", err, want)
		return
	}
	for _, word := range append(words, "") {
		if !strings.Contains(said.Sentence, word) {
			t.Errorf("%q is missing in the sentence: %s", word, said.Sentence)
		}
	}
	if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the sentence has a password or several lines: %s", err)
	}
	t.Log(err)
}

func TestInvalidURLsAreRefused(t *testing.T) {
	for url, words := range map[string][]string{
		"mysql://root:s3cret@127.0.0.1/test":                            {`"mysql"`, "postgres://"},
		"postgres://root:s3cret@127.0.0.1":                              {"no database"},
		"postgres://root:s3cret%zz@127.0.0.1/test":                      {"cannot be read", "%XX"},
		"postgres://root:s3c:s3cret/x@127.0.0.1/test":                   {"cannot be read", "%XX"},
		"postgres://root:s3cret@127.0.0.1:s3cret/test":                  {"cannot be read", "%XX"},
		"postgres://root:s3cret@127.0.0.1/test?schema=a&shema=b":        {`"shema"`, "sslmode", "schema"},
		"postgres://root:s3cret@127.0.0.1/test?statement_timeout=1":     {`"statement_timeout"`},
		"postgres://root@127.0.0.1/test?password=s3cret":                {`"password"`},
		"postgres://root:s3cret@127.0.0.1/test?schema=a&schema=b":       {"twice"},
		"postgres://root:s3cret@127.0.0.1/test?schema=Big":              {`"Big"`, "small letters"},
		"postgres://root:s3cret@127.0.0.1/test?schema=":                 {`""`},
		"postgres://root:s3cret@127.0.0.1/test?schema=a;b":              {"cannot be read"},
		"postgres://root:s3cret@127.0.0.1/test?schema=a%22b":            {`"a\"b"`},
		"postgres://root:s3cret@127.0.0.1/test?schema=pg_mine":          {"pg_"},
		"postgres://root:s3cret@127.0.0.1/test?sslmode=maybe":           {"parameter"},
		"postgres://root:s3cret@127.0.0.1/test?sslrootcert=/no/such":    {"parameter"},
		"postgres://root:s3cret@127.0.0.1/test?connect_timeout=forever": {"parameter"},
	} {
		t.Run(url, func(t *testing.T) { refusal(t, url, notes, ErrURL, words...) })
	}
}

func TestOtherSchemasAreRefused(t *testing.T) {
	newer, other := notes, notes
	newer.Migrations = append([]string{}, notes.Migrations...)
	newer.Migrations = append(newer.Migrations, "SELECT 1")
	other.Table = "others_version"
	t.Run("newer", func(t *testing.T) {
		url := pgtest.URL(t)
		open(t, url, newer)
		refusal(t, url, notes, fault.ErrNewer, "format 3", "up to 2", "newer version")
	})
	t.Run("another kind", func(t *testing.T) {
		url := pgtest.URL(t)
		open(t, url, other)
		refusal(t, url, notes, fault.ErrForeign, "book of notes", "?schema=")
	})
	t.Run("another program", func(t *testing.T) {
		url := pgtest.URL(t)
		schema := open(t, url, notes).Name()
		exec(t, url, "DROP SCHEMA "+schema+" CASCADE", "CREATE SCHEMA "+schema, "CREATE TABLE accounts (n int)")
		refusal(t, url, notes, fault.ErrForeign, "accounts")
		exec(t, url, "DROP TABLE accounts", "CREATE VIEW looked AS SELECT 1")
		refusal(t, url, notes, fault.ErrForeign, "looked")
		exec(t, url, "DROP VIEW looked")
		open(t, url, notes)
	})
}

// TestAccessFaults uses its own server, because it changes who is admitted.
func TestAccessFaults(t *testing.T) {
	server := pgtest.Start(t)
	exec(t, server.URL(), "CREATE ROLE poor LOGIN", "CREATE ROLE clerk LOGIN PASSWORD 's3cret-right'",
		"CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
	at := func(user, rest string) string {
		return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s", user, server.Port(), rest)
	}
	refusal(t, at("nobody:s3cret", "postgres"), notes, ErrDenied, "nobody", "pg_hba.conf")
	refusal(t, at("postgres:s3cret", "absent"), notes, ErrDenied, "no database absent")
	refusal(t, at("postgres:s3cret", "postgres?sslmode=require"), notes, ErrTLS, "TLS")
	refusal(t, at("postgres", "latin"), notes, ErrServer, "LATIN1", "UTF8")
	refusal(t, at("poor:s3cret", "postgres"), notes, ErrRights, "poor", "grant")
	refusal(t, at("postgres", "postgres?options=-c%20default_transaction_read_only%3Don"), notes, ErrReadOnly, "read")

	open(t, at("postgres", "postgres"), notes)
	refusal(t, at("poor", "postgres"), notes, ErrRights, "poor")
	exec(t, server.URL(), "GRANT USAGE ON SCHEMA notes TO poor", "GRANT SELECT ON ALL TABLES IN SCHEMA notes TO poor")
	refusal(t, at("poor", "postgres"), notes, ErrRights, "poor")
	exec(t, server.URL(), "GRANT INSERT ON ALL TABLES IN SCHEMA notes TO poor")
	schema := open(t, at("poor", "postgres"), notes)
	_, err := schema.Pool().Exec(t.Context(), "DELETE FROM notes")
	if err = schema.Fault(err); !errors.Is(err, ErrRights) {
		t.Errorf("%v, want a fault: %v", err, ErrRights)
	}

	trust, err := os.ReadFile(filepath.Join(server.Dir(), "pg_hba.conf"))
	if err != nil {
		t.Fatal(err)
	}
	strict := append([]byte("host all clerk all scram-sha-256\nhost all outsider all reject\n"), trust...)
	if err := os.WriteFile(filepath.Join(server.Dir(), "pg_hba.conf"), strict, 0o600); err != nil {
		t.Fatal(err)
	}
	server.Stop(false)
	server.Start()
	refusal(t, at("clerk:s3cret-wrong", "postgres"), notes, ErrDenied, "password", "clerk")
	refusal(t, at("outsider:s3cret", "postgres"), notes, ErrDenied, "outsider")
	exec(t, server.URL(), "GRANT CREATE ON DATABASE postgres TO clerk")
	open(t, at("clerk:s3cret-right", "postgres?schema=clerks"), notes)

	server.Stop(false)
	refusal(t, at("postgres:s3cret", "postgres"), notes, domain.ErrUnavailable, "reached")
	if _, err := schema.Conn(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("%v, want %v", err, domain.ErrUnavailable)
	}
}

// TestUnknownCertificatesAreRefused checks that known ones are accepted.
func TestUnknownCertificatesAreRefused(t *testing.T) {
	server := pgtest.Start(t)
	certificate := server.UseTLS()
	at := fmt.Sprintf("postgres://postgres:s3cret@127.0.0.1:%d/postgres", server.Port())
	refusal(t, at+"?sslmode=verify-full", notes, ErrTLS, "sslrootcert")
	open(t, at+"?sslmode=verify-full&sslrootcert="+certificate, notes)
	open(t, at+"?sslmode=require", notes)
}

// TestOldServersAreRefused checks the version that a server reports at the start of a connection.
func TestOldServersAreRefused(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	versions := []string{"12.22 (Debian 12.22-1)", "9.6.24", "nonsense"}
	var group sync.WaitGroup
	group.Go(func() {
		for _, version := range versions {
			conn, err := listener.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			pretend(t, conn, version)
		}
	})
	for _, version := range versions {
		refusal(t, "postgres://root:s3cret@"+listener.Addr().String()+"/test?sslmode=disable", notes, ErrServer,
			version, "13 or newer")
	}
	group.Wait()
}

// pretend accepts a connection, reports a version, and sends nothing else.
func pretend(t *testing.T, conn net.Conn, version string) {
	defer conn.Close()
	backend := pgproto3.NewBackend(conn, conn)
	if _, err := backend.ReceiveStartupMessage(); err != nil {
		t.Error(err)
		return
	}
	backend.Send(&pgproto3.AuthenticationOk{})
	backend.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: version})
	backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if err := backend.Flush(); err != nil {
		t.Error(err)
	}
	_, _ = io.Copy(io.Discard, conn)
}

// TestTemporaryFaultsAreUnavailable provokes errors that a retry may not meet.
func TestTemporaryFaultsAreUnavailable(t *testing.T) {
	server := pgtest.Start(t)
	schema := open(t, server.URL(), notes)
	conn := pgtest.Conn(t, server.URL())
	lost := func(what string, err error) {
		t.Helper()
		if err = schema.Fault(err); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: %v, want %v", what, err, domain.ErrUnavailable)
		}
		t.Log(err)
	}
	_, err := conn.Exec(t.Context(), "SET statement_timeout = 1; SELECT pg_sleep(10)")
	lost("a time limit", err)
	kept, err := schema.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, server.URL(), fmt.Sprintf("SELECT pg_terminate_backend(%d)", kept.PgConn().PID()))
	_, err = kept.Exec(t.Context(), "SELECT 1")
	lost("an ended session", err)
	kept, err = schema.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server.Kill()
	_, err = kept.Exec(t.Context(), "SELECT pg_sleep(100)")
	lost("a killed server", err)
	_, err = kept.Exec(t.Context(), "SELECT 1")
	lost("a connection that is lost", err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	_, err = schema.Pool().Exec(ctx, "SELECT 1")
	if err = schema.Fault(err); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("the end of a context: %v", err)
	}
	if err := schema.Fault(pgx.ErrNoRows); !errors.Is(err, pgx.ErrNoRows) || errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("another error: %v", err)
	}
}
