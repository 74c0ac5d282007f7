package vonage_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/adapters/sms/vonage"
	"github.com/clickbook/clickbook/commands/messaging"
)

func asAccount(*sms.Config) {}

func asApplication(t testing.TB) func(*sms.Config) {
	return func(config *sms.Config) {
		config.Settings["application_id"] = applicationID
		config.Secrets["private_key"] = []string{privateKey(t)}
		delete(config.Secrets, "api_secret")
	}
}

func TestMessagesContract(t *testing.T) {
	carriertest.Run(t, func(t *testing.T) carriertest.Lab { _, lab := openMessages(t, asAccount); return lab })
}

func TestMessagesContractAsAnApplication(t *testing.T) {
	carriertest.Run(t, func(t *testing.T) carriertest.Lab { _, lab := openMessages(t, asApplication(t)); return lab })
}

func FuzzMessagesCallback(f *testing.F) {
	_, lab := openMessages(f, asAccount)
	carriertest.Fuzz(f, lab)
}

func TestForgedWebhooksAreRefused(t *testing.T) {
	provider, _ := openMessages(t, asAccount)
	text := carriertest.Submitted{ProviderID: "aaaa", Reference: "m.1"}
	body, err := json.Marshal(statusOf(text, carriertest.Report{State: "delivered", At: carriertest.Noon}))
	if err != nil {
		t.Fatal(err)
	}
	with := func(key string, value any) map[string]any {
		changed := maps.Clone(claims(body))
		if changed[key] = value; value == nil {
			delete(changed, key)
		}
		return changed
	}
	rs256, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims(body))).SignedString(application())
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims(claims(body))).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	hs512, err := jwt.NewWithClaims(jwt.SigningMethodHS512, jwt.MapClaims(claims(body))).SignedString([]byte(signing))
	if err != nil {
		t.Fatal(err)
	}
	valid := token(hs256, claims(body), signing)
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"valid":               {valid, nil},
		"the previous secret": {token(hs256, claims(body), signedOld), nil},
		"4 minutes old":       {token(hs256, with("iat", came.Add(-4*time.Minute).Unix()), signing), nil},
		"6 minutes old":       {token(hs256, with("iat", came.Add(-6*time.Minute).Unix()), signing), sms.ErrForged},
		"6 minutes ahead":     {token(hs256, with("iat", came.Add(6*time.Minute).Unix()), signing), sms.ErrForged},
		"no time":             {token(hs256, with("iat", nil), signing), sms.ErrForged},
		"a time in words":     {token(hs256, with("iat", "now"), signing), sms.ErrForged},
		"no id":               {token(hs256, with("jti", nil), signing), sms.ErrForged},
		"another issuer":      {token(hs256, with("iss", "vonage"), signing), sms.ErrForged},
		"another account":     {token(hs256, with("api_key", "ffffffff"), signing), sms.ErrForged},
		"another body":        {token(hs256, with("payload_hash", strings.Repeat("0", 64)), signing), sms.ErrForged},
		"no body":             {token(hs256, with("payload_hash", nil), signing), sms.ErrForged},
		"expired":             {token(hs256, with("exp", came.Add(-time.Hour).Unix()), signing), sms.ErrForged},
		"another secret":      {token(hs256, claims(body), "guessed"), sms.ErrForged},
		"no secret":           {token(hs256, claims(body), ""), sms.ErrForged},
		"alg none":            {unsigned, sms.ErrForged},
		"alg None":            {token(map[string]any{"alg": "None", "typ": "JWT"}, claims(body), signing), sms.ErrForged},
		"alg RS256":           {rs256, sms.ErrForged},
		"alg HS512":           {hs512, sms.ErrForged},
		"named RS256":         {token(map[string]any{"alg": "RS256", "typ": "JWT"}, claims(body), signing), sms.ErrForged},
		"cut":                 {valid[:len(valid)-1], sms.ErrForged},
		"not a token":         {"a.b.c", sms.ErrForged},
		"nothing":             {"", sms.ErrForged},
	} {
		t.Run(name, func(t *testing.T) {
			call := sms.Call{
				Kind: sms.Receipts, Method: http.MethodPost, URL: public, Body: body, At: came,
				Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + c.token}},
			}
			if got, err := provider.Callback(call); !errors.Is(err, c.want) {
				t.Errorf("%+v, %v, want %v", got, err, c.want)
			}
		})
	}
	for at := range valid { // the token has 3 parts, and each bit of each counts
		for bit := range 8 {
			changed := []byte(valid)
			if changed[at] ^= 1 << bit; changed[at] == '\n' || changed[at] == '\r' {
				continue
			}
			call := sms.Call{
				Kind: sms.Receipts, Method: http.MethodPost, URL: public, Body: body, At: came,
				Header: http.Header{"Authorization": {"Bearer " + string(changed)}},
			}
			if _, err := provider.Callback(call); !errors.Is(err, sms.ErrForged) {
				t.Fatalf("bit %d of byte %d of the token changed: %v", bit, at, err)
			}
		}
	}
}

