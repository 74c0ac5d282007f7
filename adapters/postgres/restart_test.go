package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/domain"
)

// TestServerRestartsUnderLoad stops and kills the server again and again while two processes append and follow. The
// callers get no errors, no event is lost or doubled, and the followers have seen the whole log in order.
func TestServerRestartsUnderLoad(t *testing.T) {
	restarts := 20
	if testing.Short() {
		restarts = 4
	}
	server := pgtest.Start(t)
	load := &load{t: t, acknowledged: map[uuid.UUID]string{}}
	var appending, following sync.WaitGroup
	finished, finish := context.WithCancel(t.Context())
	stores := []*Store{}
	for range 2 {
		store := openAt(t, server.URL(), Options{Patience: 2 * time.Minute})
		stores = append(stores, store)
		for range 6 {
			appending.Go(func() { load.appendUntil(finished, store) })
		}
		appending.Go(func() { load.readUntil(finished, store) })
	}
	stop := make([]context.CancelFunc, len(stores))
	followed := make([][]string, len(stores))
	reached := make([]atomic.Pointer[domain.Position], len(stores))
	for i, store := range stores {
		var ctx context.Context
		ctx, stop[i] = context.WithCancel(t.Context())
		defer stop[i]()
		following.Go(func() {
			err := store.Subscribe(ctx, domain.Position{}, domain.Filter{}, func(_ context.Context, batch []domain.Entry) error {
				for _, entry := range batch {
					followed[i] = append(followed[i], told(entry))
				}
				reached[i].Store(&batch[len(batch)-1].Position)
				return nil
			})
			if err != nil {
				t.Errorf("follower %d: %v", i, err)
			}
		})
	}
	for round := range restarts {
		load.await(200)
		switch round % 4 {
		case 0, 2:
			server.Stop(true)
		case 1:
			server.Stop(false)
		case 3:
			server.Kill()
		}
		server.Start()
	}
	load.await(200)
	finish()
	appending.Wait()

	all := load.examine(stores[0])
	head, err := stores[0].Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range stores {
		eventually(t, "followers reach the end", func() bool {
			at := reached[i].Load()
			return at != nil && !at.Before(head)
		})
		stop[i]()
	}
	following.Wait()
	for i := range stores {
		if len(followed[i]) != len(all) {
			t.Errorf("follower %d saw %d events of %d", i, len(followed[i]), len(all))
		}
		for n := range min(len(all), len(followed[i])) {
			if followed[i][n] != all[n] {
				t.Fatalf("follower %d saw %s as number %d, the log has %s", i, followed[i][n], n, all[n])
			}
		}
	}
	t.Logf("%d restarts, %d events acknowledged, %d in the log", restarts, len(load.acknowledged), len(all))
}

// load is the work of the callers and the results they got.
type load struct {
	t            *testing.T
	mu           sync.Mutex
	acknowledged map[uuid.UUID]string // stream and revision of each event
	results      atomic.Int64
}

func (l *load) await(more int64) {
	until := l.results.Load() + more
	eventually(l.t, "appends go on", func() bool { return l.results.Load() >= until || l.t.Failed() })
}

// appendUntil appends to its own streams and to a contested one. Some callers give up early and retry.
func (l *load) appendUntil(finished context.Context, store *Store) {
	for n := 0; finished.Err() == nil; n++ {
		mine, expected := domain.Stream("client-"+uuid.NewString()), domain.NoStream
		for i := range 5 {
			if !l.append(store, mine, &expected, some(1+i%3, 100)) {
				return
			}
		}
		const contested = domain.Stream("contested")
		head := domain.NoStream
		for entry, err := range store.ReadStreamBackwards(l.t.Context(), contested) {
			if err != nil {
				l.t.Errorf("read backwards: %v", err)
				return
			}
			head = entry.Revision
			break
		}
		if !l.append(store, contested, &head, some(2, 10)) {
			return
		}
	}
}

func (l *load) append(store *Store, stream domain.Stream, expected *domain.Revision, events []domain.Stored) bool {
	impatient, cancel := context.WithTimeout(l.t.Context(), 50*time.Millisecond)
	appended, err := store.Append(impatient, stream, *expected, events)
	if cancel(); errors.Is(err, context.DeadlineExceeded) {
		appended, err = store.Append(l.t.Context(), stream, *expected, events)
	}
	if errors.Is(err, domain.ErrConflict) && stream == "contested" {
		return true
	}
	if err != nil {
		l.t.Errorf("append: %v", err)
		return false
	}
	if appended.Revision != *expected+domain.Revision(len(events)) {
		l.t.Errorf("append of %d after %d: %v", len(events), *expected, appended)
	}
	l.mu.Lock()
	for i, event := range events {
		l.acknowledged[event.ID] = fmt.Sprintf("%s@%d", stream, *expected+1+domain.Revision(i))
	}
	l.mu.Unlock()
	*expected = appended.Revision
	l.results.Add(1)
	return true
}

// readUntil pages slowly through the log again and again, so that restarts happen between and within pages.
func (l *load) readUntil(finished context.Context, store *Store) {
	var before []string
	for finished.Err() == nil {
		var now []string
		for entry, err := range store.ReadAll(l.t.Context(), domain.Position{}, domain.Filter{}) {
			if err != nil {
				l.t.Errorf("read: %v", err)
				return
			}
			if now = append(now, told(entry)); len(now) <= len(before) && now[len(now)-1] != before[len(now)-1] {
				l.t.Errorf("event %d of the log is %s, it was %s", len(now), now[len(now)-1], before[len(now)-1])
				return
			}
		}
		if len(now) < len(before) {
			l.t.Errorf("the log has %d events, it had %d", len(now), len(before))
		}
		before = now
	}
}

// examine compares the log with the acknowledged appends.
func (l *load) examine(store *Store) (all []string) {
	if err := store.Verify(l.t.Context()); err != nil {
		l.t.Error(err)
	}
	seen := map[uuid.UUID]bool{}
	found := 0
	for entry, err := range store.ReadAll(l.t.Context(), domain.Position{}, domain.Filter{}) {
		if err != nil {
			l.t.Fatal(err)
		}
		if seen[entry.ID] {
			l.t.Errorf("%s is in the log twice", entry.ID)
		}
		seen[entry.ID] = true
		if place, known := l.acknowledged[entry.ID]; known {
			if found++; place != fmt.Sprintf("%s@%d", entry.Stream, entry.Revision) {
				l.t.Errorf("%s is at %s@%d, not at %s", entry.ID, entry.Stream, entry.Revision, place)
			}
		}
		all = append(all, told(entry))
	}
	if found != len(l.acknowledged) {
		l.t.Errorf("the log has %d of %d acknowledged events", found, len(l.acknowledged))
	}
	return all
}

func told(entry domain.Entry) string { return entry.Position.String() + " " + entry.ID.String() }
