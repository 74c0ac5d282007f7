package postgres

import (
	"fmt"
	"testing"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/domain"
)

// TestNewStreamsDoNotScanTheOthers counts the rows of streams that the server reads. The plans of a connection are
// made while the log is short, and kept while it grows.
func TestNewStreamsDoNotScanTheOthers(t *testing.T) {
	const n = 1000
	url := pgtest.URL(t)
	store := openAt(t, url, Options{})
	for i := range n {
		stream := domain.Stream(fmt.Sprintf("client-%d", i))
		mustAppend(t, store, stream, domain.NoStream, 1)
		mustAppend(t, store, stream, 0, 1)
	}
	if err := store.Close(); err != nil { // what a session has looked at is counted at its end at the latest
		t.Fatal(err)
	}
	conn := pgtest.Conn(t, url)
	var made, looked int
	eventually(t, "the server has counted", func() bool {
		err := conn.QueryRow(t.Context(), `SELECT n_tup_ins, seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables
			WHERE schemaname = current_schema() AND relname = 'streams'`).Scan(&made, &looked)
		return err == nil && made == n
	})
	if looked > 10*n {
		t.Errorf("for %d new streams and as many further appends, %d rows were read", n, looked)
	}
}
