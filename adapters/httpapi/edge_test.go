package httpapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
)

func TestLimitsOfOneRequest(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	w.refused(413, "body_too_large", made.staff, "POST", made.path+"/clients",
		`{"name":"`+strings.Repeat("a", 1<<20)+`"}`)
	w.refused(415, "content_type", made.staff, "POST", made.path+"/clients", "name=Ann", "Content-Type", "text/plain")
	w.refused(400, "idempotency_key_missing", made.staff, "POST", made.path+"/clients", object{"name": "Ann"},
		"Idempotency-Key", "")
	w.refused(422, "value_invalid", made.staff, "POST", made.path+"/clients", object{"name": "Ann"},
		"Idempotency-Key", strings.Repeat("k", 101))
	w.refused(404, "unknown", made.staff, "GET", "/nothing", nil)
	w.refused(405, "method_not_allowed", made.staff, "DELETE", made.path+"/clients", nil)
	w.refused(400, "body_malformed", made.owner, "POST", made.path+"/services/"+made.service+"/retire", object{"a": 1})
	server := httpapi.NewHTTPServer(nil, w.slog())
	if server.ReadHeaderTimeout == 0 || server.ReadTimeout == 0 || server.WriteTimeout == 0 ||
		server.IdleTimeout == 0 || server.MaxHeaderBytes == 0 {
		t.Errorf("a stranger may keep us waiting: %+v", server)
	}
}

func TestWrongKeysAreAllTheSame(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	forged := made.owner[:len(made.owner)-1] + "A"
	if forged == made.owner {
		forged = made.owner[:len(made.owner)-1] + "B"
	}
	for _, wrong := range []string{forged, "cbk_aaaaaaaa_" + made.owner[13:], "cbk_short", "x", made.owner + "x"} {
		got := w.refused(401, "key_unknown", wrong, "GET", "/whoami", nil)
		if got.header.Get("WWW-Authenticate") == "" {
			t.Error("the answer does not say how to authenticate")
		}
	}
	w.must(200, made.owner, "GET", "/whoami", nil)
}

// panicking breaks down.
type panicking struct{}

func (panicking) Of(context.Context, domain.AccountID, time.Time, int) ([]messaging.DueReminder, error) {
	panic("the secret number is 4711")
}

func TestPanicAnswersNothingOfItsCause(t *testing.T) {
	w := newWorld(t, func(config *httpapi.Config) { config.Due = panicking{} })
	made := w.tenant()
	got := w.refused(500, "internal", made.staff, "GET", made.path+"/reminders", nil)
	if strings.Contains(got.raw, "4711") || !strings.Contains(w.log.String(), "4711") {
		t.Errorf("the cause belongs into the log, not into the answer: %s", got.raw)
	}
	if !strings.Contains(w.log.String(), got.text("request")) {
		t.Error("the log does not have the request's id")
	}
	w.must(200, made.staff, "GET", made.path+"/services", nil)
}

func TestLogHoldsNoPersonalData(t *testing.T) {
	w := newWorld(t)
	made := w.tenant()
	w.must(200, made.staff, "GET", made.path+"/clients?q=Wieck", nil)
	w.ask(made.staff, "POST", made.path+"/clients", object{"name": "Nannerl", "phone": "+49999"})
	for _, personal := range []string{"Wieck", "Nannerl", "49151", "49999", "clara@", made.staff} {
		if strings.Contains(w.log.String(), personal) {
			t.Errorf("%q was written to the log", personal)
		}
	}
	if !strings.Contains(w.log.String(), `"route":"/accounts/{account}/clients"`) {
		t.Errorf("the log has no line of the request: %s", w.log)
	}
}

func TestDocumentAndReferencePage(t *testing.T) {
	w := newWorld(t)
	get := func(path string) *httptest.ResponseRecorder {
		out := httptest.NewRecorder()
		w.handler.ServeHTTP(out, httptest.NewRequest(http.MethodGet, path, nil))
		if out.Code != 200 {
			t.Fatalf("%s answered %d", path, out.Code)
		}
		return out
	}
	if document := get("/api/v1/openapi.yaml"); !strings.Contains(document.Body.String(), "openapi: 3.1.0") {
		t.Error("the document is not served")
	}
	page := get("/docs")
	for _, route := range routeTable(t) {
		if !strings.Contains(page.Body.String(), `id="`+route.described.OperationID+`"`) {
			t.Errorf("the page does not tell of %s", route.described.OperationID)
		}
	}
	for _, unwanted := range []string{"<script", "style=", "http://", "https://"} {
		if strings.Contains(page.Body.String(), unwanted) {
			t.Errorf("the page holds %s", unwanted)
		}
	}
	if policy := page.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("the page is served under %q", policy)
	}
	get("/docs/reference.css")
	get("/docs/reference.svg")
}
