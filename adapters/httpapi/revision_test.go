package httpapi_test

import (
	"context"
	"errors"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/domain"
)

var (
	httpapiZero domain.Position
	everything  domain.Filter
)

// forgetful keeps no answer.
type forgetful struct{}

func (forgetful) FindReply(context.Context, domain.AccountID, string) (httpapi.Reply, bool, error) {
	return httpapi.Reply{}, false, nil
}

func (forgetful) KeepReply(context.Context, domain.AccountID, string, httpapi.Reply) error {
	return errors.New("disk full")
}

func TestStaleRevisionChangesNothing(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	path := made.path + "/clients/" + made.client
	read := w.must(200, made.staff, "GET", path, nil).header.Get("ETag")
	if read != `"0"` {
		t.Fatalf("a new client has the ETag %s", read)
	}
	changed := w.must(200, made.staff, "PUT", path, object{"name": "Clara Schumann"}, "If-Match", read)
	head := w.head()
	w.refused(412, "revision_stale", made.staff, "PUT", path, object{"name": "Robert"}, "If-Match", read)
	w.refused(412, "revision_stale", made.staff, "POST", path+"/opt-out", nil, "If-Match", read)
	w.refused(412, "revision_stale", made.staff, "PUT", path, object{"name": "Robert"}, "If-Match", `"7"`)
	w.refused(428, "if_match_missing", made.staff, "PUT", path, object{"name": "Robert"})
	w.refused(400, "if_match_malformed", made.staff, "PUT", path, object{"name": "Robert"}, "If-Match", "0")
	if w.head() != head {
		t.Error("a stale revision changed something")
	}
	w.must(200, made.staff, "POST", path+"/opt-out", nil, "If-Match", changed.header.Get("ETag"))
	w.must(200, made.staff, "PUT", path, object{"name": "Robert"}, "If-Match", "*")
}

func TestStaleRevisionOfAnAppointment(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	booked := w.must(201, made.staff, "POST", made.path+"/appointments", made.booking("2026-03-06T09:00"))
	path, read := made.path+"/appointments/"+booked.text("id"), booked.header.Get("ETag")
	moved := w.must(200, made.staff, "POST", path+"/move", object{"local": "2026-03-06T10:00"}, "If-Match", read)
	head := w.head()
	w.refused(412, "revision_stale", made.staff, "POST", path+"/move", object{"local": "2026-03-06T11:00"}, "If-Match", read)
	w.refused(412, "revision_stale", made.staff, "POST", path+"/cancel", object{"by": "staff"}, "If-Match", read)
	w.refused(412, "revision_stale", made.staff, "POST", path+"/mark", object{"mark": "arrived"}, "If-Match", read)
	if w.head() != head {
		t.Error("a stale revision changed something")
	}
	w.must(200, made.staff, "POST", path+"/cancel", object{"by": "staff"}, "If-Match", moved.header.Get("ETag"))
}

// TestReadsFollowTheirOwnWrites gives no position: the key alone must be enough.
func TestReadsFollowTheirOwnWrites(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	for range 100 {
		id := w.must(201, made.staff, "POST", made.path+"/clients", object{"name": "Ann"}).text("id")
		w.reached = ""
		w.must(200, made.staff, "GET", made.path+"/clients/"+id, nil)
	}
}

func TestReadWaitsForThePositionItIsGiven(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	for range 100 {
		written := w.must(201, made.staff, "POST", made.path+"/clients", object{"name": "Ann"})
		w.reached = ""
		w.must(200, made.owner, "GET", made.path+"/clients/"+written.text("id")+"?after="+written.text("position"), nil)
	}
	w.refused(422, "value_invalid", made.owner, "GET", made.path+"/clients?after=soon", nil)
	given, stop := context.WithCancel(t.Context())
	stop() // nobody waits for what never comes
	r := w.request(made.owner, "GET", made.path+"/clients?after=ffffffffffffffffffffffffffffffff", nil)
	got := w.answered(r.WithContext(given))
	if got.status != 503 || got.text("code") != "views_behind" || got.header.Get("Retry-After") != "1" {
		t.Errorf("a position that never comes was answered %d %s", got.status, got.raw)
	}
}
