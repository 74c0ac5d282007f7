package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
)

// exchange sends a request over a real connection, without following redirects.
func (w *world) exchange(key, method, path string, headers ...string) (*http.Response, string) {
	w.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		r, leave := leaving(r)
		defer leave()
		w.handler.ServeHTTP(out, r)
	}))
	defer server.Close()
	r := w.request(key, method, "", nil, headers...)
	out, err := http.NewRequestWithContext(w.t.Context(), method, server.URL+path, nil)
	w.ok(err)
	out.Header = r.Header
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(out)
	w.ok(err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	w.ok(err)
	return response, string(body)
}

// TestHeadIsServedWhereverGetIs compares HEAD with GET for every operation.
func TestHeadIsServedWhereverGetIs(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	values := w.ids(acc)
	for _, route := range routeTable(t) {
		if route.method != http.MethodGet {
			continue
		}
		path := openapi.Base + route.address(values)
		get, _ := w.exchange(w.admin, http.MethodGet, path, "Clickbook-Position", w.position)
		head, body := w.exchange(w.admin, http.MethodHead, path, "Clickbook-Position", w.position)
		for _, header := range []string{"Content-Type", "ETag"} {
			if head.Header.Get(header) != get.Header.Get(header) {
				t.Errorf("HEAD %s has %s %q, and GET %q", path, header, head.Header.Get(header), get.Header.Get(header))
			}
		}
		if head.StatusCode != get.StatusCode || body != "" {
			t.Errorf("HEAD %s returned %d %q, and GET %d", path, head.StatusCode, body, get.StatusCode)
		}
	}
	for path, want := range map[string]int{
		"/": 302, "/docs": 200, "/docs/reference.css": 200, openapi.Base + "/openapi.yaml": 200,
		openapi.Base + "/nothing": 404, openapi.Base + "/windows/preview": 422,
	} {
		if head, body := w.exchange(w.admin, http.MethodHead, path); head.StatusCode != want || body != "" {
			t.Errorf("HEAD %s returned %d %q, want %d", path, head.StatusCode, body, want)
		}
	}
	if head, _ := w.exchange("", http.MethodHead, openapi.Base+acc.path); head.StatusCode != 401 {
		t.Errorf("HEAD without a key returned %d", head.StatusCode)
	}
}

// TestAllowNamesTheMethods checks 405 and OPTIONS.
func TestAllowNamesTheMethods(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for path, want := range map[string]string{
		acc.path + "/clients":                   "GET, HEAD, POST, OPTIONS",
		acc.path + "/clients/" + acc.client:     "GET, HEAD, PUT, OPTIONS",
		acc.path + "/keys/abcdefgh":             "DELETE, OPTIONS",
		"/windows/preview":                      "GET, HEAD, POST, PUT, OPTIONS", // "preview" could be a window's id
		acc.path + "/services/" + acc.service:   "GET, HEAD, PUT, OPTIONS",
		acc.path + "/reminder-rules":            "PUT, OPTIONS",
		acc.path + "/clients/x/no/such/address": "",
	} {
		wrong, _ := w.exchange(w.admin, http.MethodPatch, openapi.Base+path)
		options, body := w.exchange("", http.MethodOptions, openapi.Base+path)
		if got := wrong.Header.Get("Allow"); got != want {
			t.Errorf("PATCH %s returned %d and Allow: %s, want %s", path, wrong.StatusCode, got, want)
		}
		if got := options.Header.Get("Allow"); got != want {
			t.Errorf("OPTIONS %s returned %d and Allow: %s, want %s", path, options.StatusCode, got, want)
		}
		if want == "" {
			continue
		}
		if wrong.StatusCode != 405 || options.StatusCode != 204 || body != "" {
			t.Errorf("%s returned %d, and %d %q to OPTIONS", path, wrong.StatusCode, options.StatusCode, body)
		}
	}
}

