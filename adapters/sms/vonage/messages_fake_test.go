package vonage_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/adapters/sms/vonage"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// application is the id and the key of an application, made once because keys take long.
var application = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

const applicationID = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"

func privateKey(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(application())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// messagesShape is the Messages API, version 1.
type messagesShape struct{}

func authorized(r *http.Request) bool {
	if user, password, ok := r.BasicAuth(); ok {
		return user == key && password == secret
	}
	parsed, err := jwt.Parse(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), func(*jwt.Token) (any, error) {
		return &application().PublicKey, nil
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(func() time.Time { return carriertest.Noon }),
		jwt.WithIssuedAt(), jwt.WithExpirationRequired())
	if err != nil {
		return false
	}
	said, _ := parsed.Claims.(jwt.MapClaims)
	return said["application_id"] == applicationID && said["jti"] != "" && said["jti"] != nil
}

func (messagesShape) Parse(r *http.Request, body []byte, n int) (carriertest.Submitted, bool, error) {
	var text struct {
		MessageType    string `json:"message_type"`
		Channel        string `json:"channel"`
		To             string `json:"to"`
		From           string `json:"from"`
		Text           string `json:"text"`
		ClientRef      string `json:"client_ref"`
		TTL            int    `json:"ttl"`
		WebhookURL     string `json:"webhook_url"`
		WebhookVersion string `json:"webhook_version"`
		SMS            struct {
			Encoding string `json:"encoding_type"`
		} `json:"sms"`
	}
	if r.URL.Path != "/v1/messages" || string(body) == "{}" {
		return carriertest.Submitted{}, false, nil
	}
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&text)
	alphabet := map[string]string{"text": message.GSM7, "unicode": message.UCS2}[text.SMS.Encoding]
	switch {
	case err != nil:
	case !authorized(r):
		err = errors.New("wrong credentials")
	case text.MessageType != "text" || text.Channel != "sms" || alphabet == "" || len(text.ClientRef) > 100:
		err = errors.New("wrong type, channel, encoding or reference")
	case strings.HasPrefix(text.To, "+") || strings.HasPrefix(text.From, "+") || text.From == "":
		err = errors.New("wrong number")
	case text.TTL < 20 || text.WebhookURL != public+"receipts" || text.WebhookVersion != "v1":
		err = errors.New("wrong ttl or webhook")
	}
	return carriertest.Submitted{
		Reference: text.ClientRef, ProviderID: fmt.Sprintf("aaaaaaaa-bbbb-cccc-dddd-%012x", n), From: "+" + text.From,
		To: "+" + text.To, Body: text.Text, Encoding: alphabet, ValidUntil: carriertest.Noon.Add(time.Duration(text.TTL) * time.Second),
	}, true, err
}

func (messagesShape) Accept(w http.ResponseWriter, text carriertest.Submitted) {
	respond(w, http.StatusAccepted, map[string]any{"message_uuid": text.ProviderID})
}

func (messagesShape) Refuse(w http.ResponseWriter, b carriertest.Behaviour, text carriertest.Submitted) bool {
	problem := func(status int, address string) {
		respond(w, status, map[string]any{
			"type": address, "title": "Refused", "detail": "Refused for " + text.To, "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf",
		})
	}
	const errors = "https://developer.vonage.com/api-errors"
	switch b {
	case carriertest.BadNumber:
		problem(http.StatusUnprocessableEntity, errors+"/messages#1170")
	case carriertest.BadCredentials:
		problem(http.StatusUnauthorized, errors+"#unauthorized")
	case carriertest.Throttled:
		w.Header().Set("Retry-After", "7")
		problem(http.StatusTooManyRequests, errors+"/messages#1000")
	case carriertest.Unavailable:
		problem(http.StatusServiceUnavailable, errors+"/messages#1030")
	case carriertest.ErrorInside:
		problem(http.StatusOK, errors+"#low-balance")
	case carriertest.UnheardCode:
		problem(http.StatusUnprocessableEntity, errors+"/messages#1999")
	default:
		return false
	}
	return true
}

