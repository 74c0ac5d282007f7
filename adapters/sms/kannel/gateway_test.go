package kannel

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/kanneltest"
	"github.com/clickbook/clickbook/commands/messaging"
)

// gateway is a provider with a real Kannel, and with a server of ours that Kannel's calls reach.
type gateway struct {
	*Provider
	*kanneltest.Gateway
	t     *testing.T
	calls chan call
}

// call is a call that passed through Callback.
type call struct {
	sms.Callback
	err error
}

// newGateway returns a gateway that does not run yet.
func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{Gateway: kanneltest.New(t), t: t, calls: make(chan call, 1000)}
	server := httptest.NewServer(http.HandlerFunc(g.receive))
	t.Cleanup(server.Close)
	opened, err := Open(sms.Config{
		Provider: "gateway",
		Settings: map[string]string{
			fieldBase: g.SendURL(), fieldUser: kanneltest.User, fieldSender: "12025550100", fieldStatus: g.StatusURL(),
			"per_second": "50", "receipt_codes": "001=NUM",
		},
		Secrets: map[string][]string{
			fieldPassword: {kanneltest.Password}, fieldToken: {"lab-token"}, fieldStatusPassword: {kanneltest.StatusPassword},
		},
		Callback: func(kind string) string { return server.URL + "/callbacks/gateway/" + kind },
		Now:      time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	g.Provider = opened
	return g
}

// receive is the endpoint that Kannel calls.
func (g *gateway) receive(w http.ResponseWriter, r *http.Request) {
	kind := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	callback, err := g.Callback(sms.Call{
		Kind: kind, Method: r.Method, URL: "http://" + r.Host + r.URL.RequestURI(), Header: r.Header, At: time.Now(),
	})
	g.calls <- call{callback, err}
}

// next waits for the next call.
func (g *gateway) next() call {
	g.t.Helper()
	select {
	case next := <-g.calls:
		if next.err != nil {
			g.t.Fatalf("a call of Kannel was refused: %v", next.err)
		}
		return next
	case <-time.After(time.Minute):
		g.t.Fatalf("no call for a minute\n%s", g.Logs())
		return call{}
	}
}

// receipts waits for the final receipt of each of a number of texts.
func (g *gateway) receipts(n int) map[string]messaging.Receipt {
	g.t.Helper()
	found := make(map[string]messaging.Receipt)
	for len(found) < n {
		for _, receipt := range g.next().Receipts {
			if receipt.State != "sent" {
				found[receipt.Reference] = receipt
			}
		}
	}
	return found
}

// send sends a text and fails the test if it is not accepted.
func (g *gateway) send(reference, to, body string) {
	g.t.Helper()
	_, err := g.Send(g.t.Context(), messaging.Text{
		Reference: reference, To: to, Country: "US", Body: body, ValidUntil: time.Now().Add(time.Hour),
	})
	if err != nil {
		g.t.Fatalf("send %s: %v\n%s", reference, err, g.Logs())
	}
}
