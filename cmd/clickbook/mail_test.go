package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// mailServer accepts every email but those to nobody@example.com.
type mailServer struct{ got chan string }

func (m mailServer) NewSession(*smtp.Conn) (smtp.Session, error) { return m, nil }
func (mailServer) Mail(string, *smtp.MailOptions) error          { return nil }
func (mailServer) Reset()                                        {}
func (mailServer) Logout() error                                 { return nil }

func (mailServer) Rcpt(to string, _ *smtp.RcptOptions) error {
	if to == "nobody@example.com" {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	return nil
}

func (m mailServer) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	m.got <- string(text)
	return err
}

// startMailServer starts it on loopback and returns its address.
func startMailServer(t *testing.T) (address string, got chan string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got = make(chan string, 10)
	server := smtp.NewServer(mailServer{got})
	server.Domain = "mx.example.org"
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String(), got
}

func TestMailCheck(t *testing.T) {
	address, got := startMailServer(t)
	env := []string{"CLICKBOOK_SMTP=smtp://" + address + "?from=bookings@example.org"}
	sent := callWith(t, env, "mail", "check", "ana@example.com")
	if sent.code != exitOK || !strings.Contains(sent.out, "accepted for ana@example.com: ") {
		t.Fatalf("code %d: %s%s", sent.code, sent.out, sent.err)
	}
	if text := <-got; !strings.Contains(text, "Subject: A test email from ClickBook") {
		t.Errorf("the server got\n%s", text)
	}
	refused := callWith(t, env, "mail", "check", "nobody@example.com")
	if refused.code != exitFault || !strings.Contains(refused.err, "will not accept this email: 550") {
		t.Errorf("code %d: %s", refused.code, refused.err)
	}
	invalid := callWith(t, env, "mail", "check", "nobody")
	if invalid.code != exitUsage || !strings.Contains(invalid.err, `invalid email address "nobody"`) {
		t.Errorf("code %d: %s", invalid.code, invalid.err)
	}
}

func TestMailServerOfTheCommandLine(t *testing.T) {
	secret, empty := filepath.Join(t.TempDir(), "secret"), filepath.Join(t.TempDir(), "empty")
	for name, text := range map[string]string{secret: "s3cret\n", empty: "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const url = "smtps://ana@127.0.0.1:1?from=bookings@example.org"
	for _, c := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"none", nil, nil, "no mail server is configured"},
		{"a password alone", []string{"CLICKBOOK_SMTP_PASSWORD=s3cret"}, nil, "needs its URL"},
		{"no password", nil, []string{"--smtp", url}, "password of the mail server is missing"},
		{"an empty file", nil, []string{"--smtp", url, "--smtp-password-file", empty}, "is empty"},
		{"a missing file", nil, []string{"--smtp", url, "--smtp-password-file", empty + "x"}, "cannot read"},
		{
			"a file and the environment",
			[]string{"CLICKBOOK_SMTP_PASSWORD=s3cret"},
			[]string{"--smtp", url, "--smtp-password-file", secret},
			"in a file and in CLICKBOOK_SMTP_PASSWORD",
		},
		{"a file", nil, []string{"--smtp", url, "--smtp-password-file", secret}, "connection refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := callWith(t, c.env, append([]string{"mail", "check", "ana@example.com"}, c.args...)...)
			if got.code == exitOK || !strings.Contains(got.err, c.want) {
				t.Errorf("code %d: %s, want %q", got.code, got.err, c.want)
			}
			if strings.Contains(got.out+got.err, "s3cret") {
				t.Errorf("the password is shown: %s%s", got.out, got.err)
			}
		})
	}
}

func TestServeNamesAllProblemsOfMailAtOnce(t *testing.T) {
	got := callWith(t, []string{"CLICKBOOK_SMTP=smtp://u@mx.example.org?tls=none"}, "serve", "--demo", "--listen", "here")
	for _, want := range []string{"--listen", "sender is missing", "password of the mail server is missing", "--demo sends no email"} {
		if got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("code %d: %s, want %q", got.code, got.err, want)
		}
	}
}