func TestAWebhookComesOnce(t *testing.T) {
	provider, _ := openMessages(t, asAccount)
	call := webhook(sms.Receipts, statusOf(carriertest.Submitted{ProviderID: "aaaa", Reference: "m.1"},
		carriertest.Report{State: "delivered", At: carriertest.Noon}), signing)
	handled, ran := sms.NewHandled(10), 0
	for range 10_000 {
		got, err := provider.Callback(call)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := handled.Do(got, func() error { ran++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if ran != 1 {
		t.Errorf("handled %d times", ran)
	}
}

func TestMessagesReceipts(t *testing.T) {
	provider, _ := openMessages(t, asAccount)
	at := carriertest.Noon.Add(-time.Minute)
	for _, c := range []struct {
		change map[string]any
		want   messaging.Receipt
	}{
		{map[string]any{"status": "submitted"}, messaging.Receipt{State: "sent", At: at}},
		{map[string]any{"status": "delivered"}, messaging.Receipt{State: "delivered", At: at}},
		{map[string]any{"status": "read"}, messaging.Receipt{State: "delivered", At: at}},
		{
			map[string]any{"status": "rejected", "error": map[string]any{"type": "https://x/api-errors/messages#1210"}},
			messaging.Receipt{State: "undelivered", Code: "1210", Fault: "CNT", At: at},
		},
		{
			map[string]any{"status": "rejected", "error": map[string]any{"type": "https://x/api-errors/messages#1360"}},
			messaging.Receipt{State: "expired", Code: "1360", Fault: "HND", At: at},
		},
		{
			map[string]any{"status": "undeliverable", "error": map[string]any{"title": 1260}},
			messaging.Receipt{State: "undelivered", Code: "1260", Fault: "NUM", At: at},
		},
		{map[string]any{"status": "undeliverable"}, messaging.Receipt{State: "undelivered", Code: "undeliverable", At: at}},
		{
			map[string]any{"status": "rejected", "error": map[string]any{"type": "https://x/#9999"}},
			messaging.Receipt{State: "undelivered", Code: "9999", Fault: "U", At: at},
		},
		{map[string]any{"status": "vanished"}, messaging.Receipt{State: "unknown", Code: "vanished", At: at}},
		{map[string]any{"status": "delivered", "timestamp": "2026-12-01T11:59:30"}, messaging.Receipt{State: "delivered", At: came}},
		{map[string]any{"status": "delivered", "timestamp": "2026-12-01 11:59:30 +0000"}, messaging.Receipt{State: "delivered", At: at}},
		{map[string]any{"status": "delivered", "timestamp": "2027-01-01T00:00:00Z"}, messaging.Receipt{State: "delivered", At: came}},
	} {
		body := statusOf(carriertest.Submitted{ProviderID: "aaaa", Reference: "m.1"}, carriertest.Report{State: "sent", At: at})
		maps.Copy(body, c.change)
		got, err := provider.Callback(webhook(sms.Receipts, body, signing))
		c.want.Reference, c.want.ProviderID, c.want.Network = "m.1", "aaaa", "310-410"
		if err != nil || !reflect.DeepEqual(got.Receipts, []messaging.Receipt{c.want}) {
			t.Errorf("%v: %+v, %v", c.change, got.Receipts, err)
		}
	}
	if want := map[string]int{"messages 9999": 1}; !reflect.DeepEqual(provider.Unmapped(), want) {
		t.Errorf("unmapped %v", provider.Unmapped())
	}
}

func TestMessagesInbound(t *testing.T) {
	provider, _ := openMessages(t, asAccount)
	got, err := provider.Callback(webhook(sms.Inbound, inbound("Stop"), signing))
	want := []messaging.Inbound{{
		Provider: "eu", ID: "bbbb", From: "+14155550123", To: "+15005550006", Text: "Stop", At: carriertest.Noon,
	}}
	if err != nil || !reflect.DeepEqual(got.Inbound, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for key, value := range map[string]any{"channel": "whatsapp", "message_type": "image"} {
		other := inbound("Stop")
		other[key] = value
		if got, err := provider.Callback(webhook(sms.Inbound, other, signing)); err != nil || len(got.Inbound) != 0 {
			t.Errorf("%s %v: %+v, %v", key, value, got, err)
		}
	}
}

func TestMessagesCheck(t *testing.T) {
	for want, change := range map[string]func(*sms.Config){
		"":                             asApplication(t),
		"check api_key and api_secret": func(config *sms.Config) { config.Secrets["api_secret"] = []string{"wrong-secret"} },
		"check application_id and private_key": func(config *sms.Config) {
			asApplication(t)(config)
			config.Settings["application_id"] = "ffffffff-bbbb-cccc-dddd-0123456789ab"
		},
	} {
		provider, lab := openMessages(t, change)
		err := provider.Check(t.Context())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || len(lab.Accepted()) != 0 {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestMessagesNeedCredentials(t *testing.T) {
	for want, config := range map[string]sms.Config{
		"no credentials":  {},
		"belong together": {Secrets: map[string][]string{"private_key": {privateKey(t)}}},
		"in PEM":          {Secrets: map[string][]string{"private_key": {"no key"}}, Settings: map[string]string{"application_id": "a"}},
	} {
		if config.Settings == nil {
			config.Settings = make(map[string]string)
		}
		config.Settings["base_url"], config.Settings["per_second"] = "https://api.nexmo.com", "1"
		if _, err := vonage.OpenMessages(config); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "BEGIN") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
