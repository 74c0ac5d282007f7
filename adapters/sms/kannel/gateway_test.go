package kannel

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
)

// The programs of Debian's packages kannel and kannel-extras.
const (
	bearerbox = "/usr/sbin/bearerbox"
	smsbox    = "/usr/sbin/smsbox"
	fakesmsc  = "/usr/lib/kannel/test/fakesmsc"
)

// gateway is a Kannel of a test, with a server of ours that its calls reach.
type gateway struct {
	*Provider
	t      *testing.T
	calls  chan call
	dir    string
	config string
	ports  []int
}

// call is a call that passed through Callback.
type call struct {
	sms.Callback
	err   error
	state string
}

// start starts a Kannel with one link to a carrier, on free ports of the loopback interface.
func start(t *testing.T, smsc string) *gateway {
	t.Helper()
	for _, program := range []string{bearerbox, smsbox, fakesmsc} {
		if _, err := os.Stat(program); err == nil {
			continue
		}
		if os.Getenv("CLICKBOOK_CI") == "1" {
			t.Fatalf("%s is missing: install the packages kannel and kannel-extras", program)
		}
		t.Skipf("SKIPPED: %s is missing: install the packages kannel and kannel-extras", program)
	}
	g := &gateway{t: t, calls: make(chan call, 1000), dir: t.TempDir(), ports: freePorts(t, 3)}
	admin, box, sendsms := g.ports[0], g.ports[1], g.ports[2]
	server := httptest.NewServer(http.HandlerFunc(g.receive))
	t.Cleanup(server.Close)
	opened, err := Open(sms.Config{
		Provider: "gateway",
		Settings: map[string]string{
			fieldBase: fmt.Sprintf("http://127.0.0.1:%d", sendsms), fieldUser: "lab", fieldSender: "12025550100",
			fieldStatus: fmt.Sprintf("http://127.0.0.1:%d", admin), "per_second": "50", "receipt_codes": "001=NUM",
		},
		Secrets: map[string][]string{
			fieldPassword: {"lab password"}, fieldToken: {"lab-token"}, fieldStatusPassword: {"lab status"},
		},
		Callback: func(kind string) string { return server.URL + "/callbacks/gateway/" + kind },
		Now:      time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	g.Provider = opened
	g.config = filepath.Join(g.dir, "kannel.conf")
	text := fmt.Sprintf(configuration, admin, box, g.dir, smsc, sendsms, g.dir, g.InboundAddress())
	if err := os.WriteFile(g.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	g.run(bearerbox, g.config)
	g.listening(box)
	g.run(smsbox, g.config)
	g.listening(sendsms)
	return g
}

// configuration pins every listener to the loopback interface. Its numbers and texts are the ports of the status page,
// of the smsbox and of sendsms, the folder of the logs, the link, and the address of inbound texts.
const configuration = `
group = core
admin-port = %d
admin-interface = 127.0.0.1
admin-password = lab admin
status-password = lab status
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = %d
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
log-file = "%s/bearerbox.log"
log-level = 0
dlr-storage = internal
sms-resend-freq = 1
sms-resend-retry = 1

group = smsc
%s

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = %d
sendsms-interface = 127.0.0.1
log-file = "%s/smsbox.log"
log-level = 0

group = sendsms-user
username = lab
password = "lab password"
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "%s"
`

// receive is the endpoint that Kannel calls.
func (g *gateway) receive(w http.ResponseWriter, r *http.Request) {
	kind := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	callback, err := g.Callback(sms.Call{
		Kind: kind, Method: r.Method, URL: "http://" + r.Host + r.URL.RequestURI(), Header: r.Header, At: time.Now(),
	})
	g.calls <- call{callback, err, r.URL.Query().Get("state")}
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
		g.t.Fatalf("no call for a minute\n%s", g.logs())
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
		g.t.Fatalf("send %s: %v\n%s", reference, err, g.logs())
	}
}

// run starts a program and stops it when the test ends.
func (g *gateway) run(name string, args ...string) *os.File {
	g.t.Helper()
	output, err := os.Create(filepath.Join(g.dir, filepath.Base(name)+".out"))
	if err != nil {
		g.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, name, args...)
	command.Dir, command.Stdout, command.Stderr = g.dir, output, output
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() {
		stop()
		_ = command.Wait()
		_ = output.Close()
	})
	return output
}

// listening waits until something listens on a port.
func (g *gateway) listening(port int) {
	g.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		if err == nil {
			conn.Close()
			return
		}
		time.Sleep(20 * time.Millisecond) // another process: there is nothing to wait on
	}
	g.t.Fatalf("nothing listens on port %d\n%s", port, g.logs())
}

func (g *gateway) logs() string {
	var all strings.Builder
	for _, name := range []string{"bearerbox.out", "smsbox.out", "fakesmsc.out"} {
		text, _ := os.ReadFile(filepath.Join(g.dir, name))
		if len(text) > 4000 {
			text = text[len(text)-4000:]
		}
		fmt.Fprintf(&all, "== %s\n%s\n", name, text)
	}
	return all.String()
}

// freePorts returns ports of the loopback interface that nothing listens on.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports
}
