package pgtest

import (
	"os"
	"testing"
)

// TestServerRestarts stops the server in both ways and kills it. It must come back at the same URL with its data.
func TestServerRestarts(t *testing.T) {
	server := Start(t)
	if _, err := Conn(t, server.URL()).Exec(t.Context(), "CREATE TABLE kept (n int)"); err != nil {
		t.Fatal(err)
	}
	for n, end := range []func(){func() { server.Stop(false) }, func() { server.Stop(true) }, server.Kill} {
		end()
		server.Start()
		conn := Conn(t, server.URL())
		var kept int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM kept").Scan(&kept); err != nil || kept != n {
			t.Errorf("%d rows were kept, %v; want %d", kept, err, n)
		}
		if _, err := conn.Exec(t.Context(), "INSERT INTO kept VALUES ($1)", n); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() { // after the server's own, which was registered before
		if _, err := os.Stat(server.dir); err != nil {
			t.Errorf("the files of the server are gone before the test has ended: %v", err)
		}
	})
}

// TestServerLeavesNothing checks that neither files nor a process are left.
func TestServerLeavesNothing(t *testing.T) {
	var server *Server
	t.Run("a test", func(t *testing.T) { server = Start(t) })
	if _, err := os.Stat(server.dir); !os.IsNotExist(err) {
		t.Errorf("files of the server are left: %v", err)
	}
	select {
	case <-server.exited:
	default:
		t.Error("the process of the server is left")
	}
}

func TestSchemasAreDropped(t *testing.T) {
	var url, schema string
	t.Run("a test", func(t *testing.T) {
		url = URL(t)
		conn := Conn(t, url)
		if err := conn.QueryRow(t.Context(), "SHOW search_path").Scan(&schema); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{schema, schema + "_views"} {
			if _, err := conn.Exec(t.Context(), "CREATE SCHEMA "+name); err != nil {
				t.Fatal(err)
			}
		}
	})
	var left int
	if err := Conn(t, url).QueryRow(t.Context(), "SELECT count(*) FROM pg_namespace WHERE nspname LIKE $1",
		schema+"%").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d schemas are left, %v", left, err)
	}
}
