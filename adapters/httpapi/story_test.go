package httpapi_test

import (
	"context"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
)

// TestEveryOperationWorks goes through the month of a school. It fails if it has left an operation of the document out.
func TestEveryOperationWorks(t *testing.T) {
	w := newWorld(t)
	w.installation()
	acc := w.newAccount()
	w.settings(acc)
	w.resources(acc)
	w.clients(acc)
	w.appointments(acc)
	w.links(acc)
	w.visitors(acc)
	w.work(acc)
	w.downloads(acc)
	w.texts(acc)
	w.bounce(acc)
	w.refundWindows()
	w.outages()
	w.demo()
	w.apiKeys(acc)
	w.webhooks(acc)
	w.peopleStory(acc)
	w.must(200, acc.owner, "POST", acc.path+"/services/"+acc.service+"/retire", nil)
	w.must(200, acc.owner, "POST", acc.path+"/resources/"+acc.resource+"/retire", nil)
	w.must(200, acc.owner, "POST", acc.path+"/services/"+acc.service+"/reinstate", nil)
	w.must(200, acc.owner, "POST", acc.path+"/resources/"+acc.resource+"/reinstate", nil)
	w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-13T09:00"))
	w.approvals(acc)
	w.must(200, acc.owner, "POST", acc.path+"/templates/reminder/sms/preview", object{})
	w.must(200, acc.owner, "POST", acc.path+"/close", nil)
	w.refused(409, "account_closed", acc.staff, "POST", acc.path+"/clients", object{"name": "Late"})

	for path, item := range document().Paths.Map() {
		for method, described := range item.Operations() {
			if !w.done[described.OperationID] {
				t.Errorf("no call of %s (%s %s) succeeded", described.OperationID, method, path)
			}
		}
	}
}

func (w *world) approvals(acc fixture) {
	for local, decision := range map[string]string{"2026-03-13T10:00": "approve", "2026-03-13T11:00": "decline"} {
		wanted := acc.booking(local)
		wanted["approval"] = true
		id := w.must(201, acc.staff, "POST", acc.path+"/appointments", wanted).text("id")
		w.must(200, acc.staff, "POST", acc.path+"/appointments/"+id+"/"+decision, object{"notify": false})
	}
}

func (w *world) installation() {
	if health := w.must(200, "", "GET", "/health", nil); health.text("carriers") != "simulated" {
		w.t.Errorf("health does not say that texts are simulated: %s", health.raw)
	}
	w.must(200, "", "GET", "/version", nil)
	if me := w.must(200, w.admin, "GET", "/whoami", nil); me.text("role") != "admin" {
		w.t.Errorf("whoami returned %s", me.raw)
	}
	w.must(202, w.admin, "POST", "/rebuild", object{"read_models": []string{"calendar"}})
	w.refused(409, "rebuild_running", w.admin, "POST", "/rebuild", object{})
	if last := w.must(200, w.admin, "GET", "/rebuild", nil); last.text("state") != "running" {
		w.t.Errorf("the rebuild is shown as %s", last.raw)
	}
	for _, name := range []string{"alpha", "beta"} {
		w.must(201, w.admin, "POST", "/providers", object{"provider": name, "kind": "simulated"})
	}
	w.must(200, w.admin, "POST", "/providers/beta/disable", object{"reason": "invoice"})
	w.must(200, w.admin, "POST", "/providers/beta/enable", nil)
	w.carriers()
	w.must(200, w.admin, "PUT", "/routes/DE", object{"providers": []string{"alpha", "beta"}})
	w.must(200, w.admin, "POST", "/routes/DE/switch", object{"provider": "beta", "reason": "outage"})
	if routes := w.must(200, w.admin, "GET", "/routes", nil).items(); routes[0]["switched_to"] != "beta" ||
		routes[0]["switched_by"] == "" || routes[0]["switched_at"] == nil || routes[0]["reason"] != "outage" {
		w.t.Errorf("the route is not switched: %v", routes)
	}
	w.must(200, w.admin, "POST", "/routes/DE/restore", object{"reason": "over"})
	if providers := w.must(200, w.admin, "GET", "/providers", nil).items(); len(providers) != 3 {
		w.t.Errorf("there are three providers, not %v", providers)
	}
}

