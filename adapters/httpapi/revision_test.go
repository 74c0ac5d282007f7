package httpapi_test

import (
	"context"
	"errors"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/domain"
)

// failingReplies stores no reply.
type failingReplies struct{}

func (failingReplies) FindReply(context.Context, domain.AccountID, string) (httpapi.Reply, bool, error) {
	return httpapi.Reply{}, false, nil
}

func (failingReplies) KeepReply(context.Context, domain.AccountID, string, httpapi.Reply) error {
	return errors.New("disk full")
}

func TestStaleRevisionChangesNothing(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/clients/" + acc.client
	read := w.must(200, acc.staff, "GET", path, nil).header.Get("ETag")
	if read != `"0"` {
		t.Fatalf("a new client has the ETag %s", read)
	}
	changed := w.must(200, acc.staff, "PUT", path, object{"name": "Clara Schumann"}, "If-Match", read)
	head := w.head()
	w.refused(412, "revision_stale", acc.staff, "PUT", path, object{"name": "Robert"}, "If-Match", read)
	w.refused(412, "revision_stale", acc.staff, "POST", path+"/opt-out", nil, "If-Match", read)
	w.refused(412, "revision_stale", acc.staff, "PUT", path, object{"name": "Robert"}, "If-Match", `"7"`)
	w.refused(428, "if_match_missing", acc.staff, "PUT", path, object{"name": "Robert"})
	w.refused(400, "if_match_malformed", acc.staff, "PUT", path, object{"name": "Robert"}, "If-Match", "0")
	if w.head() != head {
		t.Error("a stale revision changed something")
	}
	w.must(200, acc.staff, "POST", path+"/opt-out", nil, "If-Match", changed.header.Get("ETag"))
	w.must(200, acc.staff, "PUT", path, object{"name": "Robert"}, "If-Match", "*")
}

func TestStaleRevisionOfAppointmentChangesNothing(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T09:00"))
	path, read := acc.path+"/appointments/"+booked.text("id"), booked.header.Get("ETag")
	moved := w.must(200, acc.staff, "POST", path+"/move", object{"local": "2026-03-06T10:00"}, "If-Match", read)
	head := w.head()
	later := object{"local": "2026-03-06T11:00"}
	w.refused(412, "revision_stale", acc.staff, "POST", path+"/move", later, "If-Match", read)
	w.refused(412, "revision_stale", acc.staff, "POST", path+"/cancel", object{"by": "staff"}, "If-Match", read)
	w.refused(412, "revision_stale", acc.staff, "POST", path+"/mark", object{"mark": "arrived"}, "If-Match", read)
	if w.head() != head {
		t.Error("a stale revision changed something")
	}
	w.must(200, acc.staff, "POST", path+"/cancel", object{"by": "staff"}, "If-Match", moved.header.Get("ETag"))
}

// TestReadsSeeTheCallersWrites gives no position: the key must be enough.
func TestReadsSeeTheCallersWrites(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for range 100 {
		id := w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": "Ann"}).text("id")
		w.position = ""
		w.must(200, acc.staff, "GET", acc.path+"/clients/"+id, nil)
	}
}

func TestReadWaitsForGivenPosition(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for range 100 {
		written := w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": "Ann"})
		w.position = ""
		w.must(200, acc.owner, "GET", acc.path+"/clients/"+written.text("id")+"?after="+written.text("position"), nil)
	}
	w.refused(422, "value_invalid", acc.owner, "GET", acc.path+"/clients?after=soon", nil)
	ended, stop := context.WithCancel(t.Context())
	stop() // so that the test need not wait
	r := w.request(acc.owner, "GET", acc.path+"/clients?after=ffffffffffffffffffffffffffffffff", nil)
	got := w.serve(r.WithContext(ended))
	if got.status != 503 || got.text("code") != "views_behind" || got.header.Get("Retry-After") != "1" {
		t.Errorf("a position beyond the log returned %d %s", got.status, got.raw)
	}
}
