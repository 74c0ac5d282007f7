package httpapi_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// outside are texts that no date and no instant of a request may have.
var outside = map[string][]string{
	"date-time": {
		"9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z", "2262-04-12T00:00:00Z", "2200-01-01T00:00:00Z",
		"1899-12-31T23:59:59Z", "1900-01-01T00:30:00+01:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
		"2026-02-30T09:00:00Z", "2026-03-05T24:00:00Z", "2026-03-05T09:00:00", "2026-03-05T9:00:00Z", "2026-03-05",
		"2026-03-05T09:00:00+25:00", "292277026596-12-04T15:30:07Z", "2026-03-05T09:00:00,5Z", "now",
	},
	"date": {
		"9999-12-31", "2262-04-12", "2200-01-01", "1899-12-31", "0000-01-01", "0001-01-01", "2026-02-30", "2026-3-5", "26-03-05",
		"2026-03-05T09:00:00Z", "12026-03-05", "today",
	},
}

// timesIn returns the paths of all dates and instants in a schema, with their format.
func timesIn(path []string, schema *openapi3.Schema) map[string]string {
	found := make(map[string]string)
	if outside[schema.Format] != nil {
		found[strings.Join(path, ".")] = schema.Format
	}
	for name, property := range schema.Properties {
		for at, format := range timesIn(append(slices.Clone(path), name), property.Value) {
			found[at] = format
		}
	}
	return found
}

// with returns a body with a value at a path.
func with(body any, path, value string) object {
	root, _ := body.(object)
	in, names := root, strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		if in[name] == nil {
			in[name] = object{}
		}
		in = in[name].(object)
	}
	in[names[len(names)-1]] = value
	return root
}

// TestEveryInstantHasTheSameRange gives every date and instant that the API takes values outside the range, and some
// that do not exist. Each is refused with the name of its field, and has no effect.
func TestEveryInstantHasTheSameRange(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	values := w.ids(acc)
	before, tried := w.head(), 0
	refuse := func(route route, address string, body any, field string) {
		tried++
		w.clock = w.clock.Add(time.Second) // the requests of an address are limited
		got := w.call(w.admin, route.method, address, body, "If-Match", "*")
		if got.status != 422 || got.text("field") != field || !strings.Contains(got.text("detail"), "from 1900 to 2199") {
			t.Errorf("%s %s %v returned %d for %q: %s", route.method, address, body, got.status, got.text("field"), got.raw)
		}
	}
	for _, route := range routeTable(t) {
		for _, parameter := range route.described.Parameters {
			one := parameter.Value
			for _, wrong := range outside[one.Schema.Value.Format] {
				path, query, _ := strings.Cut(route.address(values), "?")
				given, _ := url.ParseQuery(query)
				given.Set(one.Name, wrong)
				refuse(route, path+"?"+given.Encode(), nil, one.Name)
			}
		}
		if route.described.RequestBody == nil {
			continue
		}
		schema := route.described.RequestBody.Value.Content["application/json"].Schema.Value
		for path, format := range timesIn(nil, schema) {
			for _, wrong := range outside[format] {
				refuse(route, route.address(values), with(route.body(values), path, wrong), path)
			}
		}
	}
	for _, wrong := range []string{
		"9999-12-31T23:59", "2262-04-12T00:00", "2200-01-02T00:00", "1899-12-30T00:00", "0000-01-01T00:00", "2026-02-30T09:00",
		"2026-03-05T24:00", "2026-13-01T09:00",
	} {
		got := w.call(w.admin, "POST", acc.path+"/appointments", acc.booking(wrong))
		if got.status != 422 || got.text("field") != "local" {
			t.Errorf("local %s returned %d: %s", wrong, got.status, got.raw)
		}
	}
	if tried < 100 || w.head() != before {
		t.Errorf("tried %d values; the log went from %s to %s", tried, before, w.head())
	}
	for _, fine := range []string{"2199-12-31T23:59:59Z", "1900-01-01T00:00:00Z", "2199-12-31T23:59:59.123456789-00:00"} {
		w.must(200, acc.staff, "GET", acc.path+"/services/"+acc.service+"/explanation?at="+url.QueryEscape(fine), nil)
		w.must(200, acc.staff, "GET", acc.path+"/messages?from="+url.QueryEscape(fine), nil)
	}
	for _, days := range []string{"from=1900-01-01&to=1900-01-02", "from=2199-12-30&to=2199-12-31"} {
		w.must(200, acc.staff, "GET", acc.path+"/calendar?"+days, nil)
		w.must(200, acc.staff, "GET", acc.path+"/services/"+acc.service+"/starts?"+days, nil)
		w.must(200, acc.staff, "GET", acc.path+"/deliveries?"+days, nil)
	}
}
