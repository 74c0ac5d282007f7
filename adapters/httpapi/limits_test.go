package httpapi_test

import (
	"context"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func TestRequestsAndConnectionsAreLimited(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.refused(413, "body_too_large", acc.staff, "POST", acc.path+"/clients",
		`{"name":"`+strings.Repeat("a", 1<<20)+`"}`)
	w.refused(415, "content_type", acc.staff, "POST", acc.path+"/clients", "name=Ann", "Content-Type", "text/plain")
	w.refused(400, "idempotency_key_missing", acc.staff, "POST", acc.path+"/clients", object{"name": "Ann"},
		"Idempotency-Key", "")
	w.refused(422, "value_invalid", acc.staff, "POST", acc.path+"/clients", object{"name": "Ann"},
		"Idempotency-Key", strings.Repeat("k", 101))
	w.refused(404, "unknown", acc.staff, "GET", "/nothing", nil)
	w.refused(405, "method_not_allowed", acc.staff, "DELETE", acc.path+"/clients", nil)
	w.refused(400, "body_malformed", acc.owner, "POST", acc.path+"/services/"+acc.service+"/retire", object{"a": 1})
	server := httpapi.NewHTTPServer(nil, w.slog())
	if server.ReadHeaderTimeout == 0 || server.ReadTimeout == 0 || server.WriteTimeout == 0 ||
		server.IdleTimeout == 0 || server.MaxHeaderBytes == 0 {
		t.Errorf("a limit is missing: %+v", server)
	}
}

func TestWrongKeysGetTheSameResponse(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	forged := acc.owner[:len(acc.owner)-1] + "A"
	if forged == acc.owner {
		forged = acc.owner[:len(acc.owner)-1] + "B"
	}
	for _, wrong := range []string{forged, "cbk_aaaaaaaa_" + acc.owner[13:], "cbk_short", "x", acc.owner + "x"} {
		got := w.refused(401, "key_unknown", wrong, "GET", "/whoami", nil)
		if got.header.Get("WWW-Authenticate") == "" {
			t.Error("the header WWW-Authenticate is missing")
		}
	}
	w.must(200, acc.owner, "GET", "/whoami", nil)
}

// panicking is a database whose queries panic.
type panicking struct{}

func (panicking) Query(context.Context, string, ...any) iter.Seq2[readmodel.Row, error] {
	panic("the secret number is 4711")
}

func TestPanicIsLoggedAndNotShown(t *testing.T) {
	w := newWorld(t, func(config *httpapi.Config) { config.Reader.Due.DB = panicking{} })
	acc := w.newAccount()
	got := w.refused(500, "internal", acc.staff, "GET", acc.path+"/reminders", nil)
	if strings.Contains(got.raw, "4711") || !strings.Contains(w.log.String(), "4711") {
		t.Errorf("the cause must be in the log and not in the response: %s", got.raw)
	}
	if !strings.Contains(w.log.String(), got.text("request")) {
		t.Error("the log does not have the id of the request")
	}
	w.must(200, acc.staff, "GET", acc.path+"/services", nil)
}

func TestLogContainsNoPersonalData(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.must(200, acc.staff, "GET", acc.path+"/clients?q=Wieck", nil)
	w.call(acc.staff, "POST", acc.path+"/clients", object{"name": "Nannerl", "phone": "+49999"})
	for _, personal := range []string{"Wieck", "Nannerl", "49151", "49999", "clara@", acc.staff} {
		if strings.Contains(w.log.String(), personal) {
			t.Errorf("the log contains %q", personal)
		}
	}
	if !strings.Contains(w.log.String(), `"route":"/accounts/{account}/clients"`) {
		t.Errorf("the log has no line for the request: %s", w.log)
	}
}

func TestDocumentAndReferencePageAreServed(t *testing.T) {
	w := newWorld(t)
	get := func(path string) *httptest.ResponseRecorder {
		out := httptest.NewRecorder()
		w.handler.ServeHTTP(out, httptest.NewRequest(http.MethodGet, path, nil))
		if out.Code != 200 {
			t.Fatalf("%s returned %d", path, out.Code)
		}
		return out
	}
	if document := get("/api/v1/openapi.yaml"); !strings.Contains(document.Body.String(), "openapi: 3.1.0") {
		t.Error("the API does not serve its document")
	}
	page := get("/docs")
	for _, route := range routeTable(t) {
		if !strings.Contains(page.Body.String(), `id="`+route.described.OperationID+`"`) {
			t.Errorf("the page does not show %s", route.described.OperationID)
		}
	}
	for _, unwanted := range []string{"<script", "style=", "http://", "https://"} {
		if strings.Contains(page.Body.String(), unwanted) {
			t.Errorf("the page contains %s", unwanted)
		}
	}
	if policy := page.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("the page has the policy %q", policy)
	}
	get("/docs/reference.css")
	get("/docs/reference.svg")
}
