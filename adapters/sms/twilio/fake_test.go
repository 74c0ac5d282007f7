package twilio_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/adapters/sms/twilio"
	"github.com/clickbook/clickbook/commands/messaging"
)

const (
	account = "AC0123456789abcdef0123456789abcdef"
	token   = "the-newest-auth-token"
	old     = "the-previous-auth-token"
	public  = "https://clickbook.example/api/v1/callbacks/us/"
)

// shape is Twilio's API, version 2010-04-01.
type shape struct{}

func (shape) Parse(r *http.Request, body []byte, n int) (carriertest.Submitted, bool, error) {
	if r.URL.Path != "/2010-04-01/Accounts/"+account+"/Messages.json" || r.Method != http.MethodPost {
		return carriertest.Submitted{}, false, nil
	}
	form, err := url.ParseQuery(string(body))
	callback, bad := url.Parse(form.Get("StatusCallback"))
	seconds, worse := strconv.Atoi(form.Get("ValidityPeriod"))
	user, password, _ := r.BasicAuth()
	if err := errors.Join(err, bad, worse); err != nil {
		return carriertest.Submitted{}, true, err
	}
	switch {
	case user != account || password != token:
		err = errors.New("wrong credentials")
	case r.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
		err = errors.New("not a form")
	case seconds < 1 || seconds > 36_000:
		err = errors.New("21624")
	case !strings.HasPrefix(form.Get("To"), "+") || form.Get("From") == "":
		err = errors.New("21211 or 21603")
	case !strings.HasPrefix(form.Get("StatusCallback"), public+"receipts?"):
		err = errors.New("21609")
	}
	for key := range form {
		if !slices.Contains([]string{"To", "From", "Body", "StatusCallback", "ValidityPeriod"}, key) {
			err = fmt.Errorf("no parameter %s", key)
		}
	}
	return carriertest.Submitted{
		Reference: callback.Query().Get("ref"), ProviderID: fmt.Sprintf("SM%032x", n), From: form.Get("From"),
		To: form.Get("To"), Body: form.Get("Body"), ValidUntil: carriertest.Noon.Add(time.Duration(seconds) * time.Second),
	}, true, err
}

func message(text carriertest.Submitted, status string, code any) map[string]any {
	return map[string]any{
		"account_sid": account, "api_version": "2010-04-01", "body": text.Body, "date_created": carriertest.Noon.Format(time.RFC1123Z),
		"date_sent": nil, "date_updated": carriertest.Noon.Format(time.RFC1123Z), "direction": "outbound-api",
		"error_code": code, "error_message": nil, "from": text.From, "messaging_service_sid": nil, "num_media": "0",
		"num_segments": "1", "price": nil, "price_unit": "USD", "sid": text.ProviderID, "status": status, "to": text.To,
		"uri": "/2010-04-01/Accounts/" + account + "/Messages/" + text.ProviderID + ".json",
	}
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (shape) Accept(w http.ResponseWriter, text carriertest.Submitted) {
	respond(w, http.StatusCreated, message(text, "queued", nil))
}

func (shape) Refuse(w http.ResponseWriter, b carriertest.Behaviour, text carriertest.Submitted) bool {
	code, status := 0, http.StatusBadRequest
	switch b {
	case carriertest.BadNumber:
		code = 21211
	case carriertest.BadCredentials:
		code, status = 20003, http.StatusUnauthorized
	case carriertest.Throttled:
		w.Header().Set("Retry-After", "7")
		code, status = 20429, http.StatusTooManyRequests
	case carriertest.Unavailable:
		code, status = 20503, http.StatusServiceUnavailable
	case carriertest.ErrorInside:
		respond(w, http.StatusCreated, message(text, "failed", 30034))
		return true
	case carriertest.UnheardCode:
		code = 29999
	default:
		return false
	}
	respond(w, status, map[string]any{
		"code": code, "message": "The number +14155550123 is not right.", "status": status,
		"more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code),
	})
	return true
}

func (shape) Else(
	w http.ResponseWriter, r *http.Request, find func(string) (carriertest.Submitted, carriertest.Report, bool), b carriertest.Behaviour,
) {
	if r.URL.Path == "/2010-04-01/Accounts/"+account+"/Balance.json" {
		if user, password, _ := r.BasicAuth(); user != account || password != token {
			respond(w, http.StatusUnauthorized, map[string]any{"code": 20003, "status": 401, "message": "Authenticate"})
			return
		}
		respond(w, http.StatusOK, map[string]any{"account_sid": account, "balance": "12.34", "currency": "USD"})
		return
	}
	id := strings.TrimSuffix(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], ".json")
	text, report, ok := find(id)
	if !ok {
		respond(w, http.StatusNotFound, map[string]any{"code": 20404, "status": 404})
		return
	}
	status, code := status(report.State)
	if b == carriertest.StatusUnknown {
		status, code = "teleported", ""
	}
	if number, err := strconv.Atoi(code); err == nil {
		respond(w, http.StatusOK, message(text, status, number))
		return
	}
	respond(w, http.StatusOK, message(text, status, nil))
}

