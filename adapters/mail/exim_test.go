package mail_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/commands/messaging"
)

const (
	exim     = "/usr/sbin/exim4"
	eximUser = "Debian-exim"
	patience = 20 * time.Second
)

// eximConfig is a mail server for example.test on loopback that resolves no names and sends nothing to other machines.
// Ana has a mailbox; busy is told to come back, nobody is refused, and what is accepted for late comes back. Reports go
// to a mailbox of their own.
const eximConfig = `
exim_path = ` + exim + `
spool_directory = DIR/spool
log_file_path = DIR/%slog
pid_file_path = DIR/exim.pid
primary_hostname = mx.example.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT
acl_smtp_rcpt = rcpt
tls_advertise_hosts =
host_lookup =
rfc1413_hosts =
prdr_enable = false
dsn_advertise_hosts = *
keep_environment =
begin acl
rcpt:
  defer local_parts = busy
        message = 4.2.1 come back later
  deny  local_parts = nobody
        message = 5.1.1 no such user
  accept domains = example.test
  deny  message = 5.7.1 relay not permitted
begin routers
late:
  driver = redirect
  local_parts = late
  allow_fail
  data = :fail: the mailbox is gone
bounces:
  driver = accept
  local_parts = bounces
  local_part_suffix = +*
  transport = bounces
people:
  driver = accept
  local_parts = ana
  transport = ana
begin transports
bounces:
  driver = appendfile
  directory = DIR/bounces
  maildir_format
  user = ` + eximUser + `
  envelope_to_add
ana:
  driver = appendfile
  directory = DIR/ana
  maildir_format
  user = ` + eximUser + `
  return_path_add
`

// startExim starts a real mail server and returns its address and directory.
func startExim(t *testing.T) (address, dir string) {
	t.Helper()
	owner, err := user.Lookup(eximUser)
	if _, missing := os.Stat(exim); err != nil || missing != nil || os.Geteuid() != 0 {
		const why = "exim4 is not here or this is not root: apt-get install exim4-daemon-light; its service need not run"
		if os.Getenv("CLICKBOOK_CI") == "1" {
			t.Fatal(why)
		}
		t.Skip("SKIPPED: " + why)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	address = listener.Addr().String()
	check(t, listener.Close())
	if dir, err = os.MkdirTemp("", "clickbook-exim-"); err != nil { // the server's user must reach it
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	uid, err := strconv.Atoi(owner.Uid)
	check(t, err)
	gid, err := strconv.Atoi(owner.Gid)
	check(t, err)
	check(t, os.Chown(dir, uid, gid))
	_, port, _ := net.SplitHostPort(address)
	config := filepath.Join(dir, "exim.conf")
	text := strings.NewReplacer("DIR", dir, "PORT", port).Replace(eximConfig)
	check(t, os.WriteFile(config, []byte(text), 0o644))
	var output strings.Builder
	server := exec.Command(exim, "-bdf", "-C", config)
	server.Stdout, server.Stderr = &output, &output
	check(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "mainlog"))
			t.Logf("exim: %s\n%s", output.String(), log)
		}
	})
	until(t, "the mail server listens", func() bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return address, dir
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// until waits until something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !so() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("it never was so that %s", what)
		}
	}
}

// arrived waits for an email in a mailbox of the server.
func arrived(t *testing.T, dir, mailbox string) (text []byte) {
	t.Helper()
	until(t, "an email arrived for "+mailbox, func() bool {
		found, err := filepath.Glob(filepath.Join(dir, mailbox, "new", "*"))
		check(t, err)
		if len(found) == 0 {
			return false
		}
		text, err = os.ReadFile(found[0])
		check(t, err)
		return true
	})
	return text
}

// A real mail server takes an email with HTML and an invitation, puts one off, refuses one, and sends one back. The
// report that it writes is read.
func TestExim(t *testing.T) {
	address, dir := startExim(t)
	server, err := mail.ParseServer(
		fmt.Sprintf("smtp://%s?from=ClickBook+<bookings@example.test>&bounces=bounces@example.test", address), "")
	check(t, err)
	out := mail.NewSMTP(server, returns, slog.New(slog.DiscardHandler))
	defer func() { check(t, out.Close()) }()
	send := func(to string) error {
		sent := full()
		sent.Reference, sent.To = reference, to
		return out.Mail(t.Context(), sent)
	}
	check(t, send("ana@example.test"))
	got := string(arrived(t, dir, "ana"))
	for _, want := range []string{
		"Return-path: <bounces+", "Content-Type: multipart/mixed", "filename=appointment.ics", "<" + reference + "@example.test>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	for to, want := range map[string]messaging.MailRefused{
		"busy@example.test":   {Code: "451 4.2.1"},
		"nobody@example.test": {Permanent: true, Code: "550 5.1.1"},
		"ana@example.com":     {Permanent: true, Code: "550 5.7.1"},
	} {
		var refused *messaging.MailRefused
		if err := send(to); !errors.As(err, &refused) || refused.Permanent != want.Permanent || refused.Code != want.Code {
			t.Errorf("%s: %v, want %+v", to, err, want)
		}
	}
	check(t, send("late@example.test")) // accepted, and then it comes back
	report := arrived(t, dir, "bounces")
	bounce, ok, err := returns.ReadBounce(report, time.Unix(0, 0))
	if err != nil || !ok || bounce.Message.String() != reference || !bounce.Permanent || bounce.Code != "5.0.0" {
		t.Errorf("%+v, %t, %v of\n%s", bounce, ok, err, report)
	}
}
