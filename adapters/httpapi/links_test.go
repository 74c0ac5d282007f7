package httpapi_test

import (
	"strings"
	"testing"
	"time"
)

// token returns the token of the link of an appointment.
func (w *world) token(acc fixture, appointment string) string {
	w.t.Helper()
	manage := w.must(200, acc.staff, "GET", acc.path+"/appointments/"+appointment+"/links", nil).text("manage")
	token, ok := strings.CutPrefix(manage, "https://book.example.org/m/")
	if !ok {
		w.t.Fatalf("the link is %q", manage)
	}
	return token
}

// lesson books a lesson with a cut-off of two hours, and returns its id and the path of its link.
func (w *world) lesson() (acc fixture, appointment, path string) {
	w.t.Helper()
	acc = w.newAccount()
	acc.service = w.must(201, acc.owner, "POST", acc.path+"/services", object{
		"name": "Late lesson", "duration_min": 60, "move_cutoff_min": 120, "cancel_cutoff_min": 120,
		"requirements": []object{{"any_of": []object{{"resource": acc.resource}}}},
	}).text("id")
	appointment = w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T15:00")).text("id")
	return acc, appointment, "/manage/" + w.token(acc, appointment)
}

func TestLinkShowsTheAppointmentAndNotTheClient(t *testing.T) {
	w := newWorld(t)
	_, _, path := w.lesson()
	shown := w.must(200, "", "GET", path, nil)
	if shown.text("service") != "Late lesson" || shown.text("local") != "2026-03-06T15:00:00" || shown.body["can_move"] != true ||
		shown.body["business"].(object)["name"] != "Music school" {
		t.Errorf("the link shows %s", shown.raw)
	}
	if strings.Contains(shown.raw, "Clara") || strings.Contains(shown.raw, "4915123456789") {
		t.Errorf("the link names the client: %s", shown.raw)
	}
}

func TestLinkConfirmsMovesAndCancels(t *testing.T) {
	w := newWorld(t)
	acc, id, path := w.lesson()
	confirmed := w.must(200, "", "POST", path+"/confirm", nil)
	if confirmed.body["confirmed"] != true || confirmed.body["can_confirm"] != false {
		t.Errorf("after the confirmation: %s", confirmed.raw)
	}
	starts := w.must(200, "", "GET", path+"/starts?from=2026-03-09&to=2026-03-10", nil).items()
	if len(starts) != 8 {
		t.Fatalf("there are %d starts on Monday, want 8", len(starts))
	}
	move := object{"start": starts[0]["start"]}
	moved := w.must(200, "", "POST", path+"/move", move, "Idempotency-Key", "once")
	again := w.must(200, "", "POST", path+"/move", move, "Idempotency-Key", "once")
	if moved.text("local") != "2026-03-09T09:00:00" || moved.raw != again.raw || moved.body["confirmed"] != false {
		t.Errorf("after the move: %s\nand again: %s", moved.raw, again.raw)
	}
	cancelled := w.must(200, "", "POST", path+"/cancel", object{"reason": "ill"})
	if cancelled.text("status") != "cancelled" || cancelled.body["can_move"] != false {
		t.Errorf("after the cancellation: %s", cancelled.raw)
	}
	shown := w.must(200, acc.staff, "GET", acc.path+"/appointments/"+id, nil)
	if shown.text("status") != "cancelled" || shown.text("local") != "2026-03-09T09:00:00" {
		t.Errorf("the staff see %s", shown.raw)
	}
}

func TestLinkKeepsToTheCutOff(t *testing.T) {
	w := newWorld(t)
	acc, id, path := w.lesson()
	w.clock = time.Date(2026, 3, 6, 12, 30, 0, 0, time.UTC) // half past one in Berlin
	shown := w.must(200, "", "GET", path, nil)
	if shown.body["can_cancel"] != false || shown.body["can_confirm"] != true {
		t.Errorf("after the cut-off: %s", shown.raw)
	}
	for _, do := range []string{"/move", "/cancel"} {
		body := object{}
		if do == "/move" {
			body["start"] = "2026-03-09T08:00:00Z"
		}
		refused := w.refused(409, "past_cut_off", "", "POST", path+do, body)
		if !strings.Contains(refused.text("detail"), "contact Music school") {
			t.Errorf("%s was refused with %q", do, refused.text("detail"))
		}
	}
	if starts := w.must(200, "", "GET", path+"/starts?from=2026-03-09&to=2026-03-10", nil).items(); len(starts) != 0 {
		t.Errorf("there are %d starts after the cut-off", len(starts))
	}
	if status := w.must(200, acc.staff, "GET", acc.path+"/appointments/"+id, nil).text("status"); status != "booked" {
		t.Errorf("the appointment is %s", status)
	}
}

// Malformed, forged, revoked and expired tokens get the same problem, but for the id of the request.
func TestInvalidLinksAreTheSame(t *testing.T) {
	w := newWorld(t)
	acc, id, path := w.lesson()
	problem := func(path string) string {
		got := w.refused(404, "link_invalid", "", "GET", path, nil)
		delete(got.body, "request")
		return got.text("title") + got.text("detail") + got.text("field")
	}
	want := problem("/manage/nonsense")
	forged := path[:len(path)-1] + "A"
	if forged == path {
		forged = path[:len(path)-1] + "Q"
	}
	w.must(200, acc.staff, "POST", acc.path+"/appointments/"+id+"/links/revoke", nil)
	fresh := "/manage/" + w.token(acc, id)
	w.must(200, "", "GET", fresh, nil)
	for what, bad := range map[string]string{"forged": forged, "revoked": path, "long": path + strings.Repeat("A", 500)} {
		if got := problem(bad); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	for do, body := range map[string]any{
		"/confirm": nil, "/cancel": object{}, "/move": object{"start": "2026-03-09T08:00:00Z"},
	} {
		w.refused(404, "link_invalid", "", "POST", path+do, body)
	}
	w.clock = time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC)
	if got := problem(fresh); got != want {
		t.Errorf("expired: %q, want %q", got, want)
	}
}

func TestReadingALinkChangesNothing(t *testing.T) {
	w := newWorld(t)
	_, _, path := w.lesson()
	before := w.head()
	for _, read := range []string{"", "/starts?from=2026-03-09&to=2026-03-10"} {
		w.must(200, "", "GET", path+read, nil)
	}
	if w.head() != before {
		t.Error("reading a link appended an event")
	}
}

func TestAddressesAreBounded(t *testing.T) {
	w := newWorld(t)
	for range 60 {
		w.must(404, "", "GET", "/manage/nonsense", nil)
	}
	refused := w.refused(429, "too_many_requests", "", "GET", "/manage/nonsense", nil)
	if refused.header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After is %q", refused.header.Get("Retry-After"))
	}
	w.must(200, "", "GET", "/health", nil)
	w.clock = w.clock.Add(time.Minute)
	w.must(404, "", "GET", "/manage/nonsense", nil)
}

func TestContactedIsRecordedOnce(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/messages/" + w.sent(acc).String()
	first := w.must(200, acc.staff, "POST", path+"/contacted", nil)
	second := w.must(200, acc.staff, "POST", path+"/contacted", nil)
	if first.body["revision"] != second.body["revision"] {
		t.Errorf("it was recorded twice: %s, %s", first.raw, second.raw)
	}
	events := w.must(200, acc.staff, "GET", path, nil).body["events"].([]any)
	if last := events[len(events)-1].(object); last["type"] != "ContactedManually" {
		t.Errorf("the last event is %v", last["type"])
	}
}
