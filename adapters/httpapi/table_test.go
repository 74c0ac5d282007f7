package httpapi_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/clickbook/clickbook/domain"
)

// routeOf is one line of the route table, as the document has it.
type routeOf struct {
	method, path string
	roles        []string
	described    *openapi3.Operation
}

// routeTable is every operation of the document.
func routeTable(t *testing.T) []routeOf {
	t.Helper()
	var table []routeOf
	for path, item := range document().Paths.Map() {
		for method, described := range item.Operations() {
			one := routeOf{method: method, path: path, described: described}
			for _, role := range described.Extensions["x-roles"].([]any) {
				one.roles = append(one.roles, role.(string))
			}
			table = append(table, one)
		}
	}
	slices.SortFunc(table, func(a, b routeOf) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return table
}

var inBraces = regexp.MustCompile(`\{(\w+)\}`)

// address fills in the path and what its query must have.
func (r routeOf) address(values map[string]string) string {
	path := inBraces.ReplaceAllStringFunc(r.path, func(name string) string { return values[strings.Trim(name, "{}")] })
	query := map[string]string{
		"listStarts": "?from=2026-03-06&to=2026-03-07", "showCalendar": "?from=2026-03-06&to=2026-03-07",
		"explainStart": "?at=2026-03-06T09:00:00Z", "reportDeliveries": "?from=2026-03-06&to=2026-03-07",
		"reportAllDeliveries": "?from=2026-03-06&to=2026-03-07",
	}
	return path + query[r.described.OperationID]
}

// body is a small value that the document allows.
func (r routeOf) body(values map[string]string) any {
	if r.described.RequestBody == nil {
		return nil
	}
	return sample("", r.described.RequestBody.Value.Content["application/json"].Schema.Value, values)
}

// plain are texts that fit where the document's form alone does not say enough.
var plain = map[string]string{
	"name": "Ann", "reason": "because", "zone": "Europe/Berlin", "locale": "de-DE", "local": "2026-03-06T09:00",
	"from": "09:00", "to": "17:00", "start": "2026-03-06T09:00:00Z", "end": "2026-03-06T10:00:00Z",
	"expires_at": "2026-04-01T00:00:00Z", "text": "{client}, {date}", "id": "day-before",
}

func sample(name string, schema *openapi3.Schema, values map[string]string) any {
	switch {
	case schema.Type.Is("object"):
		made := object{}
		for property, of := range schema.Properties {
			if slices.Contains(schema.Required, property) || property == "local" {
				made[property] = sample(property, of.Value, values)
			}
		}
		return made
	case schema.Type.Is("array"):
		return []any{sample(name, schema.Items.Value, values)}
	case schema.Type.Is("boolean"):
		return true
	case schema.Type.Is("integer"):
		return 1
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case plain[name] != "":
		return plain[name]
	case values[name] != "":
		return values[name]
	}
	return values["provider"] // of a list of names
}

// things are the ids of one account's things.
func (w *world) things(made tenant) map[string]string {
	w.t.Helper()
	booked := w.must(201, made.staff, "POST", made.path+"/appointments", made.booking("2026-03-06T15:00"))
	block := w.must(201, made.staff, "POST", made.path+"/resources/"+made.resource+"/blocks", object{
		"start": "2026-03-09T11:00:00Z", "end": "2026-03-09T12:00:00Z", "available": false,
	})
	return map[string]string{
		"account": made.id, "client": made.client, "service": made.service, "resource": made.resource,
		"appointment": booked.text("id"), "block": block.text("id"), "message": w.sent(made).String(),
		"prefix": strings.Split(made.staff, "_")[1], "kind": "reminder", "channel": "sms",
		"provider": "alpha", "country": "DE", "window": domain.DeriveUUID("window").String(),
	}
}

// TestAnotherAccountSeesAndChangesNothing asks every route of an account with the keys of another, and every route
// of that other account for things of the first.
func TestAnotherAccountSeesAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	mine, other := w.tenant(), w.tenant()
	values := w.things(mine)
	inside := map[string]string{}
	for name, value := range values {
		inside[name] = value
	}
	inside["account"] = other.id
	before := w.head()
	tried := 0
	for _, route := range routeTable(t) {
		if !strings.Contains(route.path, "{account}") {
			continue
		}
		tried++
		for _, key := range []string{other.owner, other.staff, other.billing} {
			w.must(404, key, route.method, route.address(values), route.body(values), "If-Match", `"0"`)
		}
		if strings.Count(route.path, "{") > 1 && !strings.Contains(route.path, "{kind}") {
			w.must(404, other.owner, route.method, route.address(inside), route.body(inside), "If-Match", `"0"`)
		}
		if w.head() != before {
			t.Fatalf("%s %s by another account's key changed something", route.method, route.path)
		}
	}
	if tried < 40 {
		t.Fatalf("only %d routes of an account were found in the document", tried)
	}
	w.must(404, other.staff, "POST", other.path+"/appointments",
		object{"client": mine.client, "service": other.service, "local": "2026-03-06T09:00"})
	w.must(404, other.staff, "POST", other.path+"/appointments",
		object{"client": other.client, "service": mine.service, "local": "2026-03-06T09:00"})
	if w.head() != before {
		t.Fatal("another account's client or service was booked")
	}
}

// TestRolesMayDoWhatTheDocumentSays asks every operation with a key of every role and with none.
func TestRolesMayDoWhatTheDocumentSays(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	values := w.things(made)
	keys := map[string]string{"owner": made.owner, "staff": made.staff, "billing": made.billing, "admin": w.admin}
	before := w.head()
	for _, route := range routeTable(t) {
		if len(route.roles) == 0 {
			w.must(200, "", route.method, route.path, nil)
			continue
		}
		address := route.address(values)
		w.refused(401, "key_missing", "", route.method, address, route.body(values))
		for role, key := range keys {
			// Without its Idempotency-Key or If-Match, a write that is let in goes no further.
			got := w.ask(key, route.method, address, nil, "Idempotency-Key", "", "If-Match", "broken")
			allowed := slices.Contains(route.roles, role)
			if forbidden := got.status == http.StatusForbidden; forbidden == allowed || got.status == 401 {
				t.Errorf("%s %s by %s answered %d: %s", route.method, route.path, role, got.status, got.text("detail"))
			}
		}
		if w.head() != before {
			t.Fatalf("%s %s changed something", route.method, route.path)
		}
	}
}