func (w *world) settings(acc fixture) {
	if listed := w.must(200, w.admin, "GET", "/accounts", nil).items(); listed[0]["id"] != acc.id {
		w.t.Errorf("the account is not listed: %v", listed)
	}
	shown := w.must(200, acc.staff, "GET", acc.path, nil)
	done := w.must(200, acc.owner, "PUT", acc.path+"/settings", object{
		"name": "Music school North", "zone": "Europe/Berlin", "locale": "de-DE", "country": "DE",
	}, "If-Match", shown.header.Get("ETag"))
	done = w.must(200, acc.owner, "PUT", acc.path+"/reminder-rules", object{
		"rules": []object{{"id": "day-before", "lead_min": 1440, "channel": "sms"}},
	}, "If-Match", done.header.Get("ETag"))
	text := "{client}: {service} {date} {time}"
	w.must(200, acc.owner, "PUT", acc.path+"/templates/reminder/sms", object{"text": text},
		"If-Match", done.header.Get("ETag"))
	shown = w.must(200, acc.owner, "GET", acc.path, nil)
	if rules := shown.body["reminder_rules"].([]any); len(rules) != 1 || len(shown.body["templates"].([]any)) != 1 {
		w.t.Errorf("want one rule and one template: %s", shown.raw)
	}
	limits := w.must(200, acc.owner, "GET", acc.path+"/text-limits", nil)
	w.must(200, acc.owner, "PUT", acc.path+"/text-limits", object{
		"countries": []string{"DE", "AT"}, "per_day_micro": 50_000_000, "possible_duplicates": true,
	}, "If-Match", limits.header.Get("ETag"))
	limits = w.must(200, acc.owner, "GET", acc.path+"/text-limits", nil)
	if limits.text("countries") == "" && !strings.Contains(limits.raw, `"AT"`) {
		w.t.Errorf("the limits are shown as %s", limits.raw)
	}
	w.bookingPage(acc)
}

func (w *world) bookingPage(acc fixture) {
	shown := w.must(200, acc.owner, "GET", acc.path+"/page", nil)
	if shown.body["revision"] != -1.0 || shown.body["settings"].(object)["on"] != false {
		w.t.Errorf("a page that was never set is shown as %s", shown.raw)
	}
	done := w.must(200, acc.owner, "PUT", acc.path+"/page", object{
		"on": true, "address": "music-school", "colour": "#0B5F58", "sites": []string{"https://www.example.org/"},
		"services": []string{acc.service}, "greeting": "Welcome", "policy": "Please cancel a day before.",
		"questions": []object{{"id": "age", "text": "How old is the pupil?", "kind": "short", "required": true}},
	}, "If-Match", shown.header.Get("ETag"))
	done = w.must(200, acc.owner, "PUT", acc.path+"/page/logo", object{"picture": onePixel},
		"If-Match", done.header.Get("ETag"))
	shown = w.must(200, acc.owner, "GET", acc.path+"/page", nil)
	for _, want := range []string{
		`"colour":"#0b5f58"`, `"sites":["https://www.example.org"]`, `/book/music-school"`, `"type":"image/png"`, `"age"`,
	} {
		if !strings.Contains(shown.raw, want) {
			w.t.Errorf("the page has no %s: %s", want, shown.raw)
		}
	}
	w.must(200, acc.owner, "DELETE", acc.path+"/page/logo", nil, "If-Match", done.header.Get("ETag"))
	if shown = w.must(200, acc.owner, "GET", acc.path+"/page", nil); strings.Contains(shown.raw, "image/png") {
		w.t.Errorf("the logo was not removed: %s", shown.raw)
	}
}

