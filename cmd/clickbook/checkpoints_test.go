package main

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// Calls of webhooks that are over are forgotten after some weeks. A quiet server must not have so old events left to
// handle again after a kill, so it saves its checkpoints although few events come.
func TestQuietServerSavesItsCheckpoints(t *testing.T) {
	at := installation.Location{Data: t.TempDir()}
	p := openPractice(t, at, time.Now(), practiceClients, 100)
	s := serving(t, at)
	s.key = p.key
	conn, err := sqlite.OpenConn(filepath.Join(at.Data, "state.db"), sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	checkpoint := func() (position string) {
		err := sqlitex.Execute(conn, "SELECT position FROM checkpoints WHERE name = 'webhooks'", &sqlitex.ExecOptions{
			ResultFunc: func(stmt *sqlite.Stmt) error {
				position = stmt.ColumnText(0)
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return position
	}
	waitUntil(t, "the first checkpoint", func() bool { return checkpoint() != "" })
	before := checkpoint()
	if booked := p.send(s, p.request(time.Now(), 0)); booked.status != http.StatusCreated {
		t.Fatalf("a booking got status %d: %s", booked.status, booked.raw)
	}
	waitUntil(t, "a checkpoint after one booking", func() bool { return checkpoint() != before })
}
