package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/clickbook/clickbook/adapters/sqlite/state"
)

// openState returns the state file of a world.
func (w *world) openState() *state.File {
	w.t.Helper()
	file, err := state.Open(w.t.TempDir())
	w.ok(err)
	w.t.Cleanup(func() { w.ok(file.Close()) })
	return file
}

// TestWebhookIsTestedAgainstARealReceiver: the secret that was shown verifies the call, and the list says what came of it.
func TestWebhookIsTestedAgainstARealReceiver(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	var secret string
	received := make(chan error, 2)
	receiver := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		verifier, invalid := standardwebhooks.NewWebhook(secret)
		if err == nil && invalid == nil {
			err = verifier.VerifyIgnoringTimestamp(body, r.Header) // the clock of a world is not the machine's
		}
		received <- err
		rw.WriteHeader(http.StatusTeapot)
	}))
	defer receiver.Close()
	terms := object{"url": receiver.URL, "topics": []string{"appointments"}}
	added := w.must(201, acc.owner, "POST", acc.path+"/webhooks", terms, "Idempotency-Key", "one")
	secret = added.text("secret")
	again := w.must(201, acc.owner, "POST", acc.path+"/webhooks", terms, "Idempotency-Key", "one")
	if again.text("secret") != "" || again.text("id") != added.text("id") {
		t.Errorf("a repeat: %s", again.raw)
	}
	path := acc.path + "/webhooks/" + added.text("id")
	w.must(202, acc.owner, "POST", path+"/test", nil)
	w.ok(w.hooks.Deliver(t.Context()))
	w.hooks.Wait()
	w.ok(<-received)
	calls := w.must(200, acc.owner, "GET", path+"/deliveries", nil).items()
	if len(calls) != 1 || calls[0]["failure"] != "it replied 418" || calls[0]["state"] != "waiting" ||
		calls[0]["type"] != "webhook.test" {
		t.Errorf("%v", calls)
	}
	if listed := w.must(200, acc.owner, "GET", acc.path+"/webhooks", nil); strings.Contains(listed.raw, secret) {
		t.Error("the list shows the secret")
	}
}

func TestWebhooksRefuse(t *testing.T) {
	w := newWorld(t)
	acc, other := w.newAccount(), w.newAccount()
	terms := object{"url": "https://example.com/hook", "topics": []string{"appointments"}}
	path := acc.path + "/webhooks/" + w.must(201, acc.owner, "POST", acc.path+"/webhooks", terms).text("id")
	w.refused(403, "role_forbidden", acc.staff, "GET", acc.path+"/webhooks", nil)
	w.refused(404, "unknown", other.owner, "GET", acc.path+"/webhooks", nil)
	foreign := strings.Replace(path, acc.path, other.path, 1)
	w.refused(404, "webhook_unknown", other.owner, "POST", foreign+"/test", nil)
	w.refused(404, "webhook_unknown", other.owner, "DELETE", foreign, nil)
	w.refused(404, "webhook_unknown", other.owner, "GET", foreign+"/deliveries", nil)
	terms["url"] = "ftp://example.com"
	w.refused(422, "webhook_url_invalid", acc.owner, "POST", acc.path+"/webhooks", terms)
	w.must(200, acc.owner, "POST", path+"/disable", nil)
	w.refused(409, "webhook_disabled", acc.owner, "POST", path+"/test", nil)
	w.refused(412, "revision_stale", acc.owner, "PUT", path, object{
		"url": "https://example.org/", "topics": []string{"clients"},
	}, "If-Match", `"0"`)
}
