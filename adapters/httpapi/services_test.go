package httpapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// addRoom adds another room that is open from nine to five on weekdays.
func (w *world) addRoom(acc fixture, name string) string {
	w.t.Helper()
	added := w.must(201, acc.owner, "POST", acc.path+"/resources", object{"name": name, "kind": "room"})
	w.must(200, acc.owner, "PUT", acc.path+"/resources/"+added.text("id")+"/hours", object{
		"zone":  "Europe/Berlin",
		"hours": []object{{"days": []int{1, 2, 3, 4, 5}, "from": "09:00", "to": "17:00"}},
	}, "If-Match", added.header.Get("ETag"))
	return added.text("id")
}

// anyOf returns a requirement that one unit of any of these resources meets.
func anyOf(resources ...string) object {
	choices := make([]object, len(resources))
	for i, id := range resources {
		choices[i] = object{"resource": id}
	}
	return object{"any_of": choices}
}

func policy(name string, requirements ...object) object {
	return object{"name": name, "duration_min": 60, "requirements": requirements}
}

func TestNamedResourceOutsideTheServiceIsRefused(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	service := acc.path + "/services/" + acc.service
	other, retired := w.addRoom(acc, "Room 2"), w.addRoom(acc, "Room 3")
	shown := w.must(200, acc.owner, "GET", service, nil)
	w.must(200, acc.owner, "PUT", service, policy("Lesson", anyOf(acc.resource, retired)),
		"If-Match", shown.header.Get("ETag"))
	w.must(200, acc.owner, "POST", acc.path+"/resources/"+retired+"/retire", nil)
	at := url.QueryEscape("2026-03-06T09:00:00Z")
	booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T09:00")).text("id")
	for _, named := range []struct {
		resource, code string
		status         int
	}{
		{other, "resource_not_offered", 422},
		{retired, "resource_not_offered", 422},
		{uuid.NewString(), "resource_unknown", 404},
		{w.newAccount().resource, "resource_unknown", 404},
	} {
		for _, r := range []*http.Request{
			w.request(acc.staff, "POST", acc.path+"/appointments", object{
				"client": acc.client, "service": acc.service, "local": "2026-03-06T10:00", "resource": named.resource,
			}),
			w.request(acc.staff, "POST", acc.path+"/appointments/"+booked+"/move",
				object{"local": "2026-03-06T11:00", "resource": named.resource}),
			w.request(acc.staff, "GET", service+"/starts?from=2026-03-06&to=2026-03-07&resource="+named.resource, nil),
			w.request(acc.staff, "GET", service+"/explanation?at="+at+"&resource="+named.resource, nil),
		} {
			got := w.serve(r)
			if got.status != named.status || got.text("code") != named.code || got.text("field") != "resource" {
				t.Errorf("%s %s returned %d: %s", r.Method, r.URL.Path, got.status, got.raw)
			}
		}
	}
}

// A person who can meet either of two needs meets one of them, not both.
func TestNamedResourceMeetsOneOfSeveralNeeds(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	ann, bob := w.addRoom(acc, "Ann"), w.addRoom(acc, "Bob")
	pair := w.must(201, acc.owner, "POST", acc.path+"/services", policy("Duo", anyOf(ann, bob), anyOf(ann, bob))).text("id")
	query := "from=2026-03-06&to=2026-03-07&resource=" + bob
	items := w.must(200, acc.staff, "GET", acc.path+"/services/"+pair+"/starts?"+query, nil).items()
	if len(items) != 8 {
		t.Fatalf("the day has %d starts with Bob, want 8", len(items))
	}
	booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", object{
		"client": acc.client, "service": pair, "local": "2026-03-06T09:00", "resource": bob,
	})
	shown := w.must(200, acc.staff, "GET", acc.path+"/appointments/"+booked.text("id"), nil)
	if !strings.Contains(shown.raw, ann) || !strings.Contains(shown.raw, bob) {
		t.Errorf("the duo takes %s", shown.raw)
	}
}

func TestServiceWithResourcesThatCannotBeBookedIsRefused(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	retired := w.addRoom(acc, "Room 3")
	w.must(200, acc.owner, "POST", acc.path+"/resources/"+retired+"/retire", nil)
	service := acc.path + "/services/" + acc.service
	etag := w.must(200, acc.owner, "GET", service, nil).header.Get("ETag")
	for what, id := range map[string]string{
		"unknown": uuid.NewString(), "another account's": w.newAccount().resource, "retired": retired,
	} {
		wrong := policy("Lesson", anyOf(acc.resource), anyOf(acc.resource, id))
		for _, r := range []*http.Request{
			w.request(acc.owner, "POST", acc.path+"/services", wrong),
			w.request(acc.owner, "PUT", service, wrong, "If-Match", etag),
		} {
			got := w.serve(r)
			if got.status != 422 || got.text("code") != "service_resource_invalid" ||
				got.text("field") != "requirements.1.any_of.1.resource" {
				t.Errorf("%s with a resource that is %s returned %d: %s", r.Method, what, got.status, got.raw)
			}
		}
	}
}

// Sending the same definition again is safe even when one of its resources has been retired since.
func TestRepeatedDefinitionIsNotCheckedAgain(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	room := w.addRoom(acc, "Room 2")
	define := func() result {
		return w.must(201, acc.owner, "POST", acc.path+"/services", policy("Solo", anyOf(room)), "Idempotency-Key", "solo")
	}
	first := define()
	w.must(200, acc.owner, "POST", acc.path+"/resources/"+room+"/retire", nil)
	clear(w.replies.kept)
	if again := define(); again.text("id") != first.text("id") {
		t.Errorf("the repeat defined another service: %s", again.raw)
	}
}
