// Package pgtest gives tests a PostgreSQL: a fresh schema on the server of this machine, or a server of their own
// that they may stop, kill and restart. It uses only the loopback interface.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// service is where a server for tests may run. Anybody may do anything in its database test.
const service = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable"

// serves reports whether the service is there. It tries once per run.
var serves = sync.OnceValue(func() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, service)
	return err == nil && conn.Close(ctx) == nil
})

// URL returns the URL of a schema that does not exist yet and that no other test uses. The schema, and the one with
// the suffix _views, are dropped when the test ends. If no server runs, URL starts one for as long as tests need it.
func URL(t testing.TB) string {
	t.Helper()
	base := service
	if !serves() {
		base = borrow(t).URL()
	}
	schema := "t" + uuid.NewString()[:8] + "_" + fmt.Sprint(os.Getpid())
	t.Cleanup(func() { drop(t, base, schema, schema+"_views") })
	return With(t, base, "schema", schema)
}

// With returns a URL with an additional parameter.
func With(t testing.TB, text, name, value string) string {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	query := parsed.Query()
	query.Set(name, value)
	parsed.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return parsed.String()
}

// Addr returns the host and port in a URL.
func Addr(t testing.TB, text string) string {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Host
}

// WithAddr returns a URL with another host and port.
func WithAddr(t testing.TB, text, addr string) string {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	parsed.Host = addr
	return parsed.String()
}

// Conn connects to a URL, with its schema as the search path.
func Conn(t testing.TB, text string) *pgx.Conn {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	query := parsed.Query()
	if schema := query.Get("schema"); schema != "" {
		query.Set("search_path", schema)
	}
	query.Del("schema")
	parsed.RawQuery = query.Encode()
	conn, err := pgx.Connect(t.Context(), parsed.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func drop(t testing.TB, base string, schemas ...string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		t.Errorf("drop the schemas of a test: %v", err)
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, schema := range schemas {
		if _, err := conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+schema+" CASCADE"); err != nil {
			t.Errorf("drop the schema of a test: %v", err)
		}
	}
}

// missing skips a test and says why, or fails it in CI.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CLICKBOOK_CI") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf("SKIPPED: "+format, args...)
}

// shared is the server that tests share if no service runs.
var shared struct {
	sync.Mutex
	server    *Server
	borrowers int
}

func borrow(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.borrowers == 0 {
		shared.server = newServer(t)
	}
	shared.borrowers++
	t.Cleanup(func() {
		shared.Lock()
		defer shared.Unlock()
		if shared.borrowers--; shared.borrowers == 0 {
			shared.server.remove(t)
		}
	})
	return shared.server
}
