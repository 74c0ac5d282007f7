package kannel

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

const (
	password = "the gateway password"
	token    = "newest-callback-token"
	oldToken = "previous-callback-token"
	public   = "https://clickbook.example/100%25/callbacks/gateway/"
)

func TestContract(t *testing.T) {
	carriertest.Run(t, func(t *testing.T) carriertest.Lab { lab, _ := openLab(t); return lab })
}

func FuzzCallback(f *testing.F) {
	p, err := Open(labConfig("http://127.0.0.1:1"))
	if err != nil {
		f.Fatal(err)
	}
	for _, query := range []string{
		"ref=r.1&state=1&reply=&at=1795877412", "ref=r.1&state=34&reply=stat:EXPIRED+err:002&at=x", "ref=&state=-1",
		"ref=r.1&state=16&reply=NACK/0x0000000b/Invalid", "id=1&from=14155550123&to=1&text=%04%21&coding=2", "a=%zz;b",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, kind := range []string{sms.Receipts, sms.Inbound} {
			call := sms.Call{
				Kind: kind, Method: http.MethodGet, URL: public + kind + "?token=" + token + "&" + query, At: carriertest.Noon,
			}
			got, err := p.Callback(call)
			if err != nil && !errors.Is(err, sms.ErrForged) && !errors.Is(err, sms.ErrMalformed) {
				t.Fatal(err)
			}
			for _, receipt := range got.Receipts {
				if receipt.State == "" || receipt.At.IsZero() || receipt.At.After(call.At) || receipt.Reference == "" {
					t.Fatalf("%+v", receipt)
				}
			}
		}
	})
}

func labConfig(base string) sms.Config {
	return sms.Config{
		Provider: "gateway",
		Settings: map[string]string{fieldBase: base, fieldUser: "lab", "per_second": "10000"},
		Secrets: map[string][]string{
			fieldPassword: {password}, fieldToken: {token, oldToken},
		},
		Callback: func(kind string) string { return public + kind },
		Now:      func() time.Time { return carriertest.Noon },
	}
}

// openLab opens a provider against a fake smsbox.
func openLab(t *testing.T) (carriertest.Lab, *shape) {
	s := &shape{addresses: make(map[string]string)}
	fake := carriertest.NewFake(t, s)
	config := labConfig(fake.Server.URL)
	config.Log = fake.Log()
	p, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	return fake.Lab(carriertest.Lab{
		Provider: p, Secrets: []string{password, token, oldToken},
		Report: func(text carriertest.Submitted, report carriertest.Report) ([]messaging.Receipt, bool) {
			got, err := p.Callback(s.call(text.Reference, report))
			if err != nil {
				t.Errorf("%s: %v", report.State, err)
			}
			return got.Receipts, true
		},
		Calls: func() []sms.Call {
			inbound := strings.NewReplacer("%%", "%", "%I", "id-1", "%p", "%2B14155550123", "%P", "12025550100", "%b", "STOP",
				"%c", "0", "%T", "1795877412").Replace(p.InboundAddress())
			return []sms.Call{
				{Kind: sms.Inbound, Method: http.MethodGet, URL: inbound, Header: http.Header{}, At: carriertest.Noon},
				s.fill(p.receiptAddress("r.1"), "1", "", carriertest.Noon),
			}
		},
	}), s
}

// shape is the HTTP interface of an smsbox.
type shape struct {
	mu        sync.Mutex
	addresses map[string]string // dlr-url by reference
}

func (s *shape) Parse(r *http.Request, body []byte, _ int) (carriertest.Submitted, bool, error) {
	query := r.URL.Query()
	if r.URL.Path != "/cgi-bin/sendsms" || query.Get("to") == "" {
		return carriertest.Submitted{}, false, nil
	}
	minutes, err := strconv.Atoi(query.Get("validity"))
	address := query.Get("dlr-url")
	// Kannel reads a percent sign and what follows; %% is a percent sign.
	called, bad := url.Parse(strings.NewReplacer("%%", "%", "%d", "0", "%A", "", "%T", "0").Replace(address))
	if err := errors.Join(err, bad); err != nil {
		return carriertest.Submitted{}, true, err
	}
	switch {
	case len(body) > 0 || r.Method != http.MethodGet:
		err = errors.New("not a GET without a body")
	case query.Get("username") != "lab" || query.Get("password") != password:
		err = errors.New("Authorization failed for sendsms")
	case query.Get("charset") != "UTF-8" || query.Get("dlr-mask") != "31":
		err = fmt.Errorf("query %v", query)
	case called.Query().Get("token") != token || !strings.HasPrefix(called.String(), public+"receipts?"):
		err = fmt.Errorf("dlr-url %q", address)
	}
	reference := called.Query().Get("ref")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addresses[reference] = address
	encoding := map[string]string{"0": message.GSM7, "2": message.UCS2}[query.Get("coding")]
	return carriertest.Submitted{
		Reference: reference, From: query.Get("from"), To: query.Get("to"), Body: query.Get("text"), Encoding: encoding,
		ValidUntil: carriertest.Noon.Add(time.Duration(minutes) * time.Minute),
	}, true, err
}

func reply(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

func (s *shape) Accept(w http.ResponseWriter, _ carriertest.Submitted) {
	reply(w, http.StatusAccepted, "0: Accepted for delivery")
}

func (s *shape) Refuse(w http.ResponseWriter, b carriertest.Behaviour, _ carriertest.Submitted) bool {
	switch b {
	case carriertest.BadNumber:
		reply(w, http.StatusBadRequest, "Empty receiver number not allowed, rejected")
	case carriertest.BadCredentials:
		reply(w, http.StatusForbidden, "Authorization failed for sendsms")
	case carriertest.Unavailable:
		reply(w, http.StatusServiceUnavailable, "Temporal failure, try again later.")
	case carriertest.UnheardCode:
		reply(w, http.StatusBadRequest, "Telepathy field misformed, rejected")
	default:
		return false
	}
	return true
}

func (s *shape) Else(
	w http.ResponseWriter, _ *http.Request, _ func(string) (carriertest.Submitted, carriertest.Report, bool),
	_ carriertest.Behaviour,
) {
	reply(w, http.StatusBadRequest, "Missing receiver number, rejected")
}

// call is Kannel's call of the dlr-url of a text.
func (s *shape) call(reference string, report carriertest.Report) sms.Call {
	told := map[string]struct{ mask, reply string }{
		"sent": {"8", "ACK/"}, "delivered": {"1", "id:1 stat:DELIVRD err:000 text:"},
		"undelivered": {"2", "id:1 sub:001 dlvrd:000 stat:UNDELIV err:001 text:"},
		"expired":     {"34", "id:1 stat:EXPIRED err:002 text:"}, "unknown": {"2", "id:1 stat:UNKNOWN err:004 text:"},
		"unheard": {"2", "id:1 stat:GONEAWAY err:099 text:"},
	}[report.State]
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fill(s.addresses[reference], told.mask, told.reply, report.At)
}

func (s *shape) fill(address, mask, reply string, at time.Time) sms.Call {
	address = strings.NewReplacer("%%", "%", "%d", mask, "%A", url.QueryEscape(reply), "%T", fmt.Sprint(at.Unix())).Replace(address)
	return sms.Call{Kind: sms.Receipts, Method: http.MethodGet, URL: address, Header: http.Header{}, At: carriertest.Noon}
}