// TestNoAddressRedirects sends POSTs to addresses with extra slashes. A client repeats a redirected POST as a GET, and
// takes its 200 for success.
func TestNoAddressRedirects(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	before := w.head()
	path := openapi.Base + acc.path + "/clients/" + acc.client + "/opt-out"
	for _, wrong := range []string{
		"/" + path, strings.Replace(path, "/clients/", "//clients/", 1), strings.Replace(path, "/api/", "/api//", 1),
		path + "/", path + "//", strings.Replace(path, "/v1/", "/v1/./", 1), strings.Replace(path, "/v1/", "/v1/x/../", 1),
	} {
		got, body := w.exchange(acc.staff, http.MethodPost, wrong)
		if got.StatusCode != 404 || !strings.Contains(body, `"unknown"`) {
			t.Errorf("POST %s returned %d %s", wrong, got.StatusCode, body)
		}
	}
	if w.head() != before {
		t.Error("an address with an extra slash had an effect")
	}
}

// TestConditionsTakeWeakTagsAndLists sends the forms of If-Match and If-None-Match that proxies and clients make.
func TestConditionsTakeWeakTagsAndLists(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/clients/" + acc.client
	revision := 0
	for _, form := range []string{
		`"N"`, `W/"N"`, `"N-gzip"`, `W/"N-br"`, `"7", "N"`, `W/"N" , "7"`, `"N","N"`, ` "8",,"N", `, `"abc", W/"N"`,
	} {
		match := strings.ReplaceAll(form, "N", strconv.Itoa(revision))
		got := w.must(200, acc.staff, "PUT", path, object{"name": "Clara " + strconv.Itoa(revision)}, "If-Match", match)
		revision++
		if got.header.Get("ETag") != `"`+strconv.Itoa(revision)+`"` {
			t.Fatalf("If-Match %s led to the ETag %s", match, got.header.Get("ETag"))
		}
	}
	before := w.head()
	for _, stale := range []string{`"0"`, `W/"0"`, `"0", "1", W/"2"`, `"abc"`, `""`, `"-1"`, `"09"`, `"99999999999999999999"`} {
		w.refused(412, "revision_stale", acc.staff, "PUT", path, object{"name": "Robert"}, "If-Match", stale)
		w.refused(412, "revision_stale", acc.staff, "POST", path+"/opt-out", nil, "If-Match", stale)
	}
	for _, broken := range []string{`0`, `W/0`, `w/"0"`, `"0" "1"`, `"0`, `*, "0"`, strings.Repeat(`"1",`, 10) + `"2"x`} {
		w.refused(400, "if_match_malformed", acc.staff, "PUT", path, object{"name": "Robert"}, "If-Match", broken)
	}
	w.refused(400, "if_none_match_malformed", acc.staff, "PUT", path, object{"name": "Robert"},
		"If-Match", "*", "If-None-Match", "*")
	if w.head() != before {
		t.Error("a stale or malformed condition had an effect")
	}
	now := strconv.Itoa(revision)
	for _, same := range []string{`"N"`, `W/"N"`, `"1", W/"N"`, `*`, `"N-gzip"`} {
		got, body := w.exchange(acc.staff, "GET", openapi.Base+path, "If-None-Match", strings.ReplaceAll(same, "N", now))
		if got.StatusCode != 304 || body != "" || got.Header.Get("ETag") != `"`+now+`"` {
			t.Errorf("If-None-Match %s returned %d %q %v", same, got.StatusCode, body, got.Header)
		}
	}
	for _, other := range []string{`"1"`, `"1", W/"2"`} {
		w.must(200, acc.staff, "GET", path, nil, "If-None-Match", other)
	}
	w.must(200, acc.staff, "GET", acc.path+"/clients", nil, "If-None-Match", "*") // a list has no ETag
	w.refused(400, "if_none_match_malformed", acc.staff, "GET", path, nil, "If-None-Match", "1")
	w.refused(404, "client_unknown", acc.staff, "GET", acc.path+"/clients/00000000-0000-4000-8000-000000000000", nil,
		"If-None-Match", "*")
}