// onePixel is a PNG picture in Base64.
const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func (w *world) resources(acc fixture) {
	path := acc.path + "/resources/" + acc.resource
	shown := w.must(200, acc.staff, "GET", path, nil)
	w.must(200, acc.owner, "PUT", path, object{"name": "Hall", "kind": "room", "units": 2},
		"If-Match", shown.header.Get("ETag"))
	block := w.must(201, acc.staff, "POST", path+"/blocks", object{
		"start": "2026-03-06T11:00:00Z", "end": "2026-03-06T12:00:00Z", "available": false,
	})
	if shown = w.must(200, acc.staff, "GET", path, nil); len(shown.body["blocks"].([]any)) != 1 {
		w.t.Errorf("want one time block: %s", shown.raw)
	}
	w.must(200, acc.staff, "DELETE", path+"/blocks/"+block.text("id"), nil)
	w.must(201, acc.staff, "POST", path+"/blocks", object{
		"local_start": "2026-03-06T11:00", "local_end": "2026-03-06T12:00:00", "available": false,
	})
	shown = w.must(200, acc.staff, "GET", path, nil)
	local := shown.body["blocks"].([]any)[0].(object)
	if local["local_start"] != "2026-03-06T11:00:00" || local["local_end"] != "2026-03-06T12:00:00" {
		w.t.Errorf("want the block at the local times that were given: %v", local)
	}
	w.must(200, acc.staff, "DELETE", path+"/blocks/"+local["id"].(string), nil)
	for _, wrong := range []object{
		{"local_start": "2026-03-06T11:00", "available": false},
		{"local_start": "2026-03-06T11:00", "start": "2026-03-06T11:00:00Z", "end": "2026-03-06T12:00:00Z", "available": false},
		{"local_start": "2026-02-30T11:00", "local_end": "2026-03-06T12:00", "available": false},
	} {
		if got := w.call(acc.staff, "POST", path+"/blocks", wrong); got.status != 400 && got.status != 422 {
			w.t.Errorf("%v gets %d, want a refusal: %s", wrong, got.status, got.raw)
		}
	}
	w.must(200, acc.staff, "GET", acc.path+"/resources", nil)
	shown = w.must(200, acc.staff, "GET", acc.path+"/services/"+acc.service, nil)
	policy := shown.body["policy"].(object)
	policy["cancel_cutoff_min"] = 60
	w.must(200, acc.owner, "PUT", acc.path+"/services/"+acc.service, policy, "If-Match", shown.header.Get("ETag"))
	if listed := w.must(200, acc.staff, "GET", acc.path+"/services", nil).items(); listed[0]["version"] != 2.0 {
		w.t.Errorf("want version 2 of the service: %v", listed)
	}
}

func (w *world) clients(acc fixture) {
	path := acc.path + "/clients/" + acc.client
	if found := w.must(200, acc.staff, "GET", acc.path+"/clients?q=wie", nil).items(); len(found) != 1 {
		w.t.Errorf("the search by name found %v", found)
	}
	shown := w.must(200, acc.staff, "GET", path, nil)
	w.must(200, acc.staff, "PUT", path, object{"name": "Clara Schumann", "phone": "0151 23456789"},
		"If-Match", shown.header.Get("ETag"))
	w.must(200, acc.staff, "POST", path+"/opt-out", nil)
	w.must(200, acc.staff, "POST", path+"/opt-in", nil)
	gone := w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": "Gone Tomorrow"}).text("id")
	w.must(200, acc.owner, "POST", acc.path+"/clients/"+gone+"/erase", nil)
	erased := w.must(200, acc.staff, "GET", acc.path+"/clients/"+gone, nil)
	if erased.body["erased"] != true || erased.body["contact"].(object)["name"] != "" {
		w.t.Errorf("the erased client is shown as %s", erased.raw)
	}
}

func (w *world) links(acc fixture) {
	booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T15:00"))
	id := booked.text("id")
	w.must(200, acc.staff, "POST", acc.path+"/appointments/"+id+"/links/revoke", nil)
	path := "/manage/" + w.token(acc, id)
	w.must(200, "", "GET", path, nil)
	starts := w.must(200, "", "GET", path+"/starts?from=2026-03-06&to=2026-03-07", nil).items()
	w.must(200, "", "POST", path+"/move", object{"start": starts[0]["start"]})
	w.must(200, "", "POST", path+"/confirm", nil)
	w.must(200, "", "POST", path+"/cancel", object{})
}

