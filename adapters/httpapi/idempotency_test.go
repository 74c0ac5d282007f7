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

func TestSameKeyAndBodyIsDoneOnce(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	wish := made.booking("2026-03-06T09:00")
	first := w.must(201, made.staff, "POST", made.path+"/appointments", wish, "Idempotency-Key", "k1")
	head := w.head()
	again := w.must(201, made.staff, "POST", made.path+"/appointments", wish, "Idempotency-Key", "k1")
	if again.raw != first.raw || again.header.Get("ETag") != first.header.Get("ETag") {
		t.Errorf("asked again it answered\n%s instead of\n%s", again.raw, first.raw)
	}
	if again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
		t.Error("only the second answer is a repeat, and says so")
	}
	if w.head() != head {
		t.Error("asked again it did something again")
	}

	other := made.booking("2026-03-06T10:00")
	w.refused(422, "idempotency_key_reused", made.staff, "POST", made.path+"/appointments", other, "Idempotency-Key", "k1")
	w.refused(422, "idempotency_key_reused", made.staff, "POST", made.path+"/clients", object{"name": "Ann"},
		"Idempotency-Key", "k1")
	if w.head() != head {
		t.Error("a key that was used for something else did something")
	}
}

func TestKeysOfTwoAccountsNeverMeet(t *testing.T) {
	w := newWorld(t)
	one, two := w.tenant(), w.tenant()
	mine := w.must(201, one.staff, "POST", one.path+"/clients", object{"name": "Ann"}, "Idempotency-Key", "same")
	theirs := w.must(201, two.staff, "POST", two.path+"/clients", object{"name": "Bea"}, "Idempotency-Key", "same")
	if mine.text("id") == theirs.text("id") {
		t.Errorf("two accounts made the same client %s", mine.text("id"))
	}
}

// TestEffectIsOnceEvenWhenTheAnswerIsLost is a crash between the effect and the keeping of the answer.
func TestEffectIsOnceEvenWhenTheAnswerIsLost(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	for _, step := range []struct {
		path string
		body any
		key  string
	}{
		{"/clients", object{"name": "Ann"}, made.staff},
		{"/appointments", made.booking("2026-03-06T09:00"), made.staff},
		{"/credits/purchases", object{"amount_micro": 1_000_000}, w.admin},
		{"/resources/" + made.resource + "/blocks", object{
			"start": "2026-03-09T11:00:00Z", "end": "2026-03-09T12:00:00Z", "available": false,
		}, made.staff},
	} {
		first := w.must(201, step.key, "POST", made.path+step.path, step.body, "Idempotency-Key", step.path)
		head := w.head()
		clear(w.replies.kept)
		again := w.must(201, step.key, "POST", made.path+step.path, step.body, "Idempotency-Key", step.path)
		if !reflect.DeepEqual(again.body["id"], first.body["id"]) || w.head() != head {
			t.Errorf("%s: asked again it answered %s instead of %s", step.path, again.raw, first.raw)
		}
	}
	booked := w.must(201, made.staff, "POST", made.path+"/appointments", made.booking("2026-03-06T11:00"))
	path := made.path + "/appointments/" + booked.text("id") + "/move"
	w.must(200, made.staff, "POST", path, object{"local": "2026-03-06T12:00"}, "Idempotency-Key", "move")
	head := w.head()
	clear(w.replies.kept)
	w.must(200, made.staff, "POST", path, object{"local": "2026-03-06T12:00"}, "Idempotency-Key", "move")
	if w.head() != head {
		t.Error("the appointment was moved twice")
	}
}

// watched are replies that count how many requests are between asking for an answer and keeping theirs.
type watched struct {
	*replies
	inside, most atomic.Int32
}

func (r *watched) FindReply(ctx context.Context, of domain.AccountID, key string) (httpapi.Reply, bool, error) {
	reply, ok, err := r.replies.FindReply(ctx, of, key)
	if !ok {
		r.most.Store(max(r.most.Load(), r.inside.Add(1)))
		for range 1000 {
			runtime.Gosched() // whoever is let in beside this one comes in now
		}
	}
	return reply, ok, err
}

func (r *watched) KeepReply(ctx context.Context, of domain.AccountID, key string, reply httpapi.Reply) error {
	r.inside.Add(-1)
	return r.replies.KeepReply(ctx, of, key, reply)
}

