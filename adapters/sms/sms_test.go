package sms_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

func TestFaultTables(t *testing.T) {
	for text, want := range map[string]string{
		"# version 2026-11-28\ncode,1,NUM,bad number\ncode,2,U,strange\n": "",
		"code,1,NUM,bad number\n":                   "write # version",
		"# version 1\ncode,1,NUM,x\ncode,1,CAR,x\n": "listed twice",
		"# version 1\ncode,1,number,x\n":            "not a fault",
		"# version 1\ncode,1,NUM\n":                 "table of faults",
	} {
		if _, err := sms.ParseFaults(text); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestUnmappedCodesAreCounted(t *testing.T) {
	codes := sms.NewCodes(sms.MustParseFaults("# version 1\nreceipt,1,NUM,bad number\n"), nil)
	if got := codes.Fault("receipt", "1"); got != message.FaultNumber {
		t.Errorf("fault %s", got)
	}
	for _, code := range []string{"2", "2", "\x00\xffé"} {
		if got := codes.Fault("receipt", code); got != message.FaultUnknown {
			t.Errorf("%q: fault %s", code, got)
		}
	}
	if got := codes.Fault("request", "1"); got != message.FaultUnknown {
		t.Errorf("another list: fault %s", got)
	}
	want := map[string]int{"receipt 2": 2, "receipt ???": 1, "request 1": 1}
	if got := codes.Unmapped(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for n := range 1000 {
		codes.Fault("receipt", fmt.Sprint(n+2))
	}
	if got := codes.Unmapped(); len(got) != 201 || got["other"] == 0 {
		t.Errorf("%d codes, %d others", len(got), got["other"])
	}
}

func TestRedact(t *testing.T) {
	got := sms.Redact(`GET /send?password=p%2Fss+w&to=+14155550123 for 447700900000, "p/ss w", id 123456`, "p/ss w")
	if want := `GET /send?password=••••&to=…0123 for …0000, "••••", id 123456`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestInternational(t *testing.T) {
	for given, want := range map[string]string{
		"447700900000": "+447700900000", "+447700900000": "+447700900000", "12345": "12345", "AcmeInc": "AcmeInc", "": "",
		"1234567890123456": "1234567890123456",
	} {
		if got := sms.International(given); got != want {
			t.Errorf("%q is %q, want %q", given, got, want)
		}
	}
}

func TestValidity(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	for left, want := range map[time.Duration]int64{ // minutes; 0 is too late
		time.Hour: 60, 90 * time.Second: 0, 179 * time.Second: 2, 2 * time.Minute: 2, 100 * time.Hour: 1440, -time.Hour: 0,
	} {
		got, err := sms.Validity(now, now.Add(left), time.Minute, 2*time.Minute, 24*time.Hour)
		var refused *messaging.NotAccepted
		if got != want || (want == 0) != errors.As(err, &refused) {
			t.Errorf("%s left: %d, %v, want %d", left, got, err, want)
		}
	}
}

func TestBaseURLsUseTLSExceptHere(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://api.example.com": true, "https://api.example.com/eu": true, "http://127.0.0.1:8080": true, "http://[::1]:1": true,
		"http://localhost:13013": true, "http://api.example.com": false, "http://127.0.0.1.evil.example": false,
		"https://user:secret@api.example.com": false, "https://api.example.com?key=1": false, "ftp://api.example.com": false,
		"api.example.com": false, "": false, "https://": false, "http://10.0.0.1": false,
	} {
		if _, err := sms.ParseBaseURL(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		} else if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestRepliesThatReject(t *testing.T) {
	after := http.Header{"Retry-After": {"7"}}
	dated := http.Header{
		"Retry-After": {"Tue, 01 Dec 2026 09:01:00 GMT"}, "Date": {"Tue, 01 Dec 2026 09:00:00 GMT"},
	}
	for _, c := range []struct {
		status int
		header http.Header
		want   string // fault and wait; "" is in doubt
	}{
		{200, nil, ""},
		{202, nil, ""},
		{500, nil, ""},
		{502, nil, ""},
		{504, nil, ""},
		{408, nil, ""},
		{503, after, "PRV 7s"},
		{503, dated, "PRV 1m0s"},
		{429, after, "THR 7s"},
		{429, http.Header{"Retry-After": {"soon"}}, "THR 0s"},
		{429, http.Header{"Retry-After": {"-5"}}, "THR 0s"},
		{429, http.Header{"Retry-After": {"99999999"}}, "THR 24h0m0s"},
		{401, nil, "CFG 0s"},
		{403, nil, "CFG 0s"},
		{404, nil, "CFG 0s"},
		{302, nil, "CFG 0s"},
		{400, nil, "U 0s"},
		{422, nil, "U 0s"},
	} {
		got := ""
		if refused := (sms.Reply{Status: c.status, Header: c.header}).Rejected(); refused != nil {
			got = fmt.Sprint(refused.Fault, " ", refused.After)
		}
		if got != c.want {
			t.Errorf("status %d: %q, want %q", c.status, got, c.want)
		}
	}
}

func TestProblemsOfAConfigurationComeTogether(t *testing.T) {
	kind := sms.Kind{Name: "carrier", Fields: []sms.Field{
		{Name: "account", Help: "the account"},
		{Name: "secret", Help: "the secret", Secret: true, Check: func(value string) error {
			if len(value) > 3 {
				return fmt.Errorf("invalid secret %q: it has 3 letters", value)
			}
			return nil
		}},
		sms.BaseURL("https://api.example.com"), sms.PerSecond(5),
	}}
	got := kind.Problems(sms.Config{
		Settings: map[string]string{"base_url": "http://api.example.com", "per_second": "0", "colour": "red"},
		Secrets:  map[string][]string{"secret": {"open sesame"}},
	})
	var sentences []string
	for _, problem := range got {
		sentences = append(sentences, problem.Error())
	}
	want := []string{
		"account is missing: set the account",
		`invalid secret "••••": it has 3 letters`,
		`invalid base_url "http://api.example.com": it must start with https://`,
		`invalid per_second "0": write a number from 0.1 to 10000`,
		"colour is not a setting of carrier: remove it",
	}
	if !slices.Equal(sentences, want) {
		t.Errorf("%q, want %q", sentences, want)
	}
	fine := sms.Config{Settings: map[string]string{"account": "a"}, Secrets: map[string][]string{"secret": {"abc"}}}
	if got := kind.Problems(fine); got != nil {
		t.Errorf("%v", got)
	}
}

func TestOwnPacePutsTextsOff(t *testing.T) {
	caller, err := sms.NewCaller(sms.Config{
		Settings: map[string]string{"base_url": "https://api.example.com", "per_second": "0.1"},
		Client:   &http.Client{Transport: unreachable{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []string{"no_connection", "own_pace"} {
		request, err := caller.Request(t.Context(), http.MethodPost, "/send", "x")
		if err != nil {
			t.Fatal(err)
		}
		var refused *messaging.NotAccepted
		if _, err := caller.Submit(request); !errors.As(err, &refused) || refused.Code != want {
			t.Errorf("text %d: %v, want %s", n, err, want)
		}
	}
}

type unreachable struct{}

func (unreachable) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route")
}
