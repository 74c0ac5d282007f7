package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// visitorsDirectory is the visiting.Directory of the read models.
type visitorsDirectory struct {
	w     *world
	views *projector.Projector
	read  projections.Reader
}

func (d visitorsDirectory) ServicesOf(
	ctx context.Context, account domain.AccountID,
) (ids []domain.ServiceID, err error) {
	if err := d.views.Wait(ctx, d.w.head()); err != nil {
		return nil, err
	}
	rows, err := d.read.Services.All(ctx, account)
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids, err
}

func (d visitorsDirectory) ClientsWith(
	ctx context.Context, account domain.AccountID, email string,
) (ids []domain.ClientID, err error) {
	if err := d.views.Wait(ctx, d.w.head()); err != nil {
		return nil, err
	}
	rows, err := d.read.Clients.Find(ctx, account, email, readmodel.NameCursor{}, 10)
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids, err
}

// openPage switches the booking page of an account on, and returns its path.
func (w *world) openPage(acc fixture, settings object) string {
	w.t.Helper()
	shown := w.must(200, acc.owner, "GET", acc.path+"/page", nil)
	settings["on"] = true
	w.must(200, acc.owner, "PUT", acc.path+"/page", settings, "If-Match", shown.header.Get("ETag"))
	return "/public/" + acc.id
}

// hold holds a start as a visitor, and returns the path of the hold.
func (w *world) hold(acc fixture, page, start string) (result, string) {
	w.t.Helper()
	held := w.must(201, "", "POST", page+"/holds", object{"service": acc.service, "start": start})
	return held, page + "/holds/" + held.text("hold")
}

var visitor = object{"name": "Ben Okri", "email": "ben@example.com", "note": "My first lesson"}

func (w *world) visitors(acc fixture) {
	page, service := "/public/music-school", "/services/"+acc.service
	listed := w.must(200, "", "GET", page+"/services", nil)
	if one := listed.items()[0]; one["name"] != "Lesson" || one["questions"].([]any)[0].(object)["id"] != "age" {
		w.t.Errorf("the page offers %s", listed.raw)
	}
	w.must(200, "", "GET", page+service+"/staff", nil)
	days := w.must(200, "", "GET", page+service+"/days?from=2026-03-12&days=7", nil)
	if len(days.items()) != 7 || days.items()[0]["free"] != 8.0 || days.items()[2]["free"] != 0.0 {
		w.t.Errorf("the days are %s", days.raw)
	}
	starts := w.must(200, "", "GET", page+service+"/starts?date=2026-03-12&zone=America/New_York", nil)
	if starts.items()[0]["local"] != "2026-03-12T04:00:00" {
		w.t.Errorf("the starts are %s", starts.raw)
	}
	_, first := w.hold(acc, page, "2026-03-12T08:00:00Z")
	w.must(200, "", "DELETE", first, nil)
	_, hold := w.hold(acc, page, "2026-03-12T08:00:00Z")
	if shown := w.must(200, "", "GET", hold, nil); shown.body["seconds_left"] != 600.0 {
		w.t.Errorf("the hold is %s", shown.raw)
	}
	if longer := w.must(200, "", "POST", hold+"/extend", nil); longer.body["seconds_left"] != 1200.0 {
		w.t.Errorf("the extended hold is %s", longer.raw)
	}
	w.clock = w.clock.Add(time.Minute)
	form := object{"name": "Ben Okri", "phone": "0151 23456780", "responses": object{"age": "9"}}
	booked := w.must(200, "", "POST", hold+"/book", form)
	if !strings.Contains(booked.raw, `"status":"booked"`) || !strings.Contains(booked.raw, links.ManagePath) {
		w.t.Errorf("booked %s", booked.raw)
	}
	calendar := acc.path + "/calendar?from=2026-03-12&to=2026-03-13&after=" + w.head().String()
	listed = w.must(200, acc.staff, "GET", calendar, nil)
	id, _ := listed.items()[0]["appointment"].(string)
	notes := w.must(200, acc.staff, "GET", acc.path+"/appointments/"+id+"/notes", nil).items()
	if len(notes) != 1 || notes[0]["text"] != "How old is the pupil?\n9" {
		w.t.Errorf("the staff read %v", notes)
	}
	w.confirmVisitor(acc)
}