func TestDuplicatesAtOnceAreDoneOnce(t *testing.T) {
	kept := &watched{replies: &replies{kept: make(map[string]httpapi.Reply)}}
	w := newWorld(t, func(config *httpapi.Config) { config.Replies = kept })
	made := w.tenant()
	const many = 16
	answers := make([]*httptest.ResponseRecorder, many)
	var asking sync.WaitGroup
	for i := range many {
		answers[i] = httptest.NewRecorder()
		r := w.request(made.staff, "POST", made.path+"/clients", object{"name": "Ann"}, "Idempotency-Key", "at-once")
		asking.Go(func() { w.handler.ServeHTTP(answers[i], r) })
	}
	asking.Wait()
	replayed := 0
	for _, got := range answers {
		if got.Code != 201 || got.Body.String() != answers[0].Body.String() {
			t.Errorf("one of the duplicates was answered %d %s", got.Code, got.Body)
		}
		if got.Header().Get("Idempotency-Replayed") == "true" {
			replayed++
		}
	}
	if kept.most.Load() != 1 {
		t.Errorf("%d duplicates were carried out at once", kept.most.Load())
	}
	if replayed != many-1 {
		t.Errorf("%d of %d duplicates were done instead of repeated", many-replayed, many)
	}
	if found := w.must(200, made.staff, "GET", made.path+"/clients?q=Ann", nil).items(); len(found) != 1 {
		t.Errorf("%d clients were registered", len(found))
	}
}

// TestManyForOneSlot lets twenty book the same hour of a room that takes one.
func TestManyForOneSlot(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	const many = 20
	answers := make([]*httptest.ResponseRecorder, many)
	var asking sync.WaitGroup
	for i := range many {
		answers[i] = httptest.NewRecorder()
		r := w.request(made.staff, "POST", made.path+"/appointments", made.booking("2026-03-06T09:00"))
		asking.Go(func() { w.handler.ServeHTTP(answers[i], r) })
	}
	asking.Wait()
	booked := 0
	for _, got := range answers {
		switch got.Code {
		case 201:
			booked++
		case 409, 503:
		default:
			t.Errorf("one was answered %d %s", got.Code, got.Body)
		}
	}
	if booked != 1 {
		t.Errorf("%d were booked", booked)
	}
}

func TestKeyIsShownOnceAndKeptNowhere(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	wish := object{"role": "staff"}
	shown := w.must(201, made.owner, "POST", made.path+"/keys", wish, "Idempotency-Key", "k")
	secret := shown.text("key")
	again := w.must(201, made.owner, "POST", made.path+"/keys", wish, "Idempotency-Key", "k")
	if again.text("key") != "" || again.text("prefix") != shown.text("prefix") {
		t.Errorf("asked again it answered %s", again.raw)
	}
	for _, kept := range w.replies.kept {
		if strings.Contains(string(kept.Response), secret) {
			t.Error("the key was kept with the answer")
		}
	}
	for entry, err := range w.store.ReadAll(t.Context(), httpapiZero, everything) {
		w.ok(err)
		if strings.Contains(string(entry.Data), secret) {
			t.Error("the key is in the log")
		}
	}
	if strings.Contains(w.log.String(), secret) {
		t.Error("the key was written to the program's log")
	}
	clear(w.replies.kept)
	w.refused(409, "key_shown_before", made.owner, "POST", made.path+"/keys", wish, "Idempotency-Key", "k")
}

func TestRefusedValuesAreNotKept(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	clear(w.replies.kept)
	w.refused(422, "phone_invalid", made.staff, "POST", made.path+"/clients",
		object{"name": "Ann", "phone": "+491"}, "Idempotency-Key", "k")
	if len(w.replies.kept) != 0 {
		t.Errorf("a refused value was kept: %v", w.replies.kept)
	}
	w.must(201, made.staff, "POST", made.path+"/clients", object{"name": "Ann"}, "Idempotency-Key", "k")
}

func TestKeepingFailsAndTheEffectStands(t *testing.T) {
	w := newWorld(t, func(config *httpapi.Config) { config.Replies = forgetful{} })
	made := w.tenant()
	w.must(201, made.staff, "POST", made.path+"/clients", object{"name": "Ann"})
}