func (w *world) appointments(acc fixture) {
	starts := w.must(200, acc.staff, "GET",
		acc.path+"/services/"+acc.service+"/starts?from=2026-03-06&to=2026-03-07", nil)
	if items := starts.items(); len(items) != 8 || items[0]["local"] != "2026-03-06T09:00:00" {
		w.t.Errorf("want eight starts from 9 to 16: %v", items)
	}
	booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T09:00"))
	path := acc.path + "/appointments/" + booked.text("id")
	explained := w.must(200, acc.staff, "GET",
		acc.path+"/services/"+acc.service+"/explanation?at=2026-03-07T09:00:00Z", nil)
	if explained.body["bookable"] != false || len(explained.body["reasons"].([]any)) == 0 {
		w.t.Errorf("the explanation of a Saturday is %s", explained.raw)
	}
	w.must(200, acc.staff, "GET", acc.path+"/services/"+acc.service+"/explanation?at=2026-03-06T10:00:00Z", nil)
	w.must(200, acc.staff, "POST", path+"/move", object{"local": "2026-03-06T10:00"})
	w.must(200, acc.staff, "POST", path+"/mark", object{"mark": "confirmed"})
	shown := w.must(200, acc.staff, "GET", path, nil)
	if shown.text("local") != "2026-03-06T10:00:00" || shown.body["sequence"] != 1.0 || shown.body["confirmed"] != true {
		w.t.Errorf("after the move the appointment is %s", shown.raw)
	}
	due := w.must(200, acc.staff, "GET", acc.path+"/reminders", nil).items()
	if len(due) != 1 || due[0]["rule"] != "day-before" || due[0]["due_at"] != "2026-03-05T09:00:00Z" {
		w.t.Errorf("want the reminder of the day before: %v", due)
	}
	day := w.must(200, acc.staff, "GET", acc.path+"/calendar?from=2026-03-06&to=2026-03-07&resource="+acc.resource, nil)
	if entries := day.items(); len(entries) != 1 || entries[0]["client_name"] != "Clara Schumann" {
		w.t.Errorf("the calendar of the day has %v", entries)
	}
	w.must(200, acc.staff, "GET", acc.path+"/calendar/days?from=2026-03-06&to=2026-03-07", nil)
	w.must(200, acc.billing, "GET", acc.path+"/summary", nil)
	for operation, key := range map[string]string{"followChanges": acc.billing, "followAllChanges": w.admin} {
		path := map[string]string{"followChanges": acc.path + "/changes", "followAllChanges": "/changes"}[operation]
		w.done[operation] = strings.Contains(w.must(200, key, "GET", path, nil).raw, "event: ready")
	}
	sheet := base64.StdEncoding.EncodeToString([]byte("client,start\nAna,2026-03-06T12:00\n"))
	imported := w.must(202, acc.owner, "POST", acc.path+"/imports", object{"file": sheet, "dates": "dmy"})
	imported = w.must(200, acc.owner, "GET", acc.path+"/imports/"+imported.text("id"), nil)
	guesses, warnings := []any{object{"client": "Ana", "rows": 2.0}}, []any{object{"line": 2.0, "text": "no phone"}}
	if imported.body["booked"] != 1.0 || imported.text("report") != "dmy 00:00-24:00" || imported.body["warned"] != 1.0 ||
		!reflect.DeepEqual(imported.body["guesses"], guesses) || !reflect.DeepEqual(imported.body["warnings"], warnings) {
		w.t.Errorf("the import is shown as %s", imported.raw)
	}
	w.must(200, acc.staff, "GET", path+"/history", nil)
	w.must(200, acc.staff, "POST", path+"/cancel", object{"by": "client", "reason": "ill"})
	if shown = w.must(200, acc.staff, "GET", path, nil); shown.text("status") != "cancelled" {
		w.t.Errorf("after the cancellation the appointment is %s", shown.raw)
	}
	back := w.must(200, acc.staff, "POST", path+"/reinstate", nil)
	if back.text("status") != "booked" || back.text("local") != "2026-03-06T10:00:00" || back.body["sequence"] != 3.0 {
		w.t.Errorf("the reinstated appointment is %s", back.raw)
	}
	due = w.must(200, acc.staff, "GET", acc.path+"/reminders", nil).items()
	if len(due) != 1 || due[0]["sequence"] != 3.0 {
		w.t.Errorf("want the reminder of the reinstated appointment: %v", due)
	}
	w.must(200, acc.staff, "POST", path+"/cancel", object{"by": "client", "reason": "ill"})
	listed := w.must(200, acc.staff, "GET", acc.path+"/clients/"+acc.client+"/appointments", nil).items()
	if len(listed) != 1 || listed[0]["status"] != "cancelled" {
		w.t.Errorf("the client's appointments are %v", listed)
	}
}

// work takes a day off over an appointment, and settles it.
func (w *world) work(acc fixture) {
	booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T09:00"))
	path := acc.path + "/appointments/" + booked.text("id")
	block := w.must(201, acc.staff, "POST", acc.path+"/resources/"+acc.resource+"/blocks",
		object{"start": "2026-03-09T00:00:00Z", "end": "2026-03-10T00:00:00Z", "available": false})
	if listed := w.must(200, acc.staff, "GET", acc.path+"/work", nil).items(); len(listed) != 1 {
		w.t.Errorf("the work list is %v", listed)
	}
	w.must(200, acc.staff, "POST", path+"/resolve", object{"note": "a colleague steps in"})
	if count := w.must(200, acc.staff, "GET", acc.path+"/work/count", nil); count.body["total"] != 0.0 {
		w.t.Errorf("after it was resolved the count is %s", count.raw)
	}
	if alerts := w.must(200, acc.staff, "GET", acc.path+"/alerts", nil).items(); len(alerts) != 0 {
		w.t.Errorf("the alerts are %v", alerts)
	}
	if calls := w.must(200, acc.staff, "GET", acc.path+"/call-sheet", nil).items(); len(calls) != 0 {
		w.t.Errorf("the call sheet is %v", calls)
	}
	w.must(200, acc.staff, "POST", path+"/cancel", object{"by": "staff"})
	w.must(200, acc.staff, "DELETE", acc.path+"/resources/"+acc.resource+"/blocks/"+block.text("id"), nil)
}

