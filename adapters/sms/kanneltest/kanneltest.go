// Package kanneltest runs a real Kannel, from Debian's packages kannel and kannel-extras, for tests. Everything listens
// on the loopback interface and stops when the test ends.
package kanneltest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The programs of Debian's packages.
const (
	bearerbox = "/usr/sbin/bearerbox"
	smsbox    = "/usr/sbin/smsbox"
	fakesmsc  = "/usr/lib/kannel/test/fakesmsc"
)

// What the configuration of the gateway says.
const (
	User           = "lab"
	Password       = "lab password"
	StatusPassword = "lab status"
)

// Gateway is a Kannel.
type Gateway struct {
	t                   testing.TB
	dir                 string
	admin, box, sendsms int
}

// New returns a gateway that does not run yet. The test is skipped if Kannel is not installed, and fails in CI.
func New(t testing.TB) *Gateway {
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
	ports := FreePorts(t, 3)
	return &Gateway{t: t, dir: t.TempDir(), admin: ports[0], box: ports[1], sendsms: ports[2]}
}

// SendURL returns the address of the smsbox.
func (g *Gateway) SendURL() string { return fmt.Sprintf("http://127.0.0.1:%d", g.sendsms) }

// StatusURL returns the address of the bearerbox.
func (g *Gateway) StatusURL() string { return fmt.Sprintf("http://127.0.0.1:%d", g.admin) }

// Start starts the gateway with one link to a carrier. Inbound texts go to an address.
func (g *Gateway) Start(carrier, inbound string) {
	g.t.Helper()
	config := filepath.Join(g.dir, "kannel.conf")
	text := fmt.Sprintf(configuration, g.admin, StatusPassword, g.box, g.dir, carrier, g.sendsms, g.dir, User, Password, inbound)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		g.t.Fatal(err)
	}
	g.run(bearerbox, config)
	g.listening(g.box)
	g.run(smsbox, config)
	g.wait("the smsbox is connected", func() bool { return strings.Contains(g.status(), "smsbox:") })
}

// StartSMPP starts the gateway with a link to an SMPP carrier at an address.
func (g *Gateway) StartSMPP(address, inbound string) {
	g.t.Helper()
	host, port, _ := strings.Cut(address, ":")
	g.Start(fmt.Sprintf("smsc = smpp\nsmsc-id = SMPP\nhost = %s\nport = %s\ntransceiver-mode = true\n"+
		"smsc-username = lab\nsmsc-password = lab\nsystem-type = \"\"\nmsg-id-type = 3\nenquire-link-interval = 5\n"+
		"reconnect-delay = 1\nwait-ack = 5", host, port), inbound)
}

// StartFake starts the gateway with Kannel's own fake carrier, which delivers everything, and which sends one inbound
// text such as "+14155550123 12025550100 text STOP".
func (g *Gateway) StartFake(inbound, text string) {
	g.t.Helper()
	port := FreePorts(g.t, 1)[0]
	g.Start(fmt.Sprintf("smsc = fake\nsmsc-id = FAKE\nport = %d\nour-host = 127.0.0.1\nconnect-allow-ip = 127.0.0.1", port), inbound)
	g.listening(port)
	g.run(fakesmsc, "-H", "127.0.0.1", "-r", fmt.Sprint(port), "-i", "1", "-m", "1", text)
}

// configuration pins every listener to the loopback interface. Its verbs are, in order: the port and password of the
// status, the port of the smsbox, the folder of logs, the link, the port of sendsms, the folder of logs, the credentials
// of sendsms, and the address of inbound texts. A global-sender would replace the receiver of inbound texts.
const configuration = `
group = core
admin-port = %d
admin-interface = 127.0.0.1
admin-password = lab admin
status-password = %s
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
username = %s
password = "%s"
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "%s"
`

// run starts a program and stops it when the test ends.
func (g *Gateway) run(name string, args ...string) {
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
}

// status returns the status page. An smsbox that gets a request before it is on it may crash: Kannel 1.4.5 opens its port
// before it has read its users.
func (g *Gateway) status() string {
	response, err := http.Get(g.StatusURL() + "/status.txt?password=" + url.QueryEscape(StatusPassword))
	if err != nil {
		return ""
	}
	defer func() { _ = response.Body.Close() }()
	page, _ := io.ReadAll(response.Body)
	return string(page)
}

// listening waits until something listens on a port.
func (g *Gateway) listening(port int) {
	g.t.Helper()
	g.wait(fmt.Sprintf("port %d is open", port), func() bool {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		return err == nil && conn.Close() == nil
	})
}

// wait waits until a condition holds. Kannel is another process, so there is nothing to be notified by.
func (g *Gateway) wait(what string, holds func() bool) {
	g.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	g.t.Fatalf("it is not so that %s\n%s", what, g.Logs())
}

// Logs returns the ends of the logs.
func (g *Gateway) Logs() string {
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

// FreePorts returns ports of the loopback interface that nothing listens on.
func FreePorts(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = listener.Close() }()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports
}