func (messagesShape) Else(
	w http.ResponseWriter, r *http.Request, _ func(string) (carriertest.Submitted, carriertest.Report, bool), _ carriertest.Behaviour,
) {
	if !authorized(r) {
		respond(w, http.StatusUnauthorized, map[string]any{"type": "https://developer.vonage.com/api-errors#unauthorized"})
		return
	}
	respond(w, http.StatusUnprocessableEntity, map[string]any{"type": "https://developer.vonage.com/api-errors/messages#1150"})
}

// webhook returns a signed call with a body.
func webhook(kind string, body any, key string) sms.Call {
	text, _ := json.Marshal(body)
	return signWebhook(sms.Call{
		Kind: kind, Method: http.MethodPost, URL: public + kind, Body: text, At: came,
		Header: http.Header{"Content-Type": {"application/json"}},
	}, key)
}

func signWebhook(c sms.Call, key string) sms.Call {
	c.Header = c.Header.Clone()
	c.Header.Set("Authorization", "Bearer "+token(hs256, claims(c.Body), key))
	return c
}

func statusOf(text carriertest.Submitted, report carriertest.Report) map[string]any {
	status := map[string]any{
		"message_uuid": text.ProviderID, "to": strings.TrimPrefix(text.To, "+"), "from": strings.TrimPrefix(text.From, "+"),
		"timestamp": report.At.UTC().Format(time.RFC3339), "client_ref": text.Reference, "channel": "sms",
		"usage": map[string]any{"currency": "EUR", "price": "0.0333"}, "destination": map[string]any{"network_code": "310410"},
		"sms": map[string]any{"count_total": "1"},
	}
	code := ""
	switch report.State {
	case "sent":
		status["status"] = "submitted"
	case "delivered":
		status["status"] = "delivered"
	case "undelivered":
		status["status"], code = "undeliverable", "1260"
	case "expired":
		status["status"], code = "rejected", "1360"
	default:
		status["status"] = "teleported"
	}
	if code != "" {
		status["error"] = map[string]any{
			"type": "https://developer.vonage.com/api-errors/messages#" + code, "title": code, "detail": "The text did not arrive.",
			"instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf",
		}
	}
	return status
}

func openMessages(t testing.TB, change func(*sms.Config)) (*vonage.Messages, carriertest.Lab) {
	t.Helper()
	fake := carriertest.NewFake(t, messagesShape{})
	config := config(fake)
	delete(config.Settings, "signature_method")
	change(&config)
	if problems := vonage.MessagesKind.Problems(config); len(problems) != 0 {
		t.Fatal(problems)
	}
	provider, err := vonage.OpenMessages(config)
	if err != nil {
		t.Fatal(err)
	}
	return provider, fake.Lab(carriertest.Lab{
		Provider: provider, From: "+15005550006", After: 7 * time.Second, Secrets: []string{secret, signing, signedOld, "PRIVATE KEY"},
		Report: func(text carriertest.Submitted, report carriertest.Report) ([]messaging.Receipt, bool) {
			got, err := provider.Callback(webhook(sms.Receipts, statusOf(text, report), signing))
			if err != nil {
				t.Fatal(err)
			}
			return got.Receipts, true
		},
		Calls: func() []sms.Call {
			text := carriertest.Submitted{ProviderID: "aaaa", To: "+14155550123", From: "+15005550006", Reference: "one.1"}
			return []sms.Call{
				webhook(sms.Receipts, statusOf(text, carriertest.Report{State: "undelivered", At: carriertest.Noon}), signing),
				webhook(sms.Inbound, inbound("Stop"), signing),
			}
		},
		Sign: func(c sms.Call) sms.Call { return signWebhook(c, signing) },
	})
}

func inbound(text string) map[string]any {
	return map[string]any{
		"channel": "sms", "message_uuid": "bbbb", "to": "15005550006", "from": "14155550123", "timestamp": carriertest.Noon.Format(time.RFC3339),
		"message_type": "text", "text": text, "usage": map[string]any{"price": "0.0333", "currency": "EUR"},
		"sms": map[string]any{"num_messages": "1", "keyword": strings.ToUpper(text)}, "origin": map[string]any{"network_code": "310410"},
	}
}