// texts buys credits, sends one text and reads what became of it.
func (w *world) texts(acc fixture) {
	w.must(201, w.admin, "POST", acc.path+"/credits/purchases", object{"amount_micro": 5_000_000})
	w.must(201, w.admin, "POST", acc.path+"/credits/grants",
		object{"amount_micro": 1_000_000, "expires_at": "2026-04-01T00:00:00Z"})
	id := w.sent(acc)
	if balance := w.must(200, acc.owner, "GET", acc.path+"/credits", nil); balance.body["owned_micro"] != 5_000_000.0 {
		w.t.Errorf("want five of six credits: %s", balance.raw)
	}
	w.must(201, w.admin, "POST", acc.path+"/credits/refunds",
		object{"message": id.String(), "amount_micro": 400_000, "reason": "kindness"})
	captured := w.must(200, acc.billing, "GET", acc.path+"/credits/lines?kind=capture&kind=hold", nil).items()
	price := object{
		"country": "DE", "segments": 1.0, "unit_price_micro": 1_000_000.0, "price_micro": 1_000_000.0, "price_list": 1.0,
	}
	if len(captured) != 2 || !reflect.DeepEqual(captured[0]["price"], map[string]any(price)) {
		w.t.Errorf("the ledger shows the charge as %v", captured)
	}
	w.must(200, acc.billing, "GET", acc.path+"/credits/windows", nil)
	lines := w.must(200, acc.billing, "GET", acc.path+"/credits/lines?kind=refund", nil).items()
	if len(lines) != 1 || lines[0]["amount_micro"] != 400_000.0 {
		w.t.Errorf("the ledger has the refund as %v", lines)
	}
	w.must(200, acc.billing, "GET", acc.path+"/credits/explain?message="+id.String(), nil)
	w.tables(acc)
	w.must(200, acc.owner, "POST", acc.path+"/feeds/rotate", object{})
	w.must(200, acc.owner, "GET", acc.path+"/feeds", nil)
	w.must(200, acc.owner, "POST", acc.path+"/feeds/off", object{})
	listed := w.must(200, acc.staff, "GET", acc.path+"/messages?state=delivered&provider=alpha&country=DE", nil).items()
	if len(listed) != 1 || listed[0]["id"] != id.String() {
		w.t.Errorf("the message history is %v", listed)
	}
	w.must(200, w.admin, "GET", "/messages?state=delivered,sent&account="+acc.id, nil)
	story := w.must(200, acc.staff, "GET", acc.path+"/messages/"+id.String(), nil)
	events := story.body["events"].([]any)
	if first := events[0].(object); len(events) != 4 || first["facts"].(object)["text"] != "Tomorrow at nine" {
		w.t.Errorf("the events of the message are %s", story.raw)
	}
	w.must(200, acc.staff, "POST", acc.path+"/messages/"+id.String()+"/contacted", nil)
	report := w.must(200, acc.staff, "GET", acc.path+"/deliveries?from=2026-03-01&to=2026-04-01", nil)
	if total := report.body["total"].(object); total["delivered"] != 1.0 || total["latency_p50_s"] != 5.0 {
		w.t.Errorf("the delivery report is %s", report.raw)
	}
	w.must(200, w.admin, "GET", "/deliveries?from=2026-03-01&to=2026-04-01", nil)
}

