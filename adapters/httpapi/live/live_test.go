package live_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/live"
	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
)

var (
	acme  = domain.DeriveID[domain.AccountID]("acme")
	other = domain.DeriveID[domain.AccountID]("other")
	visit = domain.DeriveID[domain.AppointmentID]("visit")
	text  = domain.DeriveID[domain.MessageID]("text")
	anna  = domain.DeriveID[domain.ClientID]("anna")
)

// world is a hub over a log in memory, in a bubble of virtual time.
type world struct {
	t     *testing.T
	store *memory.Store
	codec *domain.Codec
	hub   *live.Hub
	n     int
	ahead chan struct{} // closed when the read models have applied everything
}

func newWorld(t *testing.T) *world {
	t.Helper()
	codec, err := aggregates.NewCodec(domaintest.NewVault())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: memory.New(), codec: codec, ahead: make(chan struct{})}
	close(w.ahead)
	about := map[domain.MessageID]live.About{text: {Account: acme, Appointment: visit}}
	w.hub = live.New(w.store, w, func(context.Context, []domain.MessageID) (map[domain.MessageID]live.About, error) {
		return about, nil
	})
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	go func() { _ = w.hub.Run(ctx) }()
	synctest.Wait()
	return w
}

// Wait implements live.Views.
func (w *world) Wait(ctx context.Context, _ domain.Position) error {
	select {
	case <-w.ahead:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *world) append(account domain.AccountID, stream domain.Stream, event domain.Event) domain.Position {
	w.t.Helper()
	w.n++
	at := time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)
	stored, err := w.codec.Encode(domain.DeriveUUID("event", w.n), event,
		domain.Metadata{Account: account, OccurredAt: at, RecordedAt: at})
	if err != nil {
		w.t.Fatal(err)
	}
	expected := domain.NoStream
	for entry := range w.store.ReadStreamBackwards(w.t.Context(), stream) {
		expected = entry.Revision
		break
	}
	done, err := w.store.Append(w.t.Context(), stream, expected, []domain.Stored{stored})
	if err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
	return done.Position
}

// follow opens a stream, and returns what it has been sent so far and a function that leaves it.
func (w *world) follow(of live.Subscription) (sent func() string, leave func()) {
	w.t.Helper()
	if of.Check == nil {
		of.Check = func(context.Context) error { return nil }
	}
	ctx, stop := context.WithCancel(w.t.Context())
	out, done := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(done)
		if err := w.hub.Serve(ctx, out, of); err != nil {
			w.t.Error(err)
		}
	}()
	synctest.Wait()
	return func() string { synctest.Wait(); return out.Body.String() }, func() { stop(); <-done }
}

// changes returns the data of the changes in a stream.
func changes(sent string) (data []string) {
	for event := range strings.SplitSeq(sent, "\n\n") {
		if _, change, is := strings.Cut(event, "\nevent: change\ndata: "); is {
			data = append(data, change)
		}
	}
	return data
}

func (w *world) registered(account domain.AccountID) domain.Position {
	id := domain.DeriveID[domain.ClientID]("client", w.n)
	return w.append(account, client.Stream(id), client.ClientRegistered{Client: id, Account: account})
}

func TestStreamsHearOfTheirAccountByRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		type told = func() string
		streams := make(map[string]told)
		for name, of := range map[string]live.Subscription{
			"owner": {Account: acme, Role: "owner"}, "staff": {Account: acme, Role: "staff"},
			"billing": {Account: acme, Role: "billing"}, "other": {Account: other, Role: "owner"}, "admin": {Role: "admin"},
		} {
			sent, leave := w.follow(of)
			defer leave()
			streams[name] = sent
		}
		w.append(acme, appointment.StreamOf(visit), appointment.Confirmed{Appointment: visit})
		w.append(acme, message.Stream(text), message.SmsSent{Message: text, Account: acme, Attempt: 1, Provider: "alpha"})
		w.append(domain.AccountID{}, outage.Stream("alpha"), outage.CellOverrideEnded{
			Cell: outage.Cell{Provider: "alpha"}, At: time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC),
		})
		about := fmt.Sprintf(`"appointments":["%s"]`, visit)
		confirmed := `{"topics":["calendar","calls"],` + about + `}`
		sent := `{"topics":["calendar","calls","messages"],` + about + fmt.Sprintf(`,"messages":["%s"]}`, text)
		const over = `{"topics":["outages","providers"]}`
		for name, want := range map[string][]string{
			"owner": {confirmed, sent, over}, "staff": {confirmed, sent, over}, "billing": {`{"topics":["messages"]}`, over},
			"other": {over}, "admin": {confirmed, sent, over},
		} {
			if got := changes(streams[name]()); !slices.Equal(got, want) {
				t.Errorf("%s heard\n%q\nwant\n%q", name, got, want)
			}
		}
	})
}

func TestChangesWaitForTheReadModels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		sent, leave := w.follow(live.Subscription{Account: acme, Role: "owner"})
		defer leave()
		w.ahead = make(chan struct{})
		w.registered(acme)
		if got := changes(sent()); len(got) > 0 {
			t.Errorf("before the read models have the event, the page heard %q", got)
		}
		close(w.ahead)
		if got := changes(sent()); len(got) != 1 {
			t.Errorf("afterwards the page heard %q", got)
		}
	})
}

func TestStreamResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		first := w.registered(acme)
		w.append(acme, appointment.StreamOf(visit), appointment.Confirmed{Appointment: visit})
		last := w.registered(other)
		sent, leave := w.follow(live.Subscription{Account: acme, Role: "owner", After: first})
		leave()
		got := sent()
		if !strings.Contains(got, "id: "+last.String()+"\nevent: ready\n") || len(changes(got)) != 1 ||
			!strings.Contains(got, visit.String()) {
			t.Errorf("after a short break the page heard %q", got)
		}
		for name, after := range map[string]domain.Position{
			"of another log": domain.NewPosition(1_000_000, 0),
			"of long ago":    first,
		} {
			if name == "of long ago" {
				for range 5_001 {
					w.n++
					stored, err := w.codec.Encode(domain.DeriveUUID("event", w.n), client.SmsOptedOut{Client: anna},
						domain.Metadata{Account: acme})
					if err != nil {
						t.Fatal(err)
					}
					stream := client.Stream(domain.DeriveID[domain.ClientID]("many", w.n))
					if _, err := w.store.Append(t.Context(), stream, domain.NoStream, []domain.Stored{stored}); err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait()
			}
			sent, leave := w.follow(live.Subscription{Account: acme, Role: "owner", After: after})
			leave()
			if got := sent(); !strings.Contains(got, "event: reset\n") || len(changes(got)) > 0 {
				t.Errorf("with a position %s the page heard %q", name, got)
			}
		}
	})
}

func TestStreamEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var revoked atomic.Bool
		started := time.Now()
		sent, leave := w.follow(live.Subscription{Account: acme, Role: "owner", Check: func(context.Context) error {
			if revoked.Load() {
				return errors.New("the key is revoked")
			}
			return nil
		}})
		time.Sleep(20 * time.Second)
		if got := sent(); !strings.HasSuffix(got, "event: here\ndata: {}\n\n") {
			t.Errorf("after 20 seconds the page heard %q", got)
		}
		revoked.Store(true)
		leaveAfter := func() time.Duration {
			_, other := w.follow(live.Subscription{Account: acme, Role: "owner"})
			defer other()
			time.Sleep(time.Minute)
			w.registered(acme)
			return time.Since(started)
		}
		leaveAfter()
		if got := changes(sent()); len(got) > 0 {
			t.Errorf("a minute after the key was revoked the page heard %q", got)
		}
		leave()
		_, gone := w.follow(live.Subscription{Account: acme, Role: "owner"})
		w.hub.Close()
		synctest.Wait()
		gone()
		late, gone := w.follow(live.Subscription{Account: acme, Role: "owner"})
		w.registered(acme)
		if got := changes(late()); len(got) > 0 {
			t.Errorf("a closed hub told %q", got)
		}
		gone()
	})
}

func TestStreamsOfAnAccountAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var leave []func()
		for range 200 {
			_, one := w.follow(live.Subscription{Account: acme, Role: "owner"})
			leave = append(leave, one)
		}
		err := w.hub.Serve(t.Context(), httptest.NewRecorder(), live.Subscription{Account: acme, Role: "owner"})
		if !errors.Is(err, live.ErrTooMany) {
			t.Errorf("one more than 200 returned %v", err)
		}
		_, elsewhere := w.follow(live.Subscription{Account: other, Role: "owner"})
		elsewhere()
		leave[0]()
		_, again := w.follow(live.Subscription{Account: acme, Role: "owner"})
		again()
		for _, one := range leave[1:] {
			one()
		}
	})
}

// stuck is a response whose reader takes nothing until it is told to.
type stuck struct {
	*httptest.ResponseRecorder
	read chan struct{}
}

func (s stuck) Write(data []byte) (int, error) { <-s.read; return s.ResponseRecorder.Write(data) }

func TestSlowReaderGetsOneMergedChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		out := stuck{httptest.NewRecorder(), make(chan struct{})}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = w.hub.Serve(ctx, out, live.Subscription{Account: acme, Role: "owner"})
		}()
		synctest.Wait()
		for range 300 {
			id := domain.DeriveID[domain.AppointmentID]("many", w.n)
			w.append(acme, appointment.StreamOf(id), appointment.Confirmed{Appointment: id})
		}
		w.registered(acme)
		close(out.read)
		synctest.Wait()
		stop()
		<-done
		if got := changes(out.Body.String()); !slices.Equal(got, []string{`{"topics":["calendar","calls","clients"]}`}) {
			t.Errorf("the slow page heard %q", got)
		}
	})
}

// TestEveryEventHasTopics fails for a new type of event until topics.go says what it changes.
func TestEveryEventHasTopics(t *testing.T) {
	for _, types := range aggregates.Types() {
		for _, one := range types {
			if !live.Knows(one.Name) {
				t.Errorf("topics.go has no line for %s: say which topics it changes", one.Name)
			}
		}
	}
}
