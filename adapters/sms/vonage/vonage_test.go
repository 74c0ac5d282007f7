package vonage_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/adapters/sms/vonage"
	"github.com/clickbook/clickbook/commands/messaging"
)

func TestContract(t *testing.T) {
	carriertest.Run(t, func(t *testing.T) carriertest.Lab { _, lab := open(t); return lab })
}

func FuzzCallback(f *testing.F) { _, lab := open(f); carriertest.Fuzz(f, lab) }

// The vector has values in which & and = were already made _, as the text did when it was computed.
func TestSignatureVectors(t *testing.T) {
	const vectorSecret = "abcdef0123456789abcdef0123456789"
	const form = "api_key=abcd1234&msisdn=447700900000&nonce=n1&status=delivered&text=a%26b%3Dc&timestamp=1582650446&to=AcmeInc"
	for _, c := range []struct{ method, sig string }{
		{"md5hash", "654411cb346b22c316a6ffd793097a44"},
		{"sha256", "22DBA51CFC64CDE59B1BA8BA93DC1B9D1F1C66403DA6C357E5834BF4970D1A44"},
	} {
		provider, err := vonage.Open(sms.Config{
			Settings: map[string]string{"base_url": "https://rest.nexmo.com", "per_second": "1", "signature_method": c.method},
			Secrets:  map[string][]string{"signature_secret": {vectorSecret}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for at, want := range map[int64]error{ // a valid one is malformed: it has no messageId
			1582650446: sms.ErrMalformed, 1582650446 + 300: sms.ErrMalformed, 1582650446 - 300: sms.ErrMalformed,
			1582650446 + 301: sms.ErrForged, 1582650446 - 301: sms.ErrForged,
		} {
			_, err := provider.Callback(sms.Call{
				Kind: sms.Receipts, Method: http.MethodPost, URL: public, Body: []byte(form + "&sig=" + c.sig), At: time.Unix(at, 0),
				Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			})
			if !errors.Is(err, want) {
				t.Errorf("%s at %d: %v, want %v", c.method, at, err, want)
			}
		}
	}
}

func TestForgedCallsAreRefused(t *testing.T) {
	provider, _ := open(t)
	values := receipt(carriertest.Submitted{ProviderID: "0A1", Reference: "m.1"}, carriertest.Report{State: "delivered", At: carriertest.Noon})
	for name, c := range map[string]struct {
		call func() sms.Call
		want error
	}{
		"a form":              {func() sms.Call { return call(sms.Receipts, "form", values, signing) }, nil},
		"JSON":                {func() sms.Call { return call(sms.Receipts, "JSON", values, signing) }, nil},
		"a query":             {func() sms.Call { return call(sms.Receipts, "GET", values, signing) }, nil},
		"the previous secret": {func() sms.Call { return call(sms.Receipts, "form", values, signedOld) }, nil},
		"another secret":      {func() sms.Call { return call(sms.Receipts, "form", values, "guessed") }, sms.ErrForged},
		"no secret":           {func() sms.Call { return call(sms.Receipts, "form", values, "") }, sms.ErrForged},
		"six minutes later": {func() sms.Call {
			c := call(sms.Receipts, "form", values, signing)
			c.At = c.At.Add(6 * time.Minute)
			return c
		}, sms.ErrForged},
		"another order, which is signed alike": {func() sms.Call {
			c := call(sms.Receipts, "form", values, signing)
			parts := strings.Split(string(c.Body), "&")
			parts[0], parts[5] = parts[5], parts[0]
			c.Body = []byte(strings.Join(parts, "&"))
			return c
		}, nil},
		"a key twice": {func() sms.Call {
			c := call(sms.Receipts, "form", values, signing)
			c.Body = append(c.Body, "&status=delivered"...)
			return c
		}, sms.ErrForged},
		"a key twice in JSON": {func() sms.Call {
			c := call(sms.Receipts, "JSON", values, signing)
			c.Body = []byte(strings.Replace(string(c.Body), "{", `{"status":"delivered",`, 1))
			return c
		}, sms.ErrForged},
		"the query changed": {func() sms.Call {
			c := call(sms.Receipts, "GET", values, signing)
			c.URL = strings.Replace(c.URL, "m.1", "m.2", 1)
			return c
		}, sms.ErrForged},
		"unsigned": {func() sms.Call {
			c := call(sms.Receipts, "form", values, signing)
			c.Body = []byte("messageId=0A1&status=delivered")
			return c
		}, sms.ErrForged},
		"100 MB": {func() sms.Call {
			c := call(sms.Receipts, "form", values, signing)
			c.Body = make([]byte, 100<<20)
			return c
		}, sms.ErrMalformed},
		"XML": {func() sms.Call {
			c := call(sms.Receipts, "form", values, signing)
			c.Header.Set("Content-Type", "text/xml")
			return c
		}, sms.ErrMalformed},
		"a PUT": {func() sms.Call {
			c := call(sms.Receipts, "form", values, signing)
			c.Method = http.MethodPut
			return c
		}, sms.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := provider.Callback(c.call()); !errors.Is(err, c.want) {
				t.Errorf("%+v, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestATokenSignsToo(t *testing.T) {
	provider, _ := open(t)
	c := call(sms.Receipts, "JSON", receipt(carriertest.Submitted{ProviderID: "0A1", Reference: "m.1"},
		carriertest.Report{State: "delivered", At: carriertest.Noon}), "guessed")
	c.Header.Set("Authorization", "Bearer "+token(hs256, claims(c.Body), signing))
	got, err := provider.Callback(c)
	if err != nil || len(got.Receipts) != 1 || got.Once != "vonage c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5" {
		t.Errorf("%+v, %v", got, err)
	}
	c.Header.Set("Authorization", "Bearer "+token(hs256, claims(nil), signing))
	if _, err := provider.Callback(c); !errors.Is(err, sms.ErrForged) {
		t.Errorf("a token over another body: %v", err)
	}
}

func TestReceipts(t *testing.T) {
	provider, _ := open(t)
	pushed := carriertest.Noon // what message-timestamp says
	for _, c := range []struct {
		status, code, scts, network string
		want                        messaging.Receipt
	}{
		{"delivered", "0", "2612011159", "310410", messaging.Receipt{State: "delivered", Network: "310-410", At: pushed}},
		{"accepted", "0", "", "", messaging.Receipt{State: "sent", At: pushed}},
		{"buffered", "0", "", "", messaging.Receipt{State: "sent", At: pushed}},
		{"failed", "6", "", "26201", messaging.Receipt{State: "undelivered", Code: "6", Fault: "CNT", Network: "262-01", At: pushed}},
		{"rejected", "14", "", "1", messaging.Receipt{State: "undelivered", Code: "14", Fault: "CNT", At: pushed}},
		{"rejected", "39", "", "", messaging.Receipt{State: "undelivered", Code: "39", Fault: "CFG", At: pushed}},
		{"expired", "2", "", "", messaging.Receipt{State: "expired", Code: "2", Fault: "HND", At: pushed}},
		{"unknown", "1", "", "", messaging.Receipt{State: "unknown", Code: "1", Fault: "CAR", At: pushed}},
		{"failed", "0", "", "", messaging.Receipt{State: "undelivered", Code: "failed", At: pushed}},
		{"failed", "0x0b", "", "", messaging.Receipt{State: "undelivered", Code: "0x0b", Fault: "U", At: pushed}},
		{"vanished", "", "", "", messaging.Receipt{State: "unknown", Code: "vanished", At: pushed}},
		{"delivered", "0", "2611250900", "", messaging.Receipt{State: "delivered", At: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}},
		{"delivered", "0", "2612012359", "", messaging.Receipt{State: "delivered", At: pushed}}, // a zone ahead of UTC
	} {
		values := receipt(carriertest.Submitted{ProviderID: "0A1", Reference: "m.1"}, carriertest.Report{})
		values["status"], values["err-code"], values["scts"], values["network-code"] = c.status, c.code, c.scts, c.network
		got, err := provider.Callback(call(sms.Receipts, "form", values, signing))
		c.want.Reference, c.want.ProviderID = "m.1", "0A1"
		if err != nil || !reflect.DeepEqual(got.Receipts, []messaging.Receipt{c.want}) {
			t.Errorf("%s %s: %+v, %v", c.status, c.code, got.Receipts, err)
		}
	}
	if want := map[string]int{"receipt 0x0b": 1}; !reflect.DeepEqual(provider.Unmapped(), want) {
		t.Errorf("unmapped %v", provider.Unmapped())
	}
}

func TestInbound(t *testing.T) {
	provider, _ := open(t)
	got, err := provider.Callback(call(sms.Inbound, "JSON", reply("a=b & c"), signing))
	want := []messaging.Inbound{{
		Provider: "eu", ID: "0B00000000000001", From: "+14155550123", To: "+15005550006", Text: "a=b & c", At: carriertest.Noon,
	}}
	if err != nil || !reflect.DeepEqual(got.Inbound, want) {
		t.Errorf("%+v, %v", got, err)
	}
	binary := reply("x")
	binary["type"] = "binary"
	if got, err := provider.Callback(call(sms.Inbound, "form", binary, signing)); err != nil || len(got.Inbound) != 0 {
		t.Errorf("a binary text: %+v, %v", got, err)
	}
}

// A text of several parts has a status for each. One accepted part is enough: sent again, it would arrive twice.
func TestPartsOfAText(t *testing.T) {
	for reply, want := range map[string]string{
		`{"messages":[{"status":"0","message-id":"A"},{"status":"1"}]}`: "accepted A",
		`{"messages":[{"status":"1"},{"status":"0","message-id":"B"}]}`: "accepted B",
		`{"messages":[{"status":"1"},{"status":"1"}]}`:                  "THR",
		`{"messages":[{"status":"5"}]}`:                                 "PRV",
		`{"messages":[{"status":"6"}]}`:                                 "NUM",
		`{"messages":[{"status":"15"}]}`:                                "CFG",
		`{"messages":[{"status":null}]}`:                                "in doubt",
		`{"messages":[{"message-id":"A"}]}`:                             "in doubt",
		`{"messages":[{"status":0}]}`:                                   "in doubt",
		`{"messages":[]}`:                                               "in doubt",
		`null`:                                                          "in doubt",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, reply) }))
		provider, err := vonage.Open(sms.Config{
			Settings: map[string]string{"base_url": server.URL, "per_second": "1000"}, Now: func() time.Time { return carriertest.Noon },
		})
		if err != nil {
			t.Fatal(err)
		}
		accepted, err := provider.Send(t.Context(), messaging.Text{To: "+14155550123", ValidUntil: carriertest.Noon.Add(time.Hour)})
		got, refused := "in doubt", &messaging.NotAccepted{}
		switch {
		case err == nil:
			got = "accepted " + accepted.ProviderID
		case errors.As(err, &refused):
			got = string(refused.Fault)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", reply, got, want)
		}
		server.Close()
	}
}

func TestAcceptanceNamesTheNetwork(t *testing.T) {
	provider, lab := open(t)
	got, err := provider.Send(t.Context(), lab.Text(1))
	if err != nil || got.Network != "310-410" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCheck(t *testing.T) {
	fake := carriertest.NewFake(t, shape{})
	for given, want := range map[string]string{secret: "", "wrong-secret": "check api_key and api_secret"} {
		wrong := config(fake)
		wrong.Secrets["api_secret"] = []string{given}
		provider, err := vonage.Open(wrong)
		if err != nil {
			t.Fatal(err)
		}
		if err := provider.Check(t.Context()); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", given, err)
		}
	}
}