// sent sends a text as the handlers of policies do, without a provider.
func (w *world) sent(acc fixture) domain.MessageID {
	w.t.Helper()
	owner, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	whom, err := domain.ParseID[domain.ClientID](acc.client)
	w.ok(err)
	id := domain.DeriveID[domain.MessageID]("story")
	because := credit.Because{Account: acc.id, Cause: "story", RecordedAt: w.clock}
	origin := commands.ForAccount(owner, domain.Actor{})
	for _, cmd := range []domain.Command{
		message.QueueReminder{Message: id, Rule: "day-before", Letter: message.Letter{
			Account: owner, Client: whom, Channel: message.SMS, To: domain.Secret("+4915123456789"), Country: "DE",
			Text: domain.Secret("Tomorrow at nine"), UnitPrice: 1_000_000, ScheduledFor: w.clock,
			UsefulUntil: w.clock.Add(time.Hour),
		}},
		credit.Hold{Because: because, Message: id.String(), Segments: 1, UnitPrice: 1_000_000, Country: "DE", Home: "UTC"},
		message.StartAttempt{
			Message: id, Attempt: 1, Provider: "alpha", Country: "DE", Reference: messaging.ReferenceOf(id, 1), At: w.clock,
		},
		message.Accept{Message: id, Attempt: 1, ProviderID: "a1", At: w.clock},
		credit.Accept{Because: because, Message: id.String(), Attempt: 1, Provider: "alpha", SentAt: w.clock},
		message.Report{Message: id, Attempt: 1, State: "delivered", At: w.clock.Add(3 * time.Second)},
	} {
		_, err := w.engine.Do(context.Background(), origin, cmd)
		w.ok(err)
	}
	return id
}

func (w *world) refundWindows() {
	terms := object{
		"bounds": object{"start_date": "2026-03-01", "days": 14, "zone": "America/Sao_Paulo"},
		"scope":  object{"countries": []string{"DE"}},
	}
	preview := w.must(200, w.admin, "POST", "/windows/preview", terms)
	if preview.body["messages"] != 1.0 || preview.body["refunded_micro"] != 600_000.0 {
		w.t.Errorf("want the rest of one message: %s", preview.raw)
	}
	declared := w.must(201, w.admin, "POST", "/windows", terms)
	path := "/windows/" + declared.text("id")
	shown := w.must(200, w.admin, "GET", path, nil)
	if kept := shown.body["preview"].(object); kept["refunded_micro"] != 600_000.0 {
		w.t.Errorf("want the preview of the declaration: %s", shown.raw)
	}
	amendment := object{"bounds": object{"start": "2026-03-01T00:00:00Z", "end": "2026-03-02T00:00:00Z"}}
	w.must(200, w.admin, "POST", path+"/preview", amendment)
	w.must(200, w.admin, "PUT", path, amendment, "If-Match", shown.header.Get("ETag"))
	w.must(200, w.admin, "POST", path+"/revoke/preview", object{})
	w.must(200, w.admin, "POST", path+"/revoke", object{})
	if listed := w.must(200, w.admin, "GET", "/windows", nil).items(); listed[0]["state"] != "revoked" {
		w.t.Errorf("want a revoked window: %v", listed)
	}
}

func (w *world) apiKeys(acc fixture) {
	issued := w.must(201, acc.owner, "POST", acc.path+"/keys", object{"role": "staff", "label": "front desk"})
	w.must(200, issued.text("key"), "GET", acc.path+"/services", nil)
	if listed := w.must(200, acc.owner, "GET", acc.path+"/keys", nil).items(); len(listed) != 4 {
		w.t.Errorf("want four keys: %v", listed)
	}
	w.must(200, acc.owner, "DELETE", acc.path+"/keys/"+issued.text("prefix"), nil)
	w.refused(401, "key_unknown", issued.text("key"), "GET", acc.path+"/services", nil)
	second := w.must(201, w.admin, "POST", "/keys", object{"role": "admin"})
	w.must(200, second.text("key"), "GET", "/keys", nil)
	w.must(200, w.admin, "DELETE", "/keys/"+second.text("prefix"), nil)
}

func (w *world) webhooks(acc fixture) {
	terms := object{"url": "https://example.com/hook", "topics": []string{"messages"}}
	added := w.must(201, acc.owner, "POST", acc.path+"/webhooks", terms)
	path := acc.path + "/webhooks/" + added.text("id")
	listed := w.must(200, acc.owner, "GET", acc.path+"/webhooks", nil)
	terms["topics"] = []string{"clients", "appointments"}
	w.must(200, acc.owner, "PUT", path, terms, "If-Match", listed.header.Get("ETag"))
	w.must(201, acc.owner, "POST", path+"/secret", nil)
	w.must(202, acc.owner, "POST", path+"/test", nil)
	w.must(200, acc.owner, "GET", path+"/deliveries", nil)
	w.must(200, acc.owner, "POST", path+"/disable", nil)
	w.must(200, acc.owner, "POST", path+"/enable", nil)
	w.must(200, acc.owner, "DELETE", path, nil)
}
