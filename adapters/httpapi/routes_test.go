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

// route is one operation of the document.
type route struct {
	method, path string
	roles        []string
	described    *openapi3.Operation
}

// routeTable returns every operation of the document.
func routeTable(t *testing.T) []route {
	t.Helper()
	var table []route
	for path, item := range document().Paths.Map() {
		for method, described := range item.Operations() {
			one := route{method: method, path: path, described: described}
			for _, role := range described.Extensions["x-roles"].([]any) {
				one.roles = append(one.roles, role.(string))
			}
			table = append(table, one)
		}
	}
	slices.SortFunc(table, func(a, b route) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return table
}

var inBraces = regexp.MustCompile(`\{(\w+)\}`)

// address returns the path with its values, and the required parameters of the query.
func (r route) address(values map[string]string) string {
	path := inBraces.ReplaceAllStringFunc(r.path, func(name string) string { return values[strings.Trim(name, "{}")] })
	query := map[string]string{
		"listStarts": "?from=2026-03-06&to=2026-03-07", "showCalendar": "?from=2026-03-06&to=2026-03-07",
		"explainStart": "?at=2026-03-06T09:00:00Z", "reportDeliveries": "?from=2026-03-06&to=2026-03-07",
		"reportAllDeliveries": "?from=2026-03-06&to=2026-03-07",
		"listManagedStarts":   "?from=2026-03-06&to=2026-03-07", "listPublicStarts": "?date=2026-03-06",
		"exportSheet": "?from=2026-03-06&to=2026-03-07", "exportCalendar": "?from=2026-03-06&to=2026-03-07",
		"showDays": "?from=2026-03-06&to=2026-03-07", "explainCredits": "?entry=1",
		"exportStatement": "?month=2026-03", "exportDeliveries": "?from=2026-03-06&to=2026-03-07",
	}
	return path + query[r.described.OperationID]
}

// body returns a small body that the document allows.
func (r route) body(values map[string]string) any {
	if r.described.RequestBody == nil {
		return nil
	}
	return sample("", r.described.RequestBody.Value.Content["application/json"].Schema.Value, values)
}

// examples are valid texts, by member, for schemas that allow more than the domain does.
var examples = map[string]string{
	"email": "ann@example.com", "name": "Ann", "reason": "because", "zone": "Europe/Berlin", "locale": "de-DE", "local": "2026-03-06T09:00",
	"local_start": "2026-03-06T09:00", "local_end": "2026-03-06T10:00",
	"from": "09:00", "to": "17:00", "start": "2026-03-06T09:00:00Z", "end": "2026-03-06T10:00:00Z",
	"expires_at": "2026-04-01T00:00:00Z", "text": "{client}, {date}", "id": "day-before",
}

// sample returns a small value that a schema allows. Values are ids by member.
func sample(name string, schema *openapi3.Schema, values map[string]string) any {
	switch {
	case schema.Type.Is("object"):
		body := object{}
		for property, of := range schema.Properties {
			if slices.Contains(schema.Required, property) || strings.HasPrefix(property, "local") {
				body[property] = sample(property, of.Value, values)
			}
		}
		return body
	case schema.Type.Is("array"):
		return []any{sample(name, schema.Items.Value, values)}
	case schema.Type.Is("boolean"):
		return true
	case schema.Type.Is("integer"):
		return 1
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case examples[name] != "":
		return examples[name]
	case values[name] != "":
		return values[name]
	}
	return values["provider"] // an item of a list of names
}

// ids returns the id of one thing of each kind in an account.
func (w *world) ids(acc fixture) map[string]string {
	w.t.Helper()
	booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T15:00"))
	block := w.must(201, acc.staff, "POST", acc.path+"/resources/"+acc.resource+"/blocks", object{
		"start": "2026-03-09T11:00:00Z", "end": "2026-03-09T12:00:00Z", "available": false,
	})
	return map[string]string{
		"account": acc.id, "client": acc.client, "service": acc.service, "resource": acc.resource,
		"appointment": booked.text("id"), "block": block.text("id"), "message": w.sent(acc).String(),
		"prefix": strings.Split(acc.staff, "_")[1], "kind": "reminder", "channel": "sms",
		"token": "AQAA", "provider": "alpha", "secret": "token", "reference": "unknown", "country": "DE",
		"window": domain.DeriveUUID("window").String(), "import": domain.DeriveUUID("import").String(),
		"outage": domain.DeriveUUID("outage").String(), "webhook": domain.DeriveUUID("webhook").String(),
		"page": acc.id, "hold": "AwAA",
		"member": w.member(acc.id, "staff").String(), "session": "0123456789abcdef", "passkey": "AQAA",
	}
}

// TestAccountsAreSeparate calls every route of an account with the keys of another account, and every route of that
// other account with the ids of the first.
func TestAccountsAreSeparate(t *testing.T) {
	w := newWorld(t)
	mine, other := w.newAccount(), w.newAccount()
	values := w.ids(mine)
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
			key := other.owner
			if !slices.Contains(route.roles, "owner") {
				key = w.admin
			}
			w.must(404, key, route.method, route.address(inside), route.body(inside), "If-Match", `"0"`)
		}
		if w.head() != before {
			t.Fatalf("%s %s with a key of another account had an effect", route.method, route.path)
		}
	}
	if tried < 40 {
		t.Fatalf("the document has only %d routes of an account", tried)
	}
	w.must(404, other.staff, "POST", other.path+"/appointments",
		object{"client": mine.client, "service": other.service, "local": "2026-03-06T09:00"})
	w.must(404, other.staff, "POST", other.path+"/appointments",
		object{"client": other.client, "service": mine.service, "local": "2026-03-06T09:00"})
	if w.head() != before {
		t.Fatal("a client or a service of another account was booked")
	}
}

// TestRolesAreThoseOfTheDocument calls every operation with a key of each role and without a key.
func TestRolesAreThoseOfTheDocument(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	values := w.ids(acc)
	keys := map[string]string{"owner": acc.owner, "staff": acc.staff, "billing": acc.billing, "admin": w.admin}
	before := w.head()
	for _, route := range routeTable(t) {
		address := route.address(values)
		if len(route.roles) == 0 {
			status := map[string]int{"requestSignIn": 202, "signInWithPasskey": 409}[route.described.OperationID]
			if status == 0 {
				status = 200
			}
			if strings.Contains(route.path, "{token}") || strings.Contains(route.path, "{page}") { // of nothing
				status = 404
			}
			w.must(status, "", route.method, address, route.body(values))
			continue
		}
		w.refused(401, "key_missing", "", route.method, address, route.body(values))
		for role, key := range keys {
			// An allowed write fails later, without its Idempotency-Key or its If-Match.
			got := w.call(key, route.method, address, nil, "Idempotency-Key", "", "If-Match", "broken")
			allowed := slices.Contains(route.roles, role)
			if forbidden := got.status == http.StatusForbidden; forbidden == allowed || got.status == 401 {
				t.Errorf("%s %s by %s returned %d: %s", route.method, route.path, role, got.status, got.text("detail"))
			}
		}
		if w.head() != before {
			t.Fatalf("%s %s had an effect", route.method, route.path)
		}
	}
}
