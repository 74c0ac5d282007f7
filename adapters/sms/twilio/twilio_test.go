package twilio_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/adapters/sms/twilio"
	"github.com/clickbook/clickbook/commands/messaging"
)

func TestContract(t *testing.T) {
	carriertest.Run(t, func(t *testing.T) carriertest.Lab { _, _, lab := open(t); return lab })
}

func FuzzCallback(f *testing.F) { _, _, lab := open(f); carriertest.Fuzz(f, lab) }

// vector is a provider with one auth token, for the vectors that two libraries of Twilio agree on.
func vector(t *testing.T) *twilio.Provider {
	t.Helper()
	provider, err := twilio.Open(sms.Config{
		Settings: map[string]string{"base_url": "https://api.twilio.com", "per_second": "1"},
		Secrets:  map[string][]string{"auth_token": {"12345"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

func TestSignatureVectors(t *testing.T) {
	status := url.Values{
		"AccountSid": {"AC0"}, "From": {"+15005550006"}, "MessageSid": {"SM0"}, "SmsSid": {"SM0"}, "MessageStatus": {"undelivered"},
		"SmsStatus": {"undelivered"}, "ErrorCode": {"30008"}, "To": {"+14155550123"}, "ApiVersion": {"2010-04-01"},
	}
	voice := func(caller string) url.Values {
		return url.Values{
			"CallSid": {"CA1234567890ABCDE"}, "Caller": {caller}, "From": {caller}, "Digits": {"1234"}, "To": {"+18005551212"},
		}
	}
	const hook, myapp = "https://example.test/hooks/twilio?m=42", "https://mycompany.com/myapp.php?foo=1&bar=2"
	for _, c := range []struct {
		address, signature string
		form               url.Values
		want               error // ErrMalformed is verified, but not a receipt
	}{
		{hook, "ogzIavmU6NxKp4P7qIcguXckWmo=", status, nil},
		{myapp, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", voice("+12349013030"), sms.ErrMalformed},
		{myapp, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", voice("+14158675309"), sms.ErrMalformed},
		{strings.Replace(hook, ".test/", ".test:443/", 1), "ogzIavmU6NxKp4P7qIcguXckWmo=", status, nil},
		{strings.Replace(hook, ".test/", ".test:8443/", 1), "ogzIavmU6NxKp4P7qIcguXckWmo=", status, nil},
		{hook + "&n=1", "ogzIavmU6NxKp4P7qIcguXckWmo=", status, sms.ErrForged},
		{strings.Replace(hook, "https", "http", 1), "ogzIavmU6NxKp4P7qIcguXckWmo=", status, sms.ErrForged},
		{hook, "ogzIavmU6NxKp4P7qIcguXckWmp=", status, sms.ErrForged},
		{hook, "OGZIAVMU6NXKP4P7QICGUXCKWMO=", status, sms.ErrForged},
		{hook, "", status, sms.ErrForged},
	} {
		call := sms.Call{
			Kind: sms.Receipts, Method: http.MethodPost, URL: c.address, Body: []byte(c.form.Encode()), At: carriertest.Noon,
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Twilio-Signature": {c.signature}},
		}
		if _, err := vector(t).Callback(call); !errors.Is(err, c.want) {
			t.Errorf("%s %s: %v, want %v", c.address, c.signature, err, c.want)
		}
	}
}

func TestForgedCallsAreRefused(t *testing.T) {
	provider, _, lab := open(t)
	text := carriertest.Submitted{ProviderID: "SM1", To: "+14155550123", From: "+15005550006"}
	valid := func() sms.Call {
		return call(sms.Receipts, "?ref=one.1", receiptForm(text, carriertest.Report{State: "undelivered"}), token)
	}
	resigned := func(c sms.Call, key string) sms.Call {
		form, _ := url.ParseQuery(string(c.Body))
		c.Header.Set("X-Twilio-Signature", sign(c.URL, form, key))
		return c
	}
	for name, c := range map[string]struct {
		change func(sms.Call) sms.Call
		want   error
	}{
		"valid":              {func(c sms.Call) sms.Call { return c }, nil},
		"the previous token": {func(c sms.Call) sms.Call { return resigned(c, old) }, nil},
		"in another order, which is signed alike": {func(c sms.Call) sms.Call {
			parts := strings.Split(string(c.Body), "&")
			parts[0], parts[3] = parts[3], parts[0]
			c.Body = []byte(strings.Join(parts, "&"))
			return c
		}, nil},
		"values swapped": {func(c sms.Call) sms.Call {
			c.Body = bytes.Replace(bytes.Replace(c.Body, []byte("From=%2B15005550006"), []byte("From=%2B14155550123"), 1),
				[]byte("To=%2B14155550123"), []byte("To=%2B15005550006"), 1)
			return c
		}, sms.ErrForged},
		"another secret": {func(c sms.Call) sms.Call { return resigned(c, "guessed") }, sms.ErrForged},
		"no secret":      {func(c sms.Call) sms.Call { return resigned(c, "") }, sms.ErrForged},
		"no signature":   {func(c sms.Call) sms.Call { c.Header.Del("X-Twilio-Signature"); return c }, sms.ErrForged},
		"two signatures": {func(c sms.Call) sms.Call { c.Header.Add("X-Twilio-Signature", "x"); return c }, sms.ErrForged},
		"another text":   {func(c sms.Call) sms.Call { c.URL = strings.Replace(c.URL, "one.1", "one.2", 1); return c }, sms.ErrForged},
		"another host":   {func(c sms.Call) sms.Call { c.URL = strings.Replace(c.URL, "clickbook.", "evil.", 1); return c }, sms.ErrForged},
		"another port": {func(c sms.Call) sms.Call {
			c.URL = strings.Replace(c.URL, ".example/", ".example:8443/", 1)
			return resigned(c, token)
		}, nil},
		"signed for a port": {func(c sms.Call) sms.Call {
			ours := c.URL
			c.URL = strings.Replace(c.URL, ".example/", ".example:8443/", 1)
			c = resigned(c, token)
			c.URL = ours
			return c
		}, sms.ErrForged},
		"a key twice":     {func(c sms.Call) sms.Call { c.Body = append(c.Body, "&ErrorCode=30008"...); return resigned(c, token) }, sms.ErrForged},
		"a key more":      {func(c sms.Call) sms.Call { c.Body = append(c.Body, "&Extra=1"...); return c }, sms.ErrForged},
		"a GET":           {func(c sms.Call) sms.Call { c.Method = http.MethodGet; return c }, sms.ErrMalformed},
		"JSON":            {func(c sms.Call) sms.Call { c.Header.Set("Content-Type", "application/json"); return c }, sms.ErrMalformed},
		"100 MB":          {func(c sms.Call) sms.Call { c.Body = make([]byte, 100<<20); return c }, sms.ErrMalformed},
		"without an id":   {func(c sms.Call) sms.Call { c.Body = []byte("MessageStatus=delivered"); return resigned(c, token) }, sms.ErrMalformed},
		"invalid escapes": {func(c sms.Call) sms.Call { c.Body = []byte("MessageSid=%zz"); return c }, sms.ErrForged},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := provider.Callback(c.change(valid())); !errors.Is(err, c.want) {
				t.Errorf("%+v, %v, want %v", got, err, c.want)
			}
		})
	}
	_ = lab
}

func TestReceipts(t *testing.T) {
	provider, _, _ := open(t)
	came := carriertest.Noon.Add(time.Second)
	for _, c := range []struct {
		status, code, raw string
		want              messaging.Receipt
	}{
		{"accepted", "", "", messaging.Receipt{State: "sent", At: came}},
		{"queued", "", "", messaging.Receipt{State: "sent", At: came}},
		{"delivered", "", "2612011159", messaging.Receipt{State: "delivered", At: came}},
		{"read", "", "", messaging.Receipt{State: "delivered", At: came}},
		{"undelivered", "30003", "", messaging.Receipt{State: "undelivered", Code: "30003", Fault: "HND", At: came}},
		{"undelivered", "30005", "", messaging.Receipt{State: "undelivered", Code: "30005", Fault: "NUM", At: came}},
		{"undelivered", "30007", "", messaging.Receipt{State: "undelivered", Code: "30007", Fault: "CNT", At: came}},
		{"failed", "30034", "", messaging.Receipt{State: "undelivered", Code: "30034", Fault: "CFG", At: came}},
		{"failed", "30036", "", messaging.Receipt{State: "expired", Code: "30036", Fault: "THR", At: came}},
		{"partially_delivered", "", "", messaging.Receipt{State: "undelivered", Code: "partially_delivered", At: came}},
		{"canceled", "", "", messaging.Receipt{State: "undelivered", Code: "canceled", At: came}},
		{"undelivered", "39999", "", messaging.Receipt{State: "undelivered", Code: "39999", Fault: "U", At: came}},
		{"undelivered", "0x7538", "", messaging.Receipt{State: "undelivered", Code: "0x7538", Fault: "U", At: came}},
		{"teleported", "", "", messaging.Receipt{State: "unknown", Code: "teleported", At: came}},
		{"delivered", "", "2611250900", messaging.Receipt{State: "delivered", At: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}},
		{"delivered", "", "2612012359", messaging.Receipt{State: "delivered", At: came}}, // a zone ahead of UTC
		{"delivered", "", "9913459999", messaging.Receipt{State: "delivered", At: came}},
	} {
		form := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {c.status}}
		for key, value := range map[string]string{"ErrorCode": c.code, "RawDlrDoneDate": c.raw} {
			if value != "" {
				form.Set(key, value)
			}
		}
		got, err := provider.Callback(call(sms.Receipts, "?ref=m.1", form, token))
		c.want.Reference, c.want.ProviderID = "m.1", "SM1"
		if err != nil || !reflect.DeepEqual(got.Receipts, []messaging.Receipt{c.want}) {
			t.Errorf("%s %s %s: %+v, %v", c.status, c.code, c.raw, got.Receipts, err)
		}
		if want := "twilio SM1 " + c.status + " " + c.code; got.Once != want {
			t.Errorf("once %q, want %q", got.Once, want)
		}
	}
	if want := map[string]int{"code 39999": 1, "code 0x7538": 1}; !reflect.DeepEqual(provider.Unmapped(), want) {
		t.Errorf("unmapped %v, want %v", provider.Unmapped(), want)
	}
}

func TestInbound(t *testing.T) {
	provider, _, _ := open(t)
	got, err := provider.Callback(call(sms.Inbound, "", inboundForm("stop \xff"), token))
	want := sms.Callback{
		Inbound: []messaging.Inbound{{
			Provider: "us", ID: "SMffffffffffffffffffffffffffffffff", From: "+14155550123", To: "+15005550006", Text: "stop �",
			At: carriertest.Noon.Add(time.Second),
		}},
		Once: "twilio inbound SMffffffffffffffffffffffffffffffff",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTenThousandReceiptsForOneText(t *testing.T) {
	provider, _, _ := open(t)
	handled, ran := sms.NewHandled(100), 0
	one := call(sms.Receipts, "?ref=m.1", url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"delivered"}}, token)
	for range 10_000 {
		got, err := provider.Callback(one)
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

func TestCheck(t *testing.T) {
	provider, fake, _ := open(t)
	if err := provider.Check(t.Context()); err != nil {
		t.Error(err)
	}
	wrong := config(t, fake)
	wrong.Secrets["auth_token"] = []string{"wrong-token"}
	provider, err := twilio.Open(wrong)
	if err != nil {
		t.Fatal(err)
	}
	if err := provider.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "check account_sid") ||
		strings.Contains(err.Error(), "wrong-token") {
		t.Error(err)
	}
}

func TestSenders(t *testing.T) {
	provider, _, _ := open(t)
	for _, c := range []struct {
		country, sender string
		ok              bool
	}{
		{"US", "+15005550006", true},
		{"US", "MG0123456789abcdef0123456789abcdef", true},
		{"US", "ClickBook", false},
		{"CA", "ClickBook", false},
		{"DE", "ClickBook", true},
		{"DE", "ClickBook Ltd.", false},
	} {
		if err := provider.CheckSender(c.country, c.sender); (err == nil) != c.ok {
			t.Errorf("%s %q: %v", c.country, c.sender, err)
		}
	}
}

func TestAMessagingServiceSends(t *testing.T) {
	var got url.Values
	server := carriertest.NewFake(t, shape{})
	config := config(t, server)
	config.Settings["sender"] = "MG0123456789abcdef0123456789abcdef"
	config.Settings["api_key"], config.Secrets["api_secret"] = "SK1", []string{"the-secret-of-the-key"}
	config.Client = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		got = r.PostForm
		if user, password, _ := r.BasicAuth(); user != "SK1" || password != "the-secret-of-the-key" {
			t.Errorf("credentials %s %s", user, password)
		}
		return nil, errors.New("that is all")
	})}
	provider, err := twilio.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = provider.Send(t.Context(), messaging.Text{Reference: "m.1", To: "+4915100000000", ValidUntil: carriertest.Noon.Add(time.Hour)})
	if err == nil || got.Get("MessagingServiceSid") != config.Settings["sender"] || got.Has("From") {
		t.Errorf("%v, %v", got, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }
