package vonage_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/adapters/sms/vonage"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

const (
	key       = "abcd1234"
	secret    = "the-api-secret-of-vonage"
	signing   = "the-newest-signature-secret-0123"
	signedOld = "the-previous-signature-secret-01"
	public    = "https://clickbook.example/api/v1/callbacks/eu/"
)

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// shape is the SMS API, version 1.0.10.
type shape struct{}

func (shape) Parse(r *http.Request, body []byte, n int) (carriertest.Submitted, bool, error) {
	if r.URL.Path != "/sms/json" || r.Method != http.MethodPost {
		return carriertest.Submitted{}, false, nil
	}
	form, err := url.ParseQuery(string(body))
	ttl, bad := strconv.Atoi(form.Get("ttl"))
	if err := errors.Join(err, bad); err != nil {
		return carriertest.Submitted{}, true, err
	}
	alphabet := map[string]string{"text": message.GSM7, "unicode": message.UCS2}[form.Get("type")]
	switch {
	case form.Get("api_key") != key || form.Get("api_secret") != secret:
		err = errors.New("wrong credentials")
	case ttl < 20_000 || ttl > 604_800_000:
		err = errors.New("wrong ttl")
	case strings.HasPrefix(form.Get("to"), "+") || strings.HasPrefix(form.Get("from"), "+") || form.Get("from") == "":
		err = errors.New("wrong number")
	case len(form.Get("client-ref")) > 40 || form.Get("callback") != public+"receipts" || form.Get("status-report-req") != "1":
		err = errors.New("wrong reference or callback")
	case alphabet == "":
		err = errors.New("wrong type")
	}
	for name := range form {
		if !slices.Contains([]string{
			"api_key", "api_secret", "from", "to", "text", "ttl", "status-report-req", "callback", "type", "client-ref",
		}, name) {
			err = fmt.Errorf("no parameter %s", name)
		}
	}
	return carriertest.Submitted{
		Reference: form.Get("client-ref"), ProviderID: fmt.Sprintf("0A000000%08X", n), From: "+" + form.Get("from"), To: "+" + form.Get("to"),
		Body: form.Get("text"), Encoding: alphabet, ValidUntil: carriertest.Noon.Add(time.Duration(ttl) * time.Millisecond),
	}, true, err
}

func (shape) Accept(w http.ResponseWriter, text carriertest.Submitted) {
	parts, _ := message.Segments(text.Body)
	replies := make([]map[string]any, parts)
	for n := range replies {
		replies[n] = map[string]any{
			"to": strings.TrimPrefix(text.To, "+"), "message-id": text.ProviderID, "status": "0", "remaining-balance": "15.53590000",
			"message-price": "0.03330000", "network": "310410", "client-ref": text.Reference,
		}
		if n > 0 {
			replies[n]["message-id"] = text.ProviderID + fmt.Sprint(n)
		}
	}
	respond(w, http.StatusOK, map[string]any{"message-count": fmt.Sprint(parts), "messages": replies})
}

func (shape) Refuse(w http.ResponseWriter, b carriertest.Behaviour, text carriertest.Submitted) bool {
	status := map[carriertest.Behaviour]string{
		carriertest.BadNumber: "6", carriertest.BadCredentials: "4", carriertest.Throttled: "1", carriertest.ErrorInside: "9",
		carriertest.UnheardCode: "77",
	}[b]
	if b == carriertest.Unavailable {
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
		return true
	}
	if status != "" {
		respond(w, http.StatusOK, map[string]any{"message-count": "1", "messages": []map[string]any{{
			"status": status, "error-text": "Refused for " + text.To,
		}}})
	}
	return status != ""
}

func (shape) Else(
	w http.ResponseWriter, r *http.Request, _ func(string) (carriertest.Submitted, carriertest.Report, bool), _ carriertest.Behaviour,
) {
	user, password, _ := r.BasicAuth()
	switch {
	case r.URL.Path != "/account/get-balance":
		w.WriteHeader(http.StatusNotFound)
	case user != key || password != secret:
		respond(w, http.StatusUnauthorized, map[string]any{"error-code": "401", "error-code-label": "authentication failed"})
	default:
		respond(w, http.StatusOK, map[string]any{"value": 10.28, "autoReload": false})
	}
}

// sign is the rule of Vonage's documents for HMAC-SHA256, written again.
func sign(values map[string]string, key string) string {
	text := ""
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "sig" {
			text += "&" + name + "=" + strings.ReplaceAll(strings.ReplaceAll(values[name], "&", "_"), "=", "_")
		}
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}

var came = carriertest.Noon.Add(time.Second)

// call returns a signed call, as "GET", "form" or "JSON".
func call(kind, as string, values map[string]string, key string) sms.Call {
	values = maps.Clone(values)
	values["timestamp"], values["nonce"] = fmt.Sprint(came.Unix()), "7f3c"
	values["sig"] = sign(values, key)
	form := make(url.Values)
	for name, value := range values {
		form.Set(name, value)
	}
	c := sms.Call{Kind: kind, Method: http.MethodPost, URL: public + kind, At: came, Header: make(http.Header)}
	switch as {
	case "GET":
		c.Method, c.URL = http.MethodGet, c.URL+"?"+form.Encode()
	case "form":
		c.Body = []byte(form.Encode())
		c.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case "JSON":
		c.Body, _ = json.Marshal(values)
		c.Header.Set("Content-Type", "application/json")
	}
	return c
}

