package clickatell_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/adapters/sms/clickatell"
	"github.com/clickbook/clickbook/commands/messaging"
)

const (
	key      = "the-api-key-of-clickatell=="
	token    = "the-newest-token-in-the-address"
	oldToken = "the-previous-token-in-the-address"
	public   = "https://clickbook.example/api/v1/callbacks/za/"
)

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// shape is the One API, version 1.
type shape struct{ noValidity bool }

func (s shape) Parse(r *http.Request, body []byte, n int) (carriertest.Submitted, bool, error) {
	if r.URL.Path != "/v1/message" || r.Method != http.MethodPost {
		return carriertest.Submitted{}, false, nil
	}
	type outbound struct {
		Channel         string `json:"channel"`
		To              string `json:"to"`
		From            string `json:"from"`
		Content         string `json:"content"`
		ClientMessageID string `json:"clientMessageId"`
		ValidityPeriod  int    `json:"validityPeriod"`
	}
	var all struct {
		Messages []outbound `json:"messages"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&all)
	if err != nil || len(all.Messages) != 1 {
		return carriertest.Submitted{}, true, fmt.Errorf("%d messages: %w", len(all.Messages), err)
	}
	text := all.Messages[0]
	switch {
	case r.Header.Get("Authorization") != key || r.Header.Get("Content-Type") != "application/json":
		err = errors.New("wrong key or type")
	case text.Channel != "sms" || strings.HasPrefix(text.To, "+") || strings.HasPrefix(text.From, "+"):
		err = errors.New("wrong channel or number")
	case (text.ValidityPeriod == 0) != s.noValidity || text.ValidityPeriod > 1440:
		err = errors.New("wrong validity")
	}
	submitted := carriertest.Submitted{
		Reference: text.ClientMessageID, ProviderID: fmt.Sprintf("%032x", n), From: "+" + text.From, To: "+" + text.To, Body: text.Content,
	}
	if text.ValidityPeriod > 0 {
		submitted.ValidUntil = carriertest.Noon.Add(time.Duration(text.ValidityPeriod) * time.Minute)
	}
	return submitted, true, err
}

func messages(text carriertest.Submitted, accepted bool, problem any) map[string]any {
	id := any(text.ProviderID)
	if !accepted {
		id = nil
	}
	return map[string]any{"messages": []map[string]any{{
		"apiMessageId": id, "accepted": accepted, "to": strings.TrimPrefix(text.To, "+"), "error": problem,
	}}, "error": nil}
}

func problem(code int) map[string]any {
	return map[string]any{"code": code, "description": "Refused for +14155550123."}
}

func (shape) Accept(w http.ResponseWriter, text carriertest.Submitted) {
	respond(w, http.StatusAccepted, messages(text, true, nil))
}

func (shape) Refuse(w http.ResponseWriter, b carriertest.Behaviour, text carriertest.Submitted) bool {
	all := func(status, code int) {
		respond(w, status, map[string]any{"messages": []any{}, "error": problem(code)})
	}
	switch b {
	case carriertest.BadNumber:
		respond(w, http.StatusAccepted, messages(text, false, problem(25)))
	case carriertest.BadCredentials:
		all(http.StatusUnauthorized, 1)
	case carriertest.Throttled:
		w.Header().Set("Retry-After", "7")
		all(http.StatusTooManyRequests, 43)
	case carriertest.Unavailable:
		all(http.StatusServiceUnavailable, 19)
	case carriertest.ErrorInside:
		all(http.StatusAccepted, 20)
	case carriertest.UnheardCode:
		respond(w, http.StatusAccepted, messages(text, false, problem(777)))
	default:
		return false
	}
	return true
}

func (shape) Else(
	w http.ResponseWriter, r *http.Request, find func(string) (carriertest.Submitted, carriertest.Report, bool), b carriertest.Behaviour,
) {
	if r.Header.Get("Authorization") != key {
		respond(w, http.StatusUnauthorized, map[string]any{"error": problem(1)})
		return
	}
	if r.URL.Path == "/v1/balance" {
		respond(w, http.StatusOK, map[string]any{"balance": 5.25, "currency": "USD"})
		return
	}
	_, report, ok := find(strings.TrimPrefix(r.URL.Path, "/v1/message/"))
	if !ok { // a message that is not found has no channel
		respond(w, http.StatusOK, map[string]any{"status": "UNKNOWN", "statusCode": 1, "timestamp": carriertest.Noon.UnixMilli()})
		return
	}
	if b == carriertest.StatusUnknown {
		report.State = "unheard"
	}
	entry := status(report.State)
	entry["timestamp"] = carriertest.Noon.UnixMilli()
	respond(w, http.StatusOK, map[string]any{"sms": entry})
}

func status(state string) map[string]any {
	name, code := "SENT_TO_SUPPLIER", 4
	switch state {
	case "delivered":
		name, code = "DEVICE_ACK", 5
	case "undelivered":
		name, code = "ROUTING_ERROR", 100
	case "expired":
		name, code = "EXPIRED", 20
	case "unknown":
		name, code = "UNKNOWN", 1
	case "unheard":
		name, code = "TELEPORTED", 4711
	}
	return map[string]any{"status": name, "statusCode": code}
}

func update(text carriertest.Submitted, report carriertest.Report) map[string]any {
	values := status(report.State)
	values["channel"], values["messageId"], values["clientMessageId"] = "sms", text.ProviderID, text.Reference
	values["timestamp"] = report.At.UnixMilli()
	return values
}

func reply(text string) map[string]any {
	return map[string]any{
		"channel": "sms", "messageId": "f1", "from": "14155550123", "to": "27820000000", "timestamp": carriertest.Noon.UnixMilli(), "content": text,
	}
}

func call(kind, list string, entries ...map[string]any) sms.Call {
	body, _ := json.Marshal(map[string]any{
		"integrationId": "ff80808173e0a1d20173e3a1", "integrationName": "Reminders", "event": map[string]any{list: entries},
	})
	return sms.Call{
		Kind: kind, Method: http.MethodPost, URL: public + kind + "?t=" + token, Body: body, At: carriertest.Noon.Add(time.Second),
		Header: http.Header{"Content-Type": {"application/json;charset=UTF-8"}}, From: "192.0.2.7:4711",
	}
}

func config(fake *carriertest.Fake) sms.Config {
	return sms.Config{
		Provider: "za", Settings: map[string]string{
			"sender": "27820000000", "per_second": "1000", "base_url": fake.Server.URL, "validity_period": "send",
		},
		Secrets:  map[string][]string{"api_key": {key}, "callback_token": {token, oldToken}},
		Callback: func(kind string) string { return public + kind },
		Now:      func() time.Time { return carriertest.Noon }, Log: fake.Log(),
	}
}

func open(t testing.TB, change func(*sms.Config)) (*clickatell.Provider, carriertest.Lab) {
	t.Helper()
	fake := carriertest.NewFake(t, shape{})
	config := config(fake)
	change(&config)
	if problems := clickatell.Kind.Problems(config); len(problems) != 0 {
		t.Fatal(problems)
	}
	provider, err := clickatell.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	return provider, fake.Lab(carriertest.Lab{
		Provider: provider, From: "+27820000000", After: 7 * time.Second, Secrets: []string{key, token, oldToken},
		Report: func(text carriertest.Submitted, report carriertest.Report) ([]messaging.Receipt, bool) {
			fake.Reported(text, report)
			got, err := provider.Callback(call(sms.Receipts, "messageStatusUpdate", update(text, report)))
			if err != nil {
				t.Fatal(err)
			}
			return got.Receipts, true
		},
		Calls: func() []sms.Call {
			text := carriertest.Submitted{ProviderID: "a1", Reference: "one.1"}
			return []sms.Call{
				call(sms.Receipts, "messageStatusUpdate", update(text, carriertest.Report{State: "undelivered", At: carriertest.Noon})),
				call(sms.Inbound, "moText", reply("Stop")),
			}
		},
	})
}

func asIs(*sms.Config) {}
