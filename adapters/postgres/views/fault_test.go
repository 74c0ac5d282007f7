package views_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/postgres/views"
	"github.com/clickbook/clickbook/adapters/viewstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// TestServerRestartsDuringWrites stops and kills the server, and ends sessions, during the work.
func TestServerRestartsDuringWrites(t *testing.T) {
	server := pgtest.Start(t)
	own, schemas := suite, 0
	own.New = func(t testing.TB) string {
		schemas++
		return pgtest.With(t, server.URL(), "schema", []string{"", "undisturbed", "disturbed"}[schemas])
	}
	viewstest.Disturbed(t, own, 9, func(n int) {
		switch n % 3 {
		case 0:
			ask[bool](t, server.URL(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
		case 1:
			server.Stop(false)
			server.Start()
		case 2:
			server.Kill()
			server.Start()
		}
	})
}

func TestLostCommitIsDoneOnce(t *testing.T) {
	for name, delivered := range map[string]bool{"its reply is lost": true, "it never arrives": false} {
		t.Run(name, func(t *testing.T) {
			line := newLine(t)
			own := suite
			own.New = func(t testing.TB) string { return line.through(pgtest.URL(t)) }
			viewstest.Lost(t, own, func() { line.cut(delivered) })
			if line.cuts < 3 {
				t.Errorf("only %d commits were lost: the test proves nothing", line.cuts)
			}
		})
	}
}

// line is a proxy that can cut a connection at a commit.
type line struct {
	t        testing.TB
	listener net.Listener

	mu        sync.Mutex
	server    string
	armed     bool
	delivered bool // the server hears the commit
	cuts      int
}

func newLine(t testing.TB) *line {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{t: t, listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(client)
		}
	}()
	return l
}

// through returns a URL that connects through the line.
func (l *line) through(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		l.t.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.server, parsed.Host = parsed.Host, l.listener.Addr().String()
	return parsed.String()
}

func (l *line) cut(delivered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed, l.delivered = true, delivered
}

// isCut reports once that a message is the commit to be lost, and whether the server receives it.
func (l *line) isCut(message []byte) (cut, delivered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.armed || !bytes.Contains(message, []byte("commit\x00")) {
		return false, false
	}
	l.armed = false
	l.cuts++
	return true, l.delivered
}

func (l *line) carry(client net.Conn) {
	defer client.Close()
	l.mu.Lock()
	address := l.server
	l.mu.Unlock()
	server, err := net.Dial("tcp", address)
	if err != nil {
		l.t.Error(err)
		return
	}
	defer server.Close()
	lost := make(chan struct{})
	go func() {
		defer client.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			if err != nil {
				return
			}
			select {
			case <-lost: // the server has replied, so it has committed
				return
			default:
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		cut, delivered := l.isCut(buffer[:n])
		if cut && !delivered {
			return
		}
		if cut {
			close(lost)
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
		if cut {
			_, _ = io.Copy(io.Discard, client) // until the other direction has closed it
			return
		}
	}
}

// TestServerThatStaysAwayIsUnavailable checks the error when patience ends, and when the context has ended already.
func TestServerThatStaysAwayIsUnavailable(t *testing.T) {
	server := pgtest.Start(t)
	db, err := views.Open(t.Context(), server.URL(), views.Options{Patience: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	server.Stop(false)
	ask := func(ctx context.Context) error {
		for _, err := range db.Query(ctx, "SELECT 1") {
			return err
		}
		return nil
	}
	write := func(ctx context.Context) error {
		return db.Write(ctx, func(tx readmodel.Tx) error { return tx.Exec(ctx, "DELETE FROM nowhere_v1") })
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, try := range map[string]func(context.Context) error{"ask": ask, "write": write, "purge": db.Purge} {
		if err := try(t.Context()); !errors.Is(err, domain.ErrUnavailable) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s returned %v", name, err)
		}
		if err := try(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("%s without time returned %v", name, err)
		}
	}
	server.Start()
	for _, err := range db.Query(t.Context(), "SELECT 1") {
		if err != nil {
			t.Errorf("the server is back, and a query returned %v", err)
		}
	}
}

func TestSchemaIsLockedToOneProcess(t *testing.T) {
	place := pgtest.URL(t)
	db, err := suite.Open(place)
	if err != nil {
		t.Fatal(err)
	}
	_, err = suite.Open(place)
	var said *fault.Fault
	if !errors.Is(err, views.ErrLocked) || !errors.As(err, &said) || !strings.Contains(said.Sentence, "another process") {
		t.Errorf("a second open returned %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = suite.Open(place); err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
