package webhooks_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	adapter "github.com/clickbook/clickbook/adapters/webhooks"
	"github.com/clickbook/clickbook/commands/webhooks"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/webhook"
)

const (
	newest = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
	older  = "whsec_OTk5MzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
)

var delivery = webhooks.Delivery{ID: uuid.New(), Kind: "appointment.booked", Body: []byte(`{"type":"appointment.booked"}`)}

func target(url string) webhook.Webhook {
	return webhook.Webhook{URL: domain.Secret(url), Secrets: []domain.Private{domain.Secret(newest), domain.Secret(older)}}
}

func serve(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

func TestBothSecretsVerifyTheCall(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		for _, secret := range []string{newest, older} {
			receiver, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := receiver.Verify(body, r.Header); err != nil {
				t.Error(err)
			}
			if err := receiver.Verify(append(body, ' '), r.Header); err == nil {
				t.Error("a changed body is verified")
			}
		}
		if r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Webhook-Id") != delivery.ID.String() {
			t.Errorf("headers: %v", r.Header)
		}
		w.WriteHeader(http.StatusAccepted)
	})
	if code, err := adapter.New(true).Call(t.Context(), target(url), delivery, time.Now()); err != nil || code != 202 {
		t.Errorf("%d, %v", code, err)
	}
}

func TestOnlyTwoHundredsAreSuccess(t *testing.T) {
	for code, want := range map[int]string{
		200: "", 204: "", 301: "redirected", 307: "redirected", 404: "replied 404", 410: "replied 410", 500: "replied 500",
	} {
		calls := 0
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(code)
		})
		got, err := adapter.New(true).Call(t.Context(), target(url), delivery, time.Now())
		if got != code || (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || calls != 1 {
			t.Errorf("%d: %d, %v, %d calls", code, got, err, calls)
		}
	}
}

// TestPrivateAddressesAreNotCalled: an owner must not reach what only this machine can reach.
func TestPrivateAddressesAreNotCalled(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("it was called") })
	port := url[strings.LastIndexByte(url, ':'):]
	for _, host := range []string{
		"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0",
		"[fd00::1]", "100.64.0.1",
	} {
		code, err := adapter.New(false).Call(t.Context(), target("http://"+host+port), delivery, time.Now())
		if code != 0 || err == nil || !strings.Contains(err.Error(), "private network") {
			t.Errorf("%s: %d, %v", host, code, err)
		}
	}
}

func TestAFailureDoesNotTellTheAddress(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	address := strings.TrimPrefix(url, "http://")
	_, err := adapter.New(true).Call(t.Context(), target("https://"+address+"/?token=s3cret"), delivery, time.Now())
	if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), address) {
		t.Errorf("%v", err)
	}
}
