package httpapi_test

import (
	"context"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/domain"
)

func TestSameKeyAndBodyHaveOneEffect(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	body := acc.booking("2026-03-06T09:00")
	first := w.must(201, acc.staff, "POST", acc.path+"/appointments", body, "Idempotency-Key", "k1")
	head := w.head()
	again := w.must(201, acc.staff, "POST", acc.path+"/appointments", body, "Idempotency-Key", "k1")
	if again.raw != first.raw || again.header.Get("ETag") != first.header.Get("ETag") {
		t.Errorf("the repeat returned\n%s want\n%s", again.raw, first.raw)
	}
	if again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
		t.Error("only the second response must say that it is a repeat")
	}
	if w.head() != head {
		t.Error("the repeat had an effect")
	}

	other := acc.booking("2026-03-06T10:00")
	w.refused(422, "idempotency_key_reused", acc.staff, "POST", acc.path+"/appointments", other, "Idempotency-Key", "k1")
	w.refused(422, "idempotency_key_reused", acc.staff, "POST", acc.path+"/clients", object{"name": "Ann"},
		"Idempotency-Key", "k1")
	if w.head() != head {
		t.Error("a reused key had an effect")
	}
}

func TestAccountsCanUseTheSameKey(t *testing.T) {
	w := newWorld(t)
	one, two := w.newAccount(), w.newAccount()
	mine := w.must(201, one.staff, "POST", one.path+"/clients", object{"name": "Ann"}, "Idempotency-Key", "same")
	theirs := w.must(201, two.staff, "POST", two.path+"/clients", object{"name": "Bea"}, "Idempotency-Key", "same")
	if mine.text("id") == theirs.text("id") {
		t.Errorf("two accounts registered the same client %s", mine.text("id"))
	}
}

// TestRepeatHasNoEffectWhenReplyIsLost repeats requests after a crash between their effect and storing the reply.
func TestRepeatHasNoEffectWhenReplyIsLost(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for _, step := range []struct {
		path string
		body any
		key  string
	}{
		{"/clients", object{"name": "Ann"}, acc.staff},
		{"/appointments", acc.booking("2026-03-06T09:00"), acc.staff},
		{"/credits/purchases", object{"amount_micro": 1_000_000}, w.admin},
		{"/resources/" + acc.resource + "/blocks", object{
			"start": "2026-03-09T11:00:00Z", "end": "2026-03-09T12:00:00Z", "available": false,
		}, acc.staff},
	} {
		first := w.must(201, step.key, "POST", acc.path+step.path, step.body, "Idempotency-Key", step.path)
		head := w.head()
		clear(w.replies.kept)
		again := w.must(201, step.key, "POST", acc.path+step.path, step.body, "Idempotency-Key", step.path)
		if !reflect.DeepEqual(again.body["id"], first.body["id"]) || w.head() != head {
			t.Errorf("%s: the repeat returned %s, want %s", step.path, again.raw, first.raw)
		}
	}
	booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T11:00"))
	path := acc.path + "/appointments/" + booked.text("id") + "/move"
	w.must(200, acc.staff, "POST", path, object{"local": "2026-03-06T12:00"}, "Idempotency-Key", "move")
	head := w.head()
	clear(w.replies.kept)
	w.must(200, acc.staff, "POST", path, object{"local": "2026-03-06T12:00"}, "Idempotency-Key", "move")
	if w.head() != head {
		t.Error("the repeat moved the appointment again")
	}
}

// countingReplies counts the requests that have found no reply and not yet stored one.
type countingReplies struct {
	*replies
	inside, most atomic.Int32
}

func (r *countingReplies) FindReply(ctx context.Context, of domain.AccountID, key string) (httpapi.Reply, bool, error) {
	reply, ok, err := r.replies.FindReply(ctx, of, key)
	if !ok {
		r.most.Store(max(r.most.Load(), r.inside.Add(1)))
		for range 1000 {
			runtime.Gosched() // give another request the time to overtake
		}
	}
	return reply, ok, err
}

func (r *countingReplies) KeepReply(ctx context.Context, of domain.AccountID, key string, reply httpapi.Reply) error {
	r.inside.Add(-1)
	return r.replies.KeepReply(ctx, of, key, reply)
}

