package peers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
)

// The number of connections of each peer: the one at which it was fastest in trials with 4 to 64, as far as all of
// them fit on a server that allows a hundred.
const (
	hallgrenConnections  = 24
	watermillConnections = 32
	goesConnections      = 16
)

// server is a PostgreSQL server with a database for every contender.
type server struct {
	url   string
	admin *pgx.Conn
	named string // the names of this run's databases begin so
	about string
}

// connect returns a server: the one that CLICKBOOK_TEST_POSTGRES names, the usual one, or one that the test starts.
// It refuses a server that acknowledges before it writes, because that would measure something else.
func connect(t *testing.T) *server {
	url := cmp.Or(os.Getenv("CLICKBOOK_TEST_POSTGRES"), "postgres://postgres@127.0.0.1:5432/test?sslmode=disable")
	admin, err := pgx.Connect(t.Context(), url)
	if err != nil && os.Getenv("CLICKBOOK_TEST_POSTGRES") == "" {
		url = pgtest.Start(t).URL()
		admin, err = pgx.Connect(t.Context(), url)
	}
	if err != nil {
		t.Fatalf("PostgreSQL does not answer at %s: %v", url, err)
	}
	s := &server{url, admin, "clickbook_peers_" + uuid.NewString()[:8], ""}
	t.Cleanup(func() {
		if err := s.close(context.Background()); err != nil {
			t.Errorf("drop the databases %s_…: %v", s.named, err)
		}
	})
	var version, fsync, commit string
	if err := admin.QueryRow(t.Context(), `SELECT current_setting('server_version'), current_setting('fsync'),
		current_setting('synchronous_commit')`).Scan(&version, &fsync, &commit); err != nil {
		t.Fatal(err)
	}
	if fsync != "on" || commit != "on" {
		t.Fatalf("the server has fsync %s and synchronous_commit %s; turn both on", fsync, commit)
	}
	version, _, _ = strings.Cut(version, " ")
	s.about = "PostgreSQL " + version
	return s
}

// place creates a database and returns its URL.
func (s *server) place(ctx context.Context, n int) (string, error) {
	name := fmt.Sprintf("%s_%d", s.named, n)
	if _, err := s.admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	parsed, err := url.Parse(s.url)
	if err != nil {
		return "", err
	}
	parsed.Path = "/" + name
	return parsed.String(), nil
}

// databaseOf returns the database of a URL.
func databaseOf(place string) string {
	parsed, err := url.Parse(place)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(parsed.Path, "/")
}

// close drops the databases of this run, even if there are connections to them.
func (s *server) close(ctx context.Context) error {
	names, err := s.names(ctx)
	for _, name := range names {
		_, dropped := s.admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		err = errors.Join(err, dropped)
	}
	return errors.Join(err, s.admin.Close(ctx))
}

func (s *server) names(ctx context.Context) ([]string, error) {
	rows, err := s.admin.Query(ctx, "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", s.named)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// analyze updates the statistics of the planner, as autovacuum would within a minute.
func analyze(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ANALYZE")
	return errors.Join(err, conn.Close(ctx))
}

// foreign holds a transaction open that has an id but touches no event, like a backup, a migration or a forgotten
// session.
func foreign(url string) hold {
	return func(ctx context.Context) (func(context.Context) error, error) {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return nil, err
		}
		if _, err := conn.Exec(ctx, "BEGIN; SELECT pg_current_xact_id()"); err != nil {
			return nil, errors.Join(err, conn.Close(ctx))
		}
		return func(ctx context.Context) error {
			_, err := conn.Exec(ctx, "COMMIT")
			return errors.Join(err, conn.Close(ctx))
		}, nil
	}
}

// withParameter returns a URL with an additional parameter.
func withParameter(place, key, value string) string {
	parsed, err := url.Parse(place)
	if err != nil {
		return place
	}
	values := parsed.Query()
	values.Set(key, value)
	parsed.RawQuery = values.Encode()
	return parsed.String()
}
