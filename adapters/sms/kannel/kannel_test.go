package kannel

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

func provider(t *testing.T, base string) *Provider {
	t.Helper()
	p, err := Open(labConfig(base))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func callOf(kind, query string) sms.Call {
	return sms.Call{
		Kind: kind, Method: http.MethodGet, URL: public + kind + "?" + query, Header: http.Header{}, At: carriertest.Noon,
	}
}

func TestReportsAreMasks(t *testing.T) {
	p := provider(t, "http://127.0.0.1:1")
	for query, want := range map[string]messaging.Receipt{
		"state=1&reply=":                                          {State: "delivered"},
		"state=9&reply=":                                          {State: "delivered"},
		"state=8&reply=ACK/":                                      {State: "sent"},
		"state=4&reply=stat:ENROUTE":                              {State: "sent"},
		"state=2&reply=stat:UNDELIV+err:001":                      {State: "undelivered", Code: "UNDELIV/001", Fault: message.FaultCarrier},
		"state=2&reply=":                                          {State: "undelivered", Code: "FAILED", Fault: message.FaultCarrier},
		"state=2&reply=stat:DELIVRD":                              {State: "undelivered", Code: "FAILED", Fault: message.FaultCarrier},
		"state=34&reply=stat:EXPIRED+err:002":                     {State: "expired", Code: "EXPIRED/002", Fault: message.FaultHandset},
		"state=34&reply=":                                         {State: "expired", Code: "EXPIRED", Fault: message.FaultHandset},
		"state=2&reply=stat:UNKNOWN":                              {State: "unknown", Code: "UNKNOWN", Fault: message.FaultUnknown},
		"state=16&reply=NACK/0x0000000b/Invalid+Destination":      {State: "undelivered", Code: "0x0000000b", Fault: message.FaultNumber},
		"state=16&reply=NACK/Retries+Exceeded":                    {State: "undelivered", Code: "NACK/Retries Exceeded", Fault: message.FaultProvider},
		"state=16&reply=NACK/0x00000402/Vendor":                   {State: "undelivered", Code: "0x00000402", Fault: message.FaultUnknown},
		"state=16&reply=":                                         {State: "undelivered", Code: "NACK/", Fault: message.FaultUnknown},
		"state=16&reply=" + strings.Repeat("x", 5000) + "%ff/%00": {State: "undelivered", Code: "NACK/?", Fault: message.FaultUnknown},
	} {
		got, err := p.Callback(callOf(sms.Receipts, "ref=r.1&token="+token+"&"+query))
		want.Reference, want.At = "r.1", carriertest.Noon
		if err != nil || !reflect.DeepEqual(got, sms.Callback{Receipts: []messaging.Receipt{want}}) {
			t.Errorf("%.60s: %+v, %v; want %+v", query, got, err, want)
		}
	}
	if p.Unmapped()["status 0x00000402"] != 1 || p.Unmapped()["err 001"] != 1 {
		t.Errorf("not in a table: %v", p.Unmapped())
	}
}

func TestCallsAreVerifiedBeforeTheyAreRead(t *testing.T) {
	p := provider(t, "http://127.0.0.1:1")
	inbound := "&from=14155550123&to=1&text=STOP&id=i-1"
	for _, c := range []struct {
		kind, query string
		want        error
	}{
		{sms.Receipts, "ref=r.1&state=1&token=" + token, nil},
		{sms.Receipts, "ref=r.1&state=1&token=" + oldToken, nil},
		{sms.Receipts, "ref=r.1&state=1&token=" + token[1:], sms.ErrForged},
		{sms.Receipts, "ref=r.1&state=1&token=", sms.ErrForged},
		{sms.Receipts, "ref=r.1&state=1", sms.ErrForged},
		{sms.Receipts, "", sms.ErrForged},
		{sms.Receipts, "token=" + token + "&%zz", sms.ErrForged},
		{sms.Receipts, "ref=r.1&ref=r.2&state=1&token=" + token, sms.ErrMalformed},
		{sms.Receipts, "ref=r.1&state=1&state=2&token=" + token, sms.ErrMalformed},
		{sms.Receipts, "ref=r.1&state=1&token=" + token + "&token=x", sms.ErrMalformed},
		{sms.Receipts, "ref=r.1&state=one&token=" + token, sms.ErrMalformed},
		{sms.Receipts, "ref=r.1&state=-1&token=" + token, sms.ErrMalformed},
		{sms.Receipts, "ref=r.1&state=64&token=" + token, sms.ErrMalformed},
		{sms.Receipts, "ref=r.1&state=99999999999999999999&token=" + token, sms.ErrMalformed},
		{sms.Receipts, "state=1&token=" + token, sms.ErrMalformed},
		{sms.Inbound, "token=" + token + inbound, nil},
		{sms.Inbound, "token=wrong" + inbound, sms.ErrForged},
		{sms.Inbound, "token=" + token + "&from=&text=x", sms.ErrMalformed},
		{sms.Inbound, "token=" + token + "&from=1&text=%ff%fe", sms.ErrMalformed},
		{sms.Inbound, "token=" + token + "&from=1&text=%04&coding=2", sms.ErrMalformed},
		{"other", "token=" + token, sms.ErrMalformed},
	} {
		if _, err := p.Callback(callOf(c.kind, c.query)); !errors.Is(err, c.want) {
			t.Errorf("%s %s: %v, want %v", c.kind, c.query, err, c.want)
		}
	}
	posted := callOf(sms.Receipts, "ref=r.1&state=1&token="+token)
	posted.Method = http.MethodPost
	if _, err := p.Callback(posted); !errors.Is(err, sms.ErrMalformed) {
		t.Errorf("POST: %v", err)
	}
}

func TestTimesOfCallsAreKannelsUnlessTheyAreStrange(t *testing.T) {
	p := provider(t, "http://127.0.0.1:1")
	before := carriertest.Noon.Add(-time.Minute)
	for at, want := range map[string]time.Time{
		"1796126370": before.Truncate(time.Second), "": carriertest.Noon, "0": carriertest.Noon, "-5": carriertest.Noon,
		"99999999999": carriertest.Noon, "yesterday": carriertest.Noon,
	} {
		got, err := p.Callback(callOf(sms.Receipts, "ref=r.1&state=1&token="+token+"&at="+url.QueryEscape(at)))
		if err != nil || !got.Receipts[0].At.Equal(want) {
			t.Errorf("%q: %+v, %v; want %s", at, got, err, want)
		}
	}
}

// net/http repeats a GET when a kept connection breaks. A text must not be repeated.
func TestABrokenConnectionDoesNotRepeatAText(t *testing.T) {
	var texts atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if texts.Add(1) == 1 {
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, "0: Accepted for delivery")
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack() // reads the text and closes without a reply
		if err == nil {
			conn.Close()
		}
	}))
	defer server.Close()
	p := provider(t, server.URL)
	text := messaging.Text{Reference: "r.1", To: "+14155550123", Body: "x", ValidUntil: carriertest.Noon.Add(time.Hour)}
	if _, err := p.Send(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	_, err := p.Send(t.Context(), text)
	var refused *messaging.NotAccepted
	if err == nil || errors.As(err, &refused) {
		t.Errorf("a text whose connection broke is not in doubt: %v", err)
	}
	if n := texts.Load(); n != 2 {
		t.Errorf("%d requests for 2 texts", n)
	}
}

func TestCheckSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		status, links int
		reply, page   string
		want          string
	}{
		"a healthy gateway":  {400, 200, "Missing receiver number, rejected", "SMPP:x (online 5s, …", ""},
		"a wrong password":   {403, 0, "Authorization failed for sendsms", "", "check username and password"},
		"another server":     {200, 0, "<html>", "", "check that base_url is the address of an smsbox"},
		"a wrong status key": {400, 200, "Missing receiver number, rejected", "Denied", "check status_url and status_password"},
		"no link":            {400, 200, "Missing receiver number, rejected", "SMPP:x (re-connecting, …", "no link to a carrier is online"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/status.txt" {
				reply(w, c.links, c.page)
				return
			}
			reply(w, c.status, c.reply)
		}))
		config := labConfig(server.URL)
		config.Settings[fieldStatus] = server.URL
		p, err := Open(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(t.Context()); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		server.Close()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	err = provider(t, "http://"+listener.Addr().String()).Check(context.Background())
	if err == nil || !strings.Contains(err.Error(), "the smsbox did not reply") || strings.Contains(err.Error(), password) {
		t.Errorf("nothing listens: %v", err)
	}
}
