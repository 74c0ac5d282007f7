package httpapi_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
)

// TestAmbiguousBodiesAreRefused sends bodies that two parsers would understand differently.
func TestAmbiguousBodiesAreRefused(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	clients, hours := acc.path+"/clients", acc.path+"/resources/"+acc.resource+"/hours"
	rule := `{"id":"a","lead_min":60,"channel":"sms"}`
	before := w.head()
	for name, wrong := range map[string]struct {
		method, path, body string
		field, says        string
	}{
		"Latin-1":            {"POST", clients, "{\"name\":\"Jos\xe9\"}", "name", "not UTF-8"},
		"cut-off UTF-8":      {"POST", clients, "{\"name\":\"Jos\xc3\"}", "name", "not UTF-8"},
		"Latin-1 in a name":  {"POST", clients, "{\"nam\xe9\":\"Ann\"}", "", "not UTF-8"},
		"lone surrogate":     {"POST", clients, `{"name":"A\ud83dB"}`, "name", "surrogate"},
		"lone low surrogate": {"POST", clients, `{"name":"A\ude00B"}`, "name", "surrogate"},
		"swapped surrogates": {"POST", clients, `{"name":"\ude00\ud83d"}`, "name", "surrogate"},
		"surrogate bytes":    {"POST", clients, "{\"name\":\"\xed\xa0\xbd\"}", "name", "not UTF-8"},
		"duplicate name":     {"POST", clients, `{"name":"First","name":"Second"}`, "name", "more than once"},
		"duplicate, escaped": {"POST", clients, `{"name":"First","n\u0061me":"Second"}`, "name", "more than once"},
		"duplicate inside": {
			"PUT", hours, `{"zone":"UTC","hours":[{"days":[1],"from":"09:00","from":"08:00","to":"17:00"}]}`,
			"hours.0.from", "more than once",
		},
		"duplicate in a list": {
			"PUT", acc.path + "/reminder-rules", `{"rules":[` + rule + `,{"id":"b","id":"c"}]}`, "rules.1.id", "more than once",
		},
		"second value":       {"POST", clients, `{"name":"One"} {"name":"Two"}`, "", "send one value"},
		"trailing text":      {"POST", clients, `{"name":"One"}x`, "", "send one value"},
		"trailing brace":     {"POST", clients, `{"name":"One"}}`, "", "send one value"},
		"trailing NUL":       {"POST", clients, "{\"name\":\"One\"}\x00", "", "send one value"},
		"NUL":                {"POST", clients, `{"name":"A\u0000B"}`, "name", "NUL"},
		"NUL in a name":      {"POST", clients, `{"a\u0000":"B"}`, "", "NUL"},
		"byte order mark":    {"POST", clients, "\ufeff{\"name\":\"One\"}", "", "byte order mark"},
		"UTF-16":             {"POST", clients, "{\x00}\x00", "", "check its syntax"},
		"too deep":           {"POST", clients, strings.Repeat("[", 40) + strings.Repeat("]", 40), "", "levels deep"},
		"only white space":   {"POST", clients, "  \n", "", "check its syntax"},
		"comment":            {"POST", clients, `{"name":"One" /* her name */}`, "", "check its syntax"},
		"not a number":       {"POST", clients, `{"name":NaN}`, "name", "check its syntax"},
		"single quotes":      {"POST", clients, `{'name':'One'}`, "", "check its syntax"},
		"control character":  {"POST", clients, "{\"name\":\"One\nTwo\"}", "name", "check its syntax"},
		"cut off":            {"POST", clients, `{"name":"On`, "name", "check its syntax"},
		"strange duplicates": {"POST", clients, `{"p@ss w0rd":1,"p@ss w0rd":2}`, "", "more than once"},
	} {
		got := w.refused(400, "body_malformed", acc.owner, wrong.method, wrong.path, wrong.body, "If-Match", "*")
		if got.text("field") != wrong.field || !strings.Contains(got.text("detail"), wrong.says) {
			t.Errorf("%s: refused with field %q: %s", name, got.text("field"), got.text("detail"))
		}
		if strings.Contains(got.raw, "p@ss") {
			t.Errorf("%s: the problem repeats the body: %s", name, got.raw)
		}
	}
	w.refused(400, "body_malformed", acc.staff, "GET", clients, `{}`)
	chunked := w.request(acc.owner, "POST", acc.path+"/services/"+acc.service+"/retire", `{"a":1}`)
	chunked.ContentLength = -1
	if got := w.serve(chunked); got.status != 400 {
		t.Errorf("a body that the operation does not have returned %d when its length was not given", got.status)
	}
	for _, header := range [][]string{
		{"Content-Type", "application/json; charset=iso-8859-1"},
		{"Content-Type", "application/json; charset=utf-16"},
		{"Content-Type", "application/json; charset"},
		{"Content-Type", "text/json"},
		{"Content-Type", ""},
		{"Content-Type", "application/merge-patch+json"},
	} {
		w.refused(415, "content_type", acc.staff, "POST", clients, `{"name":"Ann"}`, header...)
	}
	w.refused(415, "content_encoding", acc.staff, "POST", clients, `{"name":"Ann"}`, "Content-Encoding", "gzip")
	if w.head() != before {
		t.Error("a refused body had an effect")
	}
	for _, fine := range []string{`{"name":"José"}`, `{"name":"Jos\u00e9"}`, `{"name":"\ud83d\ude00 Ann"}`, " {\"name\":\"Ann\"}\r\n"} {
		w.must(201, acc.staff, "POST", clients, fine, "Content-Type", `application/json; charset="UTF-8"`)
	}
}