// confirmVisitor books by the link in the email.
func (w *world) confirmVisitor(acc fixture) {
	w.t.Helper()
	page := w.openPage(acc, object{"confirm_email": true})
	held, hold := w.hold(acc, page, "2026-03-13T08:00:00Z")
	w.clock = w.clock.Add(time.Minute)
	asked := w.must(200, "", "POST", hold+"/book", visitor)
	if asked.body["confirm_email"] != true || asked.body["booked"] != nil || asked.body["seconds_left"] != 1800.0 {
		w.t.Errorf("a booking to confirm is %s", asked.raw)
	}
	confirmed := w.must(200, "", "POST", page+"/confirm/"+w.keepToken(held.text("hold")), nil)
	if !strings.Contains(confirmed.raw, `"status":"booked"`) {
		w.t.Errorf("confirmed %s", confirmed.raw)
	}
}

// keepToken returns the token of the link in the email for a hold.
func (w *world) keepToken(hold string) string {
	w.t.Helper()
	all := links.Links{Engine: w.engine, Keys: domaintest.NewVault()}
	id, err := all.OpenHold(hold)
	w.ok(err)
	return strings.TrimPrefix(all.Keep(id), links.KeepPath)
}

func TestClosedAndSwitchedOffPagesAreUnknown(t *testing.T) {
	w := newWorld(t)
	off, closed := w.newAccount(), w.newAccount()
	page := w.openPage(closed, object{})
	_, hold := w.hold(closed, page, "2026-03-12T08:00:00Z")
	w.must(200, w.admin, "POST", closed.path+"/close", nil)
	bodies := make(map[string]bool)
	for _, path := range []string{
		"/public/" + off.id + "/services", page + "/services", "/public/" + uuid.NewString() + "/services",
		"/public/no-such-page/services", "/public/-/services", hold,
	} {
		got := w.refused(404, "page_unknown", "", "GET", path, nil)
		bodies[fmt.Sprint(got.text("detail"), got.text("code"))] = true
	}
	if len(bodies) != 1 {
		t.Errorf("the refusals differ: %v", bodies)
	}
}

// TestPublicResponsesHaveNoPrivateValues plants private values and looks for them in every response a visitor can get.
func TestPublicResponsesHaveNoPrivateValues(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	zoe := w.must(201, acc.owner, "POST", acc.path+"/resources", object{
		"name": "Zoe", "kind": "staff", "email": "planted-staff@example.com",
	})
	w.must(200, acc.owner, "PUT", acc.path+"/resources/"+zoe.text("id")+"/hours", object{
		"zone": "Europe/Berlin", "hours": []object{{"days": []int{1, 2, 3, 4, 5}, "from": "09:00", "to": "17:00"}},
	}, "If-Match", zoe.header.Get("ETag"))
	acc.service = w.must(201, acc.owner, "POST", acc.path+"/services", object{
		"name": "Duet", "duration_min": 60, "per_client": 1, "requirements": []object{
			{"any_of": []object{{"resource": zoe.text("id")}}}, {"any_of": []object{{"resource": acc.resource}}},
		},
	}).text("id")
	page := w.openPage(acc, object{})
	taken := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T10:00")).text("id")
	planted := []string{
		"Clara", "Wieck", "4915123456789", "clara@example.com", "planted-staff@example.com",
		"ann@example.com", taken, acc.client,
	}
	service := page + "/services/" + acc.service
	_, hold := w.hold(acc, page, "2026-03-06T10:00:00Z")
	w.clock = w.clock.Add(time.Minute)
	clara := object{"name": "Somebody", "email": "clara@example.com", "phone": "+4915123456789"}
	requests := []struct {
		method, path string
		body         any
	}{
		{"GET", page + "/services", nil},
		{"GET", service + "/staff", nil},
		{"GET", service + "/days?from=2026-03-05", nil},
		{"GET", service + "/days?zone=" + acc.client, nil},
		{"GET", service + "/starts?date=2026-03-06", nil},
		{"GET", service + "/starts?date=2026-03-06&staff=" + acc.resource, nil},
		{"GET", page + "/services/" + uuid.NewString() + "/staff", nil},
		{"POST", page + "/holds", object{"service": acc.service, "start": "2026-03-06T09:00:00Z"}}, // Clara's
		{"POST", page + "/holds", object{"service": acc.service, "start": "2026-03-06T09:17:00Z"}},
		{"POST", page + "/holds", object{"service": acc.service, "start": "2026-03-06T03:00:00Z"}},
		{"GET", hold, nil},
		{"GET", page + "/holds/" + taken, nil},
		{"POST", hold + "/extend", nil},
		{"POST", hold + "/book", object{"name": ""}},
		{"POST", hold + "/book", clara},
		{"POST", hold + "/book", clara},
		{"GET", hold, nil},
		{"DELETE", hold, nil},
		{"POST", page + "/confirm/AAAA", nil},
	}
	for _, r := range requests {
		got := w.call("", r.method, r.path, r.body)
		sent := fmt.Sprint(r.path, r.body)
		for _, private := range planted {
			if strings.Contains(got.raw, private) && !strings.Contains(sent, private) {
				t.Errorf("%s %s shows %s: %s", r.method, r.path, private, got.raw)
			}
		}
		if got.status >= 500 {
			t.Errorf("%s %s returned %s", r.method, r.path, got.raw)
		}
	}
	if booked := w.must(200, "", "GET", hold, nil); booked.body["booked"] == nil {
		t.Errorf("somebody with the address of a client could not book: %s", booked.raw)
	}
}