// status returns Twilio's status and code of a state.
func status(state string) (status, code string) {
	switch state {
	case "delivered":
		return "delivered", ""
	case "undelivered":
		return "undelivered", "30008"
	case "expired":
		return "failed", "30036"
	case "unheard":
		return "teleported", ""
	}
	return "sent", ""
}

// sign is the rule of Twilio's documents, written again.
func sign(address string, form url.Values, key string) string {
	keys := make([]string, 0, len(form))
	for k := range form {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		address += k + form.Get(k)
	}
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(address))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func call(kind, query string, form url.Values, key string) sms.Call {
	address := public + kind + query
	return sms.Call{
		Kind: kind, Method: http.MethodPost, URL: address, Body: []byte(form.Encode()), At: carriertest.Noon.Add(time.Second),
		Header: http.Header{
			"Content-Type":               {"application/x-www-form-urlencoded; charset=UTF-8"},
			"X-Twilio-Signature":         {sign(address, form, key)},
			"I-Twilio-Idempotency-Token": {"42aa9b4c-0c7a-4d9e-8d8e-0a7a4e6f5f10"},
		},
	}
}

func receiptForm(text carriertest.Submitted, report carriertest.Report) url.Values {
	status, code := status(report.State)
	form := url.Values{
		"AccountSid": {account}, "ApiVersion": {"2010-04-01"}, "From": {text.From}, "To": {text.To},
		"MessageSid": {text.ProviderID}, "SmsSid": {text.ProviderID}, "MessageStatus": {status}, "SmsStatus": {status},
	}
	if code != "" {
		form.Set("ErrorCode", code)
	}
	if !report.At.IsZero() {
		form.Set("RawDlrDoneDate", report.At.Format("0601021504"))
	}
	return form
}

func inboundForm(text string) url.Values {
	return url.Values{
		"AccountSid": {account}, "ApiVersion": {"2010-04-01"}, "From": {"+14155550123"}, "To": {"+15005550006"}, "Body": {text},
		"MessageSid": {"SMffffffffffffffffffffffffffffffff"}, "SmsMessageSid": {"SMffffffffffffffffffffffffffffffff"},
		"SmsSid": {"SMffffffffffffffffffffffffffffffff"}, "SmsStatus": {"received"}, "NumMedia": {"0"}, "NumSegments": {"1"},
	}
}

func config(t testing.TB, fake *carriertest.Fake) sms.Config {
	t.Helper()
	config := sms.Config{
		Provider: "us", Settings: map[string]string{"account_sid": account, "sender": "+15005550006", "per_second": "1000"},
		Secrets:  map[string][]string{"auth_token": {token, old}},
		Callback: func(kind string) string { return public + kind },
		Now:      func() time.Time { return carriertest.Noon }, Log: fake.Log(),
	}
	config.Settings["base_url"] = fake.Server.URL
	if problems := twilio.Kind.Problems(config); len(problems) != 0 {
		t.Fatal(problems)
	}
	return config
}

func open(t testing.TB) (*twilio.Provider, *carriertest.Fake, carriertest.Lab) {
	t.Helper()
	fake := carriertest.NewFake(t, shape{})
	provider, err := twilio.Open(config(t, fake))
	if err != nil {
		t.Fatal(err)
	}
	return provider, fake, fake.Lab(carriertest.Lab{
		Provider: provider, From: "+15005550006", After: 7 * time.Second, Secrets: []string{token, old},
		Report: func(text carriertest.Submitted, report carriertest.Report) ([]messaging.Receipt, bool) {
			if report.State == "unknown" {
				return nil, false
			}
			fake.Reported(text, report)
			query := "?" + url.Values{"ref": {text.Reference}}.Encode()
			got, err := provider.Callback(call(sms.Receipts, query, receiptForm(text, report), token))
			if err != nil {
				t.Fatal(err)
			}
			return got.Receipts, true
		},
		Calls: func() []sms.Call {
			return []sms.Call{
				call(sms.Receipts, "?ref=one.1", receiptForm(carriertest.Submitted{
					ProviderID: "SM1", To: "+14155550123", From: "+15005550006",
				}, carriertest.Report{State: "undelivered", At: carriertest.Noon}), token),
				call(sms.Inbound, "", inboundForm("STOP & thanks"), token),
			}
		},
		Sign: func(c sms.Call) sms.Call {
			form, err := url.ParseQuery(string(c.Body))
			if err == nil {
				c.Header = c.Header.Clone()
				c.Header.Set("X-Twilio-Signature", sign(c.URL, form, token))
			}
			return c
		},
	})
}
