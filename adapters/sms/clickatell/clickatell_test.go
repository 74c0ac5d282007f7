package clickatell_test

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
	"github.com/clickbook/clickbook/adapters/sms/clickatell"
	"github.com/clickbook/clickbook/commands/messaging"
)

func TestContract(t *testing.T) {
	carriertest.Run(t, func(t *testing.T) carriertest.Lab { _, lab := open(t, asIs); return lab })
}

func FuzzCallback(f *testing.F) { _, lab := open(f, asIs); carriertest.Fuzz(f, lab) }

func TestCallsNeedTheToken(t *testing.T) {
	open1, _ := open(t, asIs)
	limited, _ := open(t, func(config *sms.Config) { config.Settings["callback_sources"] = "192.0.2.0/24, 2001:db8::1" })
	text := carriertest.Submitted{ProviderID: "a1", Reference: "m.1"}
	valid := func() sms.Call {
		return call(sms.Receipts, "messageStatusUpdate", update(text, carriertest.Report{State: "delivered", At: carriertest.Noon}))
	}
	address := func(query string) func(sms.Call) sms.Call {
		return func(c sms.Call) sms.Call { c.URL = public + "receipts" + query; return c }
	}
	from := func(address string) func(sms.Call) sms.Call {
		return func(c sms.Call) sms.Call { c.From = address; return c }
	}
	for name, c := range map[string]struct {
		provider *clickatell.Provider
		change   func(sms.Call) sms.Call
		want     error
	}{
		"the token":              {open1, func(c sms.Call) sms.Call { return c }, nil},
		"the previous token":     {open1, address("?t=" + oldToken), nil},
		"no token":               {open1, address(""), sms.ErrForged},
		"an empty token":         {open1, address("?t="), sms.ErrForged},
		"another token":          {open1, address("?t=guessed"), sms.ErrForged},
		"a token more":           {open1, address("?t=" + token + "&t=guessed"), sms.ErrForged},
		"a token with more":      {open1, address("?t=" + token + "x"), sms.ErrForged},
		"an allowed address":     {limited, from("192.0.2.7"), nil},
		"one with a port":        {limited, from("192.0.2.7:4711"), nil},
		"one of IPv6":            {limited, from("[2001:db8::1]:80"), nil},
		"one mapped to IPv6":     {limited, from("::ffff:192.0.2.7"), nil},
		"another address":        {limited, from("198.51.100.1"), sms.ErrForged},
		"no address":             {limited, from(""), sms.ErrForged},
		"a form":                 {open1, func(c sms.Call) sms.Call { c.Header.Set("Content-Type", "text/plain"); return c }, sms.ErrMalformed},
		"a GET":                  {open1, func(c sms.Call) sms.Call { c.Method = http.MethodGet; return c }, sms.ErrMalformed},
		"100 MB":                 {open1, func(c sms.Call) sms.Call { c.Body = make([]byte, 100<<20); return c }, sms.ErrMalformed},
		"an update without id":   {open1, func(c sms.Call) sms.Call { c.Body = []byte(`{"event":{"messageStatusUpdate":[{}]}}`); return c }, sms.ErrMalformed},
		"a reply without from":   {open1, func(c sms.Call) sms.Call { c.Body = []byte(`{"event":{"moText":[{"messageId":"a"}]}}`); return c }, sms.ErrMalformed},
		"an event of the future": {open1, func(c sms.Call) sms.Call { c.Body = []byte(`{"event":{"moVideo":[{"messageId":"a"}]}}`); return c }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := c.provider.Callback(c.change(valid())); !errors.Is(err, c.want) {
				t.Errorf("%+v, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestReceipts(t *testing.T) {
	provider, _ := open(t, asIs)
	came, at := carriertest.Noon.Add(time.Second), carriertest.Noon
	for _, c := range []struct {
		name string
		code any
		want messaging.Receipt
	}{
		{"QUEUED", 2, messaging.Receipt{State: "sent", At: at}},
		{"SENT_TO_SUPPLIER", nil, messaging.Receipt{State: "sent", At: at}},
		{"DEVICE_ACK", 5, messaging.Receipt{State: "delivered", At: at}},
		{"READ", nil, messaging.Receipt{State: "delivered", At: at}},
		{"EXPIRED", 20, messaging.Receipt{State: "expired", Code: "20", Fault: "HND", At: at}},
		{"DELIVERY_FAILURE", 23, messaging.Receipt{State: "undelivered", Code: "23", Fault: "U", At: at}},
		{"EMULATED", 24, messaging.Receipt{State: "unknown", Code: "24", Fault: "CFG", At: at}},
		{"RECIPIENT_DOES_NOT_EXIST", nil, messaging.Receipt{State: "undelivered", Code: "29", Fault: "NUM", At: at}},
		{"ROUTING_ERROR", 100, messaging.Receipt{State: "undelivered", Code: "100", Fault: "CAR", At: at}},
		{"TELEPORTED", nil, messaging.Receipt{State: "unknown", Code: "TELEPORTED", Fault: "U", At: at}},
		{"", 4711, messaging.Receipt{State: "unknown", Code: "4711", Fault: "U", At: at}},
	} {
		entry := update(carriertest.Submitted{ProviderID: "a1", Reference: "m.1"}, carriertest.Report{At: at})
		entry["status"], entry["statusCode"] = c.name, c.code
		got, err := provider.Callback(call(sms.Receipts, "messageStatusUpdate", entry))
		c.want.Reference, c.want.ProviderID = "m.1", "a1"
		if err != nil || !reflect.DeepEqual(got.Receipts, []messaging.Receipt{c.want}) {
			t.Errorf("%s %v: %+v, %v", c.name, c.code, got.Receipts, err)
		}
	}
	if want := map[string]int{"status TELEPORTED": 1, "status 4711": 1}; !reflect.DeepEqual(provider.Unmapped(), want) {
		t.Errorf("unmapped %v", provider.Unmapped())
	}
	for _, timestamp := range []any{nil, 0, -1, came.UnixMilli() + 1, 1e30} {
		entry := update(carriertest.Submitted{ProviderID: "a1"}, carriertest.Report{State: "delivered"})
		entry["timestamp"] = timestamp
		got, err := provider.Callback(call(sms.Receipts, "messageStatusUpdate", entry))
		if err != nil || !got.Receipts[0].At.Equal(came) {
			t.Errorf("timestamp %v: %+v, %v", timestamp, got, err)
		}
	}
}

func TestACallMayHoldSeveralEvents(t *testing.T) {
	provider, _ := open(t, asIs)
	one := update(carriertest.Submitted{ProviderID: "a1", Reference: "m.1"}, carriertest.Report{State: "delivered", At: carriertest.Noon})
	other := update(carriertest.Submitted{ProviderID: "a2", Reference: "m.2"}, carriertest.Report{State: "expired", At: carriertest.Noon})
	chat := update(carriertest.Submitted{ProviderID: "a3", Reference: "m.3"}, carriertest.Report{State: "delivered", At: carriertest.Noon})
	chat["channel"] = "whatsapp"
	got, err := provider.Callback(call(sms.Receipts, "messageStatusUpdate", one, other, chat))
	if err != nil || len(got.Receipts) != 2 || got.Receipts[1].Reference != "m.2" || got.Once == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestInbound(t *testing.T) {
	provider, _ := open(t, asIs)
	got, err := provider.Callback(call(sms.Inbound, "moText", reply("STOP 👋")))
	want := []messaging.Inbound{{
		Provider: "za", ID: "f1", From: "+14155550123", To: "+27820000000", Text: "STOP 👋", At: carriertest.Noon,
	}}
	if err != nil || !reflect.DeepEqual(got.Inbound, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRepliesToASubmission(t *testing.T) {
	for reply, want := range map[string]string{
		`202 {"messages":[{"apiMessageId":"a1","accepted":true,"to":"1","error":null}],"error":null}`:                 "accepted a1",
		`207 {"messages":[{"apiMessageId":"a1","accepted":true,"error":null}]}`:                                       "accepted a1",
		`202 {"messages":[{"apiMessageId":null,"accepted":false,"error":{"code":26,"description":""}}],"error":null}`: "OPT",
		`202 {"messages":[{"accepted":false,"error":{"code":"105"}}]}`:                                                "U",
		`202 {"messages":[{"accepted":false,"error":null}]}`:                                                          "U",
		`202 {"messages":[],"error":{"code":44}}`:                                                                     "CFG",
		`202 {"messages":[{"apiMessageId":"a1"}]}`:                                                                    "in doubt",
		`202 {"messages":[{"accepted":true}]}`:                                                                        "in doubt",
		`202 {"messages":[{"accepted":true,"apiMessageId":"a"},{"accepted":false}]}`:                                  "in doubt",
		`202 null`: "in doubt",
		`400 {"messages":[],"error":{"code":21,"description":""}}`: "U",
		`403 {"error":{"code":7}}`:                                 "CFG",
		`403 <html>`:                                               "CFG",
		`500 {"error":{"code":18}}`:                                "in doubt",
	} {
		status, body, _ := strings.Cut(reply, " ")
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			var number int
			_, _ = fmt.Sscan(status, &number)
			w.WriteHeader(number)
			fmt.Fprint(w, body)
		}))
		provider, err := clickatell.Open(sms.Config{
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

func TestValidityCanBeOmitted(t *testing.T) {
	fake := carriertest.NewFake(t, shape{noValidity: true})
	without := config(fake)
	without.Settings["validity_period"] = "omit"
	provider, err := clickatell.Open(without)
	if err != nil {
		t.Fatal(err)
	}
	text := messaging.Text{To: "+14155550123", ValidUntil: carriertest.Noon.Add(time.Hour)}
	if _, err := provider.Send(t.Context(), text); err != nil {
		t.Error(err)
	}
	text.ValidUntil = carriertest.Noon
	if _, err := provider.Send(t.Context(), text); err == nil {
		t.Error("a text that is too late was sent")
	}
}

func TestCheck(t *testing.T) {
	for given, want := range map[string]string{key: "", "wrong-key": "check api_key"} {
		provider, _ := open(t, func(config *sms.Config) { config.Secrets["api_key"] = []string{given} })
		if err := provider.Check(t.Context()); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", given, err)
		}
	}
}

func TestProblemsOfSettings(t *testing.T) {
	fake := carriertest.NewFake(t, shape{})
	wrong := config(fake)
	wrong.Settings["callback_sources"], wrong.Settings["validity_period"] = "clickatell.com", "maybe"
	wrong.Secrets["callback_token"] = []string{"guess-me", "spaces are no part of it"}
	if got := clickatell.Kind.Problems(wrong); len(got) != 4 {
		t.Errorf("%v", got)
	}
}