func TestTakenStartReturnsAlternatives(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	page := w.openPage(acc, object{})
	w.hold(acc, page, "2026-03-12T10:00:00Z")
	got := w.refused(409, "slot_taken", "", "POST", page+"/holds",
		object{"service": acc.service, "start": "2026-03-12T10:00:00Z"})
	if others, _ := got.body["alternatives"].([]any); len(others) != 3 {
		t.Errorf("a taken start returned %s", got.raw)
	}
}

func TestVisitorSeesTheirOwnStartAsFree(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	page := w.openPage(acc, object{})
	held, _ := w.hold(acc, page, "2026-03-12T10:00:00Z")
	path := page + "/services/" + acc.service + "/starts?date=2026-03-12"
	for query, want := range map[string]int{"": 7, "&hold=" + held.text("hold"): 8} {
		if n := len(w.must(200, "", "GET", path+query, nil).items()); n != want {
			t.Errorf("with %q there are %d starts, want %d", query, n, want)
		}
	}
}

func TestStaffLearnUntilWhenAStartIsHeld(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.hold(acc, w.openPage(acc, object{}), "2026-03-12T10:00:00Z")
	got := w.refused(409, "slot_taken", acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-12T11:00"))
	want := "Room 1 is held until 09:10 for a visitor of the booking page"
	if !strings.HasPrefix(got.text("detail"), want) {
		t.Errorf("the staff read %q, want %q", got.text("detail"), want)
	}
}

func TestHoldThatIsOverComesWithANewOne(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	page := w.openPage(acc, object{})
	_, hold := w.hold(acc, page, "2026-03-12T10:00:00Z")
	w.must(200, "", "DELETE", hold, nil)
	w.clock = w.clock.Add(time.Hour)
	got := w.refused(409, "held_again", "", "POST", hold+"/book", visitor)
	again, _ := got.body["hold"].(object)
	if again["start"] != "2026-03-12T10:00:00Z" || again["seconds_left"] != 600.0 {
		t.Fatalf("the new hold is %s", got.raw)
	}
	w.clock = w.clock.Add(time.Minute)
	path := fmt.Sprint(page, "/holds/", again["hold"], "/book")
	first := w.must(200, "", "POST", path, visitor)
	if second := w.must(200, "", "POST", path, visitor); second.raw != first.raw {
		t.Errorf("booked %s, and again %s", first.raw, second.raw)
	}
}

func TestFormsOfProgramsAreRefused(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	page := w.openPage(acc, object{})
	_, hold := w.hold(acc, page, "2026-03-12T10:00:00Z")
	w.refused(409, "form_too_fast", "", "POST", hold+"/book", visitor)
	w.clock = w.clock.Add(3 * time.Second)
	trapped := object{"name": "Ben", "email": "ben@example.com", "website": "https://spam.example"}
	w.refused(422, "form_trap", "", "POST", hold+"/book", trapped)
	w.must(200, "", "POST", hold+"/book", visitor)
}

func TestHoldNeedsAKeyThatNobodyElseHas(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	page := w.openPage(acc, object{})
	wanted := object{"service": acc.service, "start": "2026-03-12T10:00:00Z"}
	w.refused(422, "value_invalid", "", "POST", page+"/holds", wanted, "Idempotency-Key", "1")
	key := uuid.NewString()
	first := w.must(201, "", "POST", page+"/holds", wanted, "Idempotency-Key", key)
	if again := w.must(201, "", "POST", page+"/holds", wanted, "Idempotency-Key", key); again.raw != first.raw {
		t.Errorf("held %s, and again %s", first.raw, again.raw)
	}
}

func TestHoldsOfAnAddressAreLimited(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	page := w.openPage(acc, object{})
	var hold string
	for hour := range 5 {
		_, hold = w.hold(acc, page, fmt.Sprintf("2026-03-12T%02d:00:00Z", 8+hour))
	}
	next := object{"service": acc.service, "start": "2026-03-12T14:00:00Z"}
	w.refused(409, "too_many_holds", "", "POST", page+"/holds", next)
	w.must(200, "", "DELETE", hold, nil)
	w.must(201, "", "POST", page+"/holds", next)
}

func TestRequestsOfAnAddressAreLimited(t *testing.T) {
	w := newWorld(t)
	page := w.openPage(w.newAccount(), object{})
	for range 60 {
		w.must(200, "", "GET", page+"/services", nil)
	}
	w.refused(429, "too_many_requests", "", "GET", page+"/services", nil)
}

func TestOtherSitesCallOnlyWhereThePageAllowsThem(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	page := openapi.Base + w.openPage(acc, object{"sites": []string{"https://www.example.org"}})
	for site, allowed := range map[string]bool{
		"https://www.example.org": true, "https://example.org": false, "http://www.example.org": false, "null": false,
	} {
		for _, method := range []string{http.MethodGet, http.MethodOptions} {
			r := httptest.NewRequestWithContext(t.Context(), method, page+"/services", nil)
			r.Header.Set("Origin", site)
			out := httptest.NewRecorder()
			w.handler.ServeHTTP(out, r)
			if got := out.Header().Get("Access-Control-Allow-Origin"); (got == site) != allowed || got == "*" {
				t.Errorf("%s from %s allows %q, want allowed %t", method, site, got, allowed)
			}
			if got := out.Header().Get("Access-Control-Allow-Credentials"); got != "" {
				t.Errorf("%s from %s allows credentials", method, site)
			}
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, openapi.Base+acc.path+"/services", nil)
	r.Header.Set("Origin", "https://www.example.org")
	out := httptest.NewRecorder()
	w.handler.ServeHTTP(out, r)
	if got := out.Header().Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("an operation with a key allows %q", got)
	}
}

func TestHoldOfAnotherPageIsUnknown(t *testing.T) {
	w := newWorld(t)
	mine, other := w.newAccount(), w.newAccount()
	_, hold := w.hold(mine, w.openPage(mine, object{}), "2026-03-12T10:00:00Z")
	elsewhere := strings.Replace(hold, mine.id, other.id, 1)
	w.openPage(other, object{})
	w.refused(404, "link_invalid", "", "GET", elsewhere, nil)
	w.refused(404, "link_invalid", "", "POST", elsewhere+"/book", visitor)
	w.refused(404, "link_invalid", "", "DELETE", elsewhere, nil)
}

func TestLongNamesAreAcceptedOrRefusedInOneSentence(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	page := w.openPage(acc, object{})
	_, hold := w.hold(acc, page, "2026-03-12T10:00:00Z")
	w.clock = w.clock.Add(time.Minute)
	long := strings.Repeat("\U0001F469\u200d\U0001F467 \u0645\u0631\u062d\u0628\u0627 ", 34)
	got := w.refused(422, "text_too_long", "", "POST", hold+"/book", object{"name": long, "email": "ben@example.com"})
	if got.text("field") != "name" {
		t.Errorf("a long name returned %s", got.raw)
	}
	short := "\U0001F469\u200d\U0001F467 \u0645\u0631\u062d\u0628\u0627"
	w.must(200, "", "POST", hold+"/book", object{"name": short, "email": "ben@example.com"})
}
