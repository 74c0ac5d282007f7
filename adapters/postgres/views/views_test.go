package views_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/postgres/views"
	"github.com/clickbook/clickbook/adapters/viewstest"
	"github.com/clickbook/clickbook/projections"
)

// suite needs a server of its own where it asks for what remains: an open transaction of anybody in the same database
// keeps dead rows alive.
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

// remains are the rows in the pages of all tables and indexes, whether a statement shows them or not: what a line
// pointer still points to (PostgreSQL, "Database Page Layout").
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
		server, schemas := pgtest.Start(t), 0
		own.New = func(t testing.TB) string {
			schemas++
			return pgtest.With(t, server.URL(), "schema", fmt.Sprintf("views_%d", schemas))
		}
	}
	viewstest.Run(t, own)
}

// TestWhatIsHeldIsPurgedLater: while somebody's transaction is open, dead rows stay; afterwards they go.
func TestWhatIsHeldIsPurgedLater(t *testing.T) {
	url := pgtest.Start(t).URL()
	db, err := suite.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	table := projections.Table{
		Name: "names_v1", Columns: "n BIGINT NOT NULL, name TEXT NOT NULL", Key: "n", Indexes: []string{"(name)"},
	}
	write := func(change func(projections.Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	sql := func(statement string) func(projections.Tx) error {
		return func(tx projections.Tx) error { return tx.Exec(t.Context(), statement) }
	}
	write(func(tx projections.Tx) error { return tx.Create(t.Context(), table) })
	write(sql("INSERT INTO names_v1 VALUES (1, 'Anna Conceição')"))
	holder := pgtest.Conn(t, url)
	held, err := holder.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err == nil {
		_, err = held.Exec(t.Context(), "SELECT 1")
	}
	if err != nil {
		t.Fatal(err)
	}
	in := pgtest.With(t, url, "schema", "clickbook_views")
	holds := func() bool { return bytes.Contains(remains(t, in), []byte("Conceição")) }
	write(sql("UPDATE names_v1 SET name = ''"))
	if err := db.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !holds() {
		t.Fatal("what is held has gone: the test proves nothing")
	}
	write(sql("UPDATE names_v1 SET name = ''"))
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(sql("UPDATE names_v1 SET n = 2"))
	if holds() {
		t.Error("the name is still there")
	}
}

func BenchmarkReadModels(b *testing.B) { viewstest.Bench(b, suite) }