// TestWholeNumbersAreExact sends amounts that a float64 cannot hold, and numbers that are not written in digits.
func TestWholeNumbersAreExact(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	purchases := acc.path + "/credits/purchases"
	w.must(201, acc.billing, "POST", purchases, `{"amount_micro":9007199254740993}`)
	if got := w.must(200, acc.billing, "GET", acc.path+"/credits", nil); !strings.Contains(got.raw, "9007199254740993") {
		t.Errorf("2^53+1 was recorded as %s", got.raw)
	}
	before := w.head()
	for _, wrong := range []string{"1e3", "1.0", "1E3", "10.00", "1.5", "9223372036854775808", "1e400", "1e-400", `"7"`} {
		got := w.refused(422, "value_invalid", acc.billing, "POST", purchases, `{"amount_micro":`+wrong+`}`)
		if got.text("field") != "amount_micro" {
			t.Errorf("%s was refused without its field: %s", wrong, got.raw)
		}
	}
	w.refused(422, "value_invalid", acc.staff, "GET", acc.path+"/clients?limit=1e1", nil)
	if w.head() != before {
		t.Error("a refused number had an effect")
	}
}

// TestAmbiguousQueriesAreRefused sends queries with parameters that the operation does not have, or not like this.
func TestAmbiguousQueriesAreRefused(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for query, want := range map[string]struct{ code, field string }{
		"?sort=name":          {"parameter_unknown", "sort"},
		"?Limit=2":            {"parameter_unknown", "Limit"},
		"?limit=2&limit=3":    {"parameter_repeated", "limit"},
		"?limit=2&lim%69t=2":  {"parameter_repeated", "limit"},
		"?q=Ann&q=Bob":        {"parameter_repeated", "q"},
		"?q=Jos%E9":           {"query_malformed", "q"},
		"?q=An%00n":           {"query_malformed", "q"},
		"?q=An%zz":            {"query_malformed", "q"},
		"?q=An%":              {"query_malformed", "q"},
		"?q=Ann;limit=2":      {"query_malformed", "q"},
		"?%ff=1":              {"query_malformed", ""},
		"?p%40ss%20w0rd=Anna": {"parameter_unknown", "a parameter"},
		"?":                   {},
		"?&q=Ann&&limit=2&":   {},
		"?q=Ann%3Blimit%3D2":  {},
	} {
		got := w.call(acc.staff, "GET", acc.path+"/clients"+query, nil)
		if got.text("code") != want.code || got.text("field") != want.field {
			t.Errorf("%s returned %d %q for %q, want %q for %q: %s", query, got.status, got.text("code"), got.text("field"),
				want.code, want.field, got.text("detail"))
		}
		if status := map[bool]int{true: 400, false: 200}[want.code != ""]; got.status != status {
			t.Errorf("%s returned %d", query, got.status)
		}
	}
	w.refused(400, "parameter_unknown", acc.staff, "POST", acc.path+"/clients?dry_run=true", object{"name": "Ann"})
	w.refused(400, "parameter_unknown", "", "GET", "/health?verbose=1", nil)
	twice := w.request(acc.staff, "POST", acc.path+"/clients", object{"name": "Ann"})
	twice.Header.Add("Idempotency-Key", "another")
	if got := w.serve(twice); got.text("code") != "header_repeated" {
		t.Errorf("two Idempotency-Keys were refused with %d %s", got.status, got.raw)
	}
	for _, path := range []string{"/accounts/%ff", "/accounts/a%00b", "/no%ffthing"} {
		r := httptest.NewRequest("GET", openapi.Base+path, nil)
		r.Header.Set("Authorization", "Bearer "+w.admin)
		if got := w.serve(r); got.status != 400 || got.text("code") != "path_malformed" {
			t.Errorf("%s returned %d %s", path, got.status, got.raw)
		}
	}
}

// TestRequestsHaveNoOpenObjects keeps every body closed: encoding/json matches names without their case, so an open
// object would take "NAME" for "name".
func TestRequestsHaveNoOpenObjects(t *testing.T) {
	for name, schema := range document().Components.Schemas {
		closed := schema.Value.AdditionalProperties.Has
		if len(schema.Value.Properties) > 0 && (closed == nil || *closed) {
			t.Errorf("%s allows members that it does not list; add additionalProperties: false", name)
		}
	}
}