// resign signs a call again after it was changed, if it still has parameters.
func resign(c sms.Call) sms.Call {
	values := make(map[string]string)
	if c.Header.Get("Content-Type") == "application/json" {
		if json.Unmarshal(c.Body, &values) != nil || values == nil {
			return c
		}
	} else {
		query := string(c.Body)
		if c.Method == http.MethodGet {
			_, query, _ = strings.Cut(c.URL, "?")
		}
		form, err := url.ParseQuery(query)
		if err != nil {
			return c
		}
		for name := range form {
			values[name] = form.Get(name)
		}
	}
	as := map[bool]string{true: "JSON", false: "form"}[c.Header.Get("Content-Type") == "application/json"]
	if c.Method == http.MethodGet {
		as = "GET"
	}
	signed := call(c.Kind, as, values, signing)
	if len(signed.Body) == 0 && as != "GET" {
		return c
	}
	return signed
}

func receipt(text carriertest.Submitted, report carriertest.Report) map[string]string {
	status := map[string][2]string{
		"delivered": {"delivered", "0"}, "undelivered": {"failed", "8"}, "expired": {"expired", "2"}, "unknown": {"unknown", "1"},
		"sent": {"accepted", "0"}, "unheard": {"teleported", "0"},
	}[report.State]
	return map[string]string{
		"msisdn": strings.TrimPrefix(text.To, "+"), "to": strings.TrimPrefix(text.From, "+"), "network-code": "310410",
		"messageId": text.ProviderID, "price": "0.03330000", "status": status[0], "scts": report.At.Format("0601021504"),
		"err-code": status[1], "api-key": key, "client-ref": text.Reference, "message-timestamp": carriertest.Noon.Format("2006-01-02 15:04:05"),
	}
}

func reply(text string) map[string]string {
	return map[string]string{
		"api-key": key, "msisdn": "14155550123", "to": "15005550006", "messageId": "0B00000000000001", "text": text, "type": "text",
		"keyword": strings.ToUpper(text), "message-timestamp": carriertest.Noon.Format("2006-01-02 15:04:05"),
	}
}

func config(fake *carriertest.Fake) sms.Config {
	return sms.Config{
		Provider: "eu", Settings: map[string]string{
			"api_key": key, "sender": "15005550006", "per_second": "1000", "base_url": fake.Server.URL, "signature_method": "sha256",
		},
		Secrets:  map[string][]string{"api_secret": {secret}, "signature_secret": {signing, signedOld}},
		Callback: func(kind string) string { return public + kind },
		Now:      func() time.Time { return carriertest.Noon }, Log: fake.Log(),
	}
}

func open(t testing.TB) (*vonage.Provider, carriertest.Lab) {
	t.Helper()
	fake := carriertest.NewFake(t, shape{})
	if problems := vonage.Kind.Problems(config(fake)); len(problems) != 0 {
		t.Fatal(problems)
	}
	provider, err := vonage.Open(config(fake))
	if err != nil {
		t.Fatal(err)
	}
	way := 0
	return provider, fake.Lab(carriertest.Lab{
		Provider: provider, From: "+15005550006", Secrets: []string{secret, signing, signedOld},
		Report: func(text carriertest.Submitted, report carriertest.Report) ([]messaging.Receipt, bool) {
			way++
			got, err := provider.Callback(call(sms.Receipts, []string{"GET", "form", "JSON"}[way%3], receipt(text, report), signing))
			if err != nil {
				t.Fatal(err)
			}
			return got.Receipts, true
		},
		Calls: func() []sms.Call {
			text := carriertest.Submitted{ProviderID: "0A1", To: "+14155550123", From: "+15005550006", Reference: "one.1"}
			failed := receipt(text, carriertest.Report{State: "undelivered", At: carriertest.Noon})
			return []sms.Call{
				call(sms.Receipts, "form", failed, signing), call(sms.Receipts, "JSON", failed, signing),
				call(sms.Receipts, "GET", failed, signing), call(sms.Inbound, "form", reply("Stop & = go"), signing),
			}
		},
		Sign: resign,
	})
}

// token returns a JWT over a body, made without the library that the adapter uses.
func token(header, claims map[string]any, key string) string {
	part := func(values map[string]any) string {
		text, _ := json.Marshal(values)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := part(header) + "." + part(claims)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func claims(body []byte) map[string]any {
	sum := sha256.Sum256(body)
	return map[string]any{
		"iat": came.Unix(), "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5", "iss": "Vonage", "api_key": key,
		"application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "payload_hash": hex.EncodeToString(sum[:]),
	}
}

var hs256 = map[string]any{"alg": "HS256", "typ": "JWT"}