func TestConcurrentDuplicatesHaveOneEffect(t *testing.T) {
	kept := &countingReplies{replies: &replies{kept: make(map[string]httpapi.Reply)}}
	w := newWorld(t, func(config *httpapi.Config) { config.Replies = kept })
	acc := w.newAccount()
	const many = 16
	responses := make([]*httptest.ResponseRecorder, many)
	var running sync.WaitGroup
	for i := range many {
		responses[i] = httptest.NewRecorder()
		r := w.request(acc.staff, "POST", acc.path+"/clients", object{"name": "Ann"}, "Idempotency-Key", "at-once")
		running.Go(func() { w.handler.ServeHTTP(responses[i], r) })
	}
	running.Wait()
	replayed := 0
	for _, got := range responses {
		if got.Code != 201 || got.Body.String() != responses[0].Body.String() {
			t.Errorf("a duplicate returned %d %s", got.Code, got.Body)
		}
		if got.Header().Get("Idempotency-Replayed") == "true" {
			replayed++
		}
	}
	if kept.most.Load() != 1 {
		t.Errorf("%d duplicates ran at once", kept.most.Load())
	}
	if replayed != many-1 {
		t.Errorf("%d of %d duplicates were not answered from the stored reply", many-replayed, many)
	}
	if found := w.must(200, acc.staff, "GET", acc.path+"/clients?q=Ann", nil).items(); len(found) != 1 {
		t.Errorf("%d clients were registered", len(found))
	}
}

// TestOneOfManyConcurrentBookingsWins books the same hour of a room with one unit twenty times.
func TestOneOfManyConcurrentBookingsWins(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	const many = 20
	responses := make([]*httptest.ResponseRecorder, many)
	var running sync.WaitGroup
	for i := range many {
		responses[i] = httptest.NewRecorder()
		r := w.request(acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T09:00"))
		running.Go(func() { w.handler.ServeHTTP(responses[i], r) })
	}
	running.Wait()
	booked := 0
	for _, got := range responses {
		switch got.Code {
		case 201:
			booked++
		case 409, 503:
		default:
			t.Errorf("a booking returned %d %s", got.Code, got.Body)
		}
	}
	if booked != 1 {
		t.Errorf("%d bookings succeeded", booked)
	}
}

func TestKeyIsShownOnceAndStoredNowhere(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	body := object{"role": "staff"}
	shown := w.must(201, acc.owner, "POST", acc.path+"/keys", body, "Idempotency-Key", "k")
	secret := shown.text("key")
	again := w.must(201, acc.owner, "POST", acc.path+"/keys", body, "Idempotency-Key", "k")
	if again.text("key") != "" || again.text("prefix") != shown.text("prefix") {
		t.Errorf("the repeat returned %s", again.raw)
	}
	for _, kept := range w.replies.kept {
		if strings.Contains(string(kept.Response), secret) {
			t.Error("the stored reply contains the key")
		}
	}
	for entry, err := range w.store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		w.ok(err)
		if strings.Contains(string(entry.Data), secret) {
			t.Error("the event log contains the key")
		}
	}
	if strings.Contains(w.log.String(), secret) {
		t.Error("the program's log contains the key")
	}
	clear(w.replies.kept)
	w.refused(409, "key_shown_before", acc.owner, "POST", acc.path+"/keys", body, "Idempotency-Key", "k")
}

func TestRefusedValuesAreNotStored(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	clear(w.replies.kept)
	w.refused(422, "phone_invalid", acc.staff, "POST", acc.path+"/clients",
		object{"name": "Ann", "phone": "+491"}, "Idempotency-Key", "k")
	if len(w.replies.kept) != 0 {
		t.Errorf("the replies contain a refused value: %v", w.replies.kept)
	}
	w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": "Ann"}, "Idempotency-Key", "k")
}

func TestWriteSucceedsWhenReplyCannotBeStored(t *testing.T) {
	w := newWorld(t, func(config *httpapi.Config) { config.Replies = failingReplies{} })
	acc := w.newAccount()
	w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": "Ann"})
}
