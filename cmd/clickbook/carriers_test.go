package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/kanneltest"
	"github.com/clickbook/clickbook/adapters/sms/smsctest"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// TestCarriersReportToTheServer registers a real Kannel and an SMPP bind with a server, sends texts through both, and
// reads what became of them: the one reports by calls of the server's public address, the other over its link.
func TestCarriersReportToTheServer(t *testing.T) {
	gateway := kanneltest.New(t)
	carrier := smsctest.Start(t, smsctest.ByLastDigits)
	s := serving(t, installation.Location{Data: t.TempDir()}, "--trial=false")
	_, s.key, _ = strings.Cut(s.line("ADMIN_KEY="), "=")
	token := "a-token-for-the-test"
	registered := s.ask("POST", "/providers", "gate", map[string]any{
		"provider": "gate", "kind": "kannel",
		"settings": map[string]string{"base_url": gateway.SendURL(), "username": kanneltest.User, "sender": "12025550100"},
		"secrets":  map[string]string{"password": kanneltest.Password, "callback_token": token},
	})
	if registered.status != http.StatusCreated {
		t.Fatalf("%d %s", registered.status, registered.raw)
	}
	gateway.StartSMPP(carrier.Addr(), s.url+"/callbacks/gate/inbound?token="+token+"&id=%I&from=%p&to=%P&text=%b&coding=%c")
	carrier.Bound(1)
	registered = s.ask("POST", "/providers", "bind", map[string]any{
		"provider": "bind", "kind": "smpp",
		"settings": map[string]string{"address": carrier.Addr(), "system_id": "lab", "tls": "no", "sender": "12025550100"},
		"secrets":  map[string]string{"password": "lab"},
	})
	if registered.status != http.StatusCreated {
		t.Fatalf("%d %s", registered.status, registered.raw)
	}
	carrier.Bound(2)
	for _, name := range []string{"gate", "bind"} {
		for last, want := range map[string]string{"00": "delivered", "21": "undelivered", "22": "expired"} {
			checked := s.ask("POST", "/providers/"+name+"/check", name+last, map[string]any{"to": "+160455501" + last})
			if checked.text("credentials") != "accepted" {
				t.Errorf("%s: %s", name, checked.raw)
			}
			s.becomes("/providers/"+name+"/checks/"+checked.text("reference"), want)
		}
	}
	if status := s.ask("GET", "/callbacks/gate/receipts?token=forged&ref=x&state=1", "", nil).status; status != http.StatusUnauthorized {
		t.Errorf("a forged report: %d", status)
	}
}

// becomes waits until the state of what is at a path is as wanted. The state changes when a carrier calls.
func (s *server) becomes(path, want string) {
	s.t.Helper()
	var got response
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if got = s.ask("GET", path, "", nil); got.text("state") == want {
			return
		}
	}
	s.t.Errorf("%s is %s, not %s", path, got.raw, want)
}
