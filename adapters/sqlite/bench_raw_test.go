package sqlite

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	driver "zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/domain"
)

const (
	benchCallers = 64
	benchStream  = 10     // events in a stream
	benchRound   = 20_000 // events in a round
)

// seededDir is removed by TestMain.
var seededDir string

var seeded = sync.OnceValues(func() (string, error) {
	events := 500_000
	if text := os.Getenv("CLICKBOOK_BENCH_SEED"); text != "" {
		var err error
		if events, err = strconv.Atoi(text); err != nil {
			return "", err
		}
	}
	var err error
	if seededDir, err = os.MkdirTemp("", "clickbook-bench"); err != nil {
		return "", err
	}
	path := filepath.Join(seededDir, "seed.db")
	file, err := dbfile.Open(path, kind)
	if err != nil {
		return "", err
	}
	defer file.Close()
	conn, err := file.Conn("synchronous=OFF", "cache_size=-262144")
	if err != nil {
		return "", err
	}
	defer conn.Close()
	bare := newBare(conn)
	for bare.position < int64(events) {
		if err := bare.round(10_000, 1000); err != nil {
			return "", err
		}
	}
	return path, nil
})

// seed copies the seeded log, which is made once a run.
func seed(b *testing.B) string {
	b.Helper()
	from, err := seeded()
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "events.db")
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		b.Fatal(err)
	}
	if err := out.Sync(); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

var benchData, benchMeta = func() ([]byte, []byte) {
	text := make([]byte, 400)
	for i := range text {
		text[i] = "0123456789abcdef-\": {}"[rand.IntN(22)]
	}
	return text[:300], text[300:]
}()

func benchEvents(n int) []domain.Stored {
	events := make([]domain.Stored, n)
	for i := range events {
		events[i] = domain.Stored{ID: uuid.New(), Type: "SmsSent", Data: benchData, Meta: benchMeta}
	}
	return events
}

// bare is the raw limit: one loop that knows everything beforehand, asks nothing and serves nobody.
type bare struct {
	conn                          *driver.Conn
	begin, commit, stream, insert *driver.Stmt
	position                      int64
	streams                       [benchCallers]struct{ id, next int64 }
}

func newBare(conn *driver.Conn) *bare {
	l := &bare{
		conn: conn, begin: conn.Prep("BEGIN IMMEDIATE"), commit: conn.Prep("COMMIT"),
		stream: conn.Prep("INSERT INTO streams (name) VALUES (?)"),
		insert: conn.Prep(`INSERT INTO events (position, stream, revision, category, type, rest, id, data, meta)
			VALUES (?, ?, ?, 1, 1, 0, ?, ?, ?)`),
	}
	last := conn.Prep("SELECT coalesce(max(position), 0) FROM events")
	if _, err := last.Step(); err != nil {
		panic(err)
	}
	l.position = last.ColumnInt64(0)
	if err := last.Reset(); err != nil {
		panic(err)
	}
	if l.position == 0 {
		if err := exec(conn.Prep("INSERT INTO words (word) VALUES ('message-'), ('SmsSent')")); err != nil {
			panic(err)
		}
	}
	return l
}

// round inserts n events in groups, one event of each of 64 streams after another.
func (l *bare) round(n, group int) error {
	for done := 0; done < n; done += group {
		if err := exec(l.begin); err != nil {
			return err
		}
		for i := range min(group, n-done) {
			if err := l.one((done + i) % benchCallers); err != nil {
				return err
			}
		}
		if err := exec(l.commit); err != nil {
			return err
		}
	}
	return nil
}

func (l *bare) one(caller int) error {
	s := &l.streams[caller]
	if s.next%benchStream == 0 {
		l.stream.BindText(1, "message-"+uuid.NewString())
		if err := exec(l.stream); err != nil {
			return err
		}
		s.id, s.next = l.conn.LastInsertRowID(), 0
	}
	l.position++
	id := uuid.New()
	l.insert.BindInt64(1, l.position)
	l.insert.BindInt64(2, s.id)
	l.insert.BindInt64(3, s.next)
	l.insert.BindBytes(4, id[:])
	l.insert.BindBytes(5, benchData)
	l.insert.BindBytes(6, benchMeta)
	s.next++
	return exec(l.insert)
}

func openBench(b *testing.B, path string) *Store {
	b.Helper()
	store, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	return store
}

func openBare(b *testing.B, path string) *bare {
	b.Helper()
	file, err := dbfile.Open(path, kind)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := file.Conn("synchronous=FULL", fmt.Sprintf("wal_autocheckpoint=%d", checkpointPages),
		"cache_size=-262144")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		conn.Close()
		file.Close()
	})
	return newBare(conn)
}

// callers append n events in all, one at a time, to streams of their own; every append's time comes back.
func callers(b *testing.B, store *Store, count, n int) []time.Duration {
	times := make([][]time.Duration, count)
	var group sync.WaitGroup
	for caller := range count {
		group.Go(func() {
			var stream domain.Stream
			for i := range n / count {
				if i%benchStream == 0 {
					stream = domain.Stream("message-" + uuid.NewString())
				}
				event := benchEvents(1)
				start := time.Now()
				if _, err := store.Append(b.Context(), stream, domain.Revision(i%benchStream-1), event); err != nil {
					b.Error(err)
					return
				}
				times[caller] = append(times[caller], time.Since(start))
			}
		})
	}
	group.Wait()
	return slices.Concat(times...)
}

func quantile(times []time.Duration, q float64) float64 {
	slices.Sort(times)
	return float64(times[int(q*float64(len(times)-1))]) / float64(time.Millisecond)
}
