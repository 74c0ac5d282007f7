package views_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/postgres/views"
	"github.com/clickbook/clickbook/adapters/viewstest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// suite starts its own server to look for remains: any open transaction in the same database keeps dead rows
// alive, even an automatic analysis of the server.
var suite = viewstest.Suite{
	New: pgtest.URL,
	Open: func(url string) (viewstest.Database, error) {
		return views.Open(context.Background(), url, views.Options{Patience: 10 * time.Second})
	},
	Tables: func(t testing.TB, url string) []string {
		return ask[string](t, url, `SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()
			AND tablename <> 'clickbook_views_version'`)
	},
	Remains: remains,
}

func ask[T any](t testing.TB, url, sql string, args ...any) []T {
	t.Helper()
	rows, err := pgtest.Conn(t, url).Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// remains returns the rows in the pages of all tables and indexes that a line pointer still points to, visible or not
// (PostgreSQL, "Database Page Layout").
func remains(t testing.TB, url string) (data []byte) {
	t.Helper()
	conn := pgtest.Conn(t, url)
	if _, err := conn.Exec(t.Context(), "CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	files := ask[[]byte](t, url, `SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class
		WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i', 't')`)
	const page, header, pointer = 8192, 24, 4
	for _, file := range files {
		for at := 0; at+page <= len(file); at += page {
			bytes := file[at : at+page]
			lower := int(binary.LittleEndian.Uint16(bytes[12:]))
			for p := header; p+pointer <= lower; p += pointer {
				item := binary.LittleEndian.Uint32(bytes[p:])
				offset, flags, length := int(item&0x7fff), item>>15&3, int(item>>17)
				if flags == 1 { // in use
					data = append(data, bytes[offset:min(page, offset+length)]...)
				}
			}
		}
	}
	return data
}

func TestContract(t *testing.T) {
	own := suite
	if !viewstest.IsChild() {
		server, schemas := pgtest.Start(t, "autovacuum=off"), 0
		own.New = func(t testing.TB) string {
			schemas++
			return pgtest.With(t, server.URL(), "schema", fmt.Sprintf("views_%d", schemas))
		}
	}
	viewstest.Run(t, own)
}

// erasing is a database with a name that is overwritten while another transaction might still see it.
type erasing struct {
	t    *testing.T
	db   viewstest.Database
	url  string
	held pgx.Tx
}

func newErasing(t *testing.T) *erasing {
	t.Helper()
	e := &erasing{t: t, url: pgtest.With(t, pgtest.Start(t, "autovacuum=off").URL(), "schema", "clickbook_views")}
	var err error
	if e.db, err = suite.Open(e.url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.db.Close() })
	for _, name := range []string{"names_v1", "others_v1"} {
		e.write(func(tx readmodel.Tx) error {
			return tx.Create(t.Context(), readmodel.Table{
				Name: name, Columns: "n BIGINT NOT NULL, name TEXT NOT NULL", Key: "n", Indexes: []string{"(name)"},
			})
		})
		e.sql("INSERT INTO " + name + " VALUES (1, 'Anna Conceição')")
	}
	if e.held, err = pgtest.Conn(t, e.url).BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead}); err == nil {
		_, err = e.held.Exec(t.Context(), "SELECT 1")
	}
	if err != nil {
		t.Fatal(err)
	}
	e.sql("UPDATE names_v1 SET name = ''")
	e.sql("UPDATE others_v1 SET name = ''")
	return e
}

func (e *erasing) write(change func(readmodel.Tx) error) {
	e.t.Helper()
	if err := e.db.Write(e.t.Context(), change); err != nil {
		e.t.Fatal(err)
	}
}

func (e *erasing) sql(statement string) {
	e.t.Helper()
	e.write(func(tx readmodel.Tx) error { return tx.Exec(e.t.Context(), statement) })
}

func (e *erasing) holds() bool { return bytes.Contains(remains(e.t, e.url), []byte("Conceição")) }

// TestHeldRowsArePurgedLater: dead rows stay while a transaction is open, and leave after it.
func TestHeldRowsArePurgedLater(t *testing.T) {
	e := newErasing(t)
	if err := e.db.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !e.holds() {
		t.Fatal("the held row is gone: the test proves nothing")
	}
	e.sql("UPDATE others_v1 SET name = ''")
	if err := e.held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.sql("UPDATE others_v1 SET n = 2")
	if e.holds() {
		t.Error("the name is still there")
	}
}

// TestHeldRowsArePurgedByTheNextProcess: what one process could not purge is not forgotten when it ends.
func TestHeldRowsArePurgedByTheNextProcess(t *testing.T) {
	e := newErasing(t)
	err := errors.Join(e.db.Purge(t.Context()), e.db.Close(), e.held.Rollback(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if !e.holds() {
		t.Fatal("the held row is gone: the test proves nothing")
	}
	if e.db, err = suite.Open(e.url); err != nil {
		t.Fatal(err)
	}
	e.sql("UPDATE others_v1 SET n = 2")
	if e.holds() {
		t.Error("the name is still there")
	}
	if tables := suite.Tables(t, e.url); len(tables) != 2 {
		t.Errorf("the tables are %v", tables)
	}
}

// TestRowsHeldDuringAPurgeArePurgedLater: a transaction that ends during a purge has held rows of the tables that
// were vacuumed before.
func TestRowsHeldDuringAPurgeArePurgedLater(t *testing.T) {
	e := newErasing(t)
	lock, err := pgtest.Conn(t, e.url).Begin(t.Context())
	if err == nil {
		_, err = lock.Exec(t.Context(), "LOCK TABLE others_v1 IN SHARE UPDATE EXCLUSIVE MODE")
	}
	if err != nil {
		t.Fatal(err)
	}
	purged := make(chan error, 1)
	go func() { purged <- e.db.Purge(t.Context()) }()
	watcher := pgtest.Conn(t, e.url)
	for waits := false; !waits; {
		if err := watcher.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE query LIKE 'VACUUM%' AND wait_event_type = 'Lock')`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	for _, tx := range []pgx.Tx{e.held, lock} {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-purged; err != nil {
		t.Fatal(err)
	}
	if !e.holds() {
		t.Fatal("the held row is gone: the test proves nothing")
	}
	e.sql("UPDATE others_v1 SET n = 2")
	if e.holds() {
		t.Error("the name is still there")
	}
}

func BenchmarkReadModels(b *testing.B) { viewstest.Bench(b, suite) }
