package mail_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/commands/messaging"
)

const reference = "39c24fe0-00f0-5adc-a37b-bc3aa038c7a2"

// returns signs return paths with a key that is not secret.
var returns = mail.ReturnPaths{MAC: func(text string) (sum [16]byte) {
	whole := sha256.Sum256([]byte("key " + text))
	copy(sum[:], whole[:])
	return sum
}}

// sender returns a sender for a server, by its URL without the host.
func sender(t *testing.T, f *fakeServer, format, password string, config *tls.Config) *mail.SMTP {
	t.Helper()
	server, err := mail.ParseServer(
		fmt.Sprintf(format, f.address)+"from=ClickBook+<bookings@example.org>&bounces=bounces@example.org", password)
	if err != nil {
		t.Fatal(err)
	}
	server.TLS = config
	out := mail.NewSMTP(server, returns, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	})
	return out
}

func small() messaging.Mail {
	return messaging.Mail{
		Reference: reference, To: "ana@example.com", Subject: "Booked", Body: "Dear Ana,\n.\n.dots\n",
		At: time.Date(2026, 12, 2, 9, 0, 0, 0, time.UTC),
	}
}

func TestMailReachesTheServer(t *testing.T) {
	f := startFake(t, nil, false, "")
	out := sender(t, f, "smtp://%s?", "", nil)
	reply, err := out.Submit(t.Context(), small())
	if err != nil || !strings.Contains(reply, "OK") {
		t.Fatalf("reply %q, %v", reply, err)
	}
	got := f.mails()
	if len(got) != 1 {
		t.Fatalf("%d emails, want 1", len(got))
	}
	if back, ok := returns.Message(got[0].from); !ok || back != reference || !strings.HasPrefix(got[0].from, "bounces+") {
		t.Errorf("the return path is %s, of message %q", got[0].from, back)
	}
	if got[0].to != "ana@example.com" || got[0].ret != smtp.DSNReturnHeaders || len(got[0].notify) != 1 {
		t.Errorf("the envelope is %+v", got[0])
	}
	for _, want := range []string{
		"From: \"ClickBook\" <bookings@example.org>\n", "Message-ID: <" + reference + "@example.org>\n",
		"\n\nDear Ana,\n.\n.dots\n",
	} {
		if !strings.Contains(got[0].body, want) {
			t.Errorf("%q is missing in\n%s", want, got[0].body)
		}
	}
}

// What a server says about us is put off, what it says about the recipient or the email is for good.
func TestRepliesOfTheServer(t *testing.T) {
	said := func(code int, enhanced smtp.EnhancedCode) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "no, ana@example.com"}
	}
	for _, c := range []struct {
		command   string
		reply     error
		permanent bool
		code      string
		connects  int // with another email after it
	}{
		{"rcpt", said(451, smtp.EnhancedCode{4, 3, 0}), false, "451 4.3.0", 1},
		{"rcpt", said(450, smtp.NoEnhancedCode), false, "450", 1},
		{"rcpt", said(550, smtp.EnhancedCode{5, 1, 1}), true, "550 5.1.1", 1},
		{"rcpt", said(502, smtp.EnhancedCode{5, 7, 0}), false, "502 5.7.0", 1},
		{"rcpt", said(530, smtp.EnhancedCode{5, 7, 0}), false, "530 5.7.0", 1},
		{"data", said(451, smtp.EnhancedCode{4, 7, 1}), false, "451 4.7.1", 1},
		{"data", said(554, smtp.EnhancedCode{5, 7, 1}), true, "554 5.7.1", 1},
		{"data", said(552, smtp.EnhancedCode{5, 3, 4}), true, "552 5.3.4", 1},
		{"mail", said(451, smtp.EnhancedCode{4, 7, 0}), false, "451 4.7.0", 1},
		{"mail", said(550, smtp.EnhancedCode{5, 7, 1}), false, "550 5.7.1", 1},
		{"mail", said(552, smtp.EnhancedCode{5, 3, 4}), true, "552 5.3.4", 1},
		{"rcpt", said(421, smtp.EnhancedCode{4, 3, 2}), false, "421 4.3.2", 2},
		{"mail", errDrop, false, "unreachable", 2},
		{"rcpt", errDrop, false, "unreachable", 2},
		{"data", errDrop, false, "unconfirmed", 2},
	} {
		t.Run(c.command+" "+c.code, func(t *testing.T) {
			f := startFake(t, nil, false, "")
			out := sender(t, f, "smtp://%s?", "", nil)
			f.reply(c.command, c.reply)
			err := out.Mail(t.Context(), small())
			var refused *messaging.MailRefused
			if !errors.As(err, &refused) || refused.Permanent != c.permanent || refused.Code != c.code {
				t.Fatalf("%v, want permanent %t, code %q", err, c.permanent, c.code)
			}
			f.reply(c.command, nil)
			well := false
			out.Health = func(err error) { well = err == nil }
			out.SetClock(func() time.Time { return time.Now().Add(10 * time.Second) }, time.Minute)
			if err := out.Mail(t.Context(), small()); err != nil {
				t.Errorf("the next email: %v", err)
			}
			if c.command == "mail" && !c.permanent && !well {
				t.Error("it does not say that the server is well again")
			}
			if got := f.connected(); got != c.connects {
				t.Errorf("%d connections, want %d", got, c.connects)
			}
		})
	}
}

func TestTLSAndLogin(t *testing.T) {
	certificate, pool := newCertificate(t)
	trusted := &tls.Config{RootCAs: pool}
	for _, c := range []struct {
		name, url, password string
		certificate         *tls.Certificate
		config              *tls.Config
		code                string // "" if the email arrives
	}{
		{"by STARTTLS", "smtp://ana@%s?tls=starttls&", "s3cret", certificate, trusted, ""},
		{"by TLS", "smtps://ana@%s?", "s3cret", certificate, trusted, ""},
		{"plain on this machine", "smtp://ana@%s?", "s3cret", nil, nil, ""},
		{"the wrong password", "smtps://ana@%s?", "guess", certificate, trusted, "535 5.7.8"},
		{"without login", "smtps://%s?", "", certificate, trusted, "502 5.7.0"},
		{"a certificate that nobody trusts", "smtps://ana@%s?", "s3cret", certificate, nil, "unreachable"},
		{"the same by STARTTLS", "smtp://ana@%s?tls=starttls&", "s3cret", certificate, nil, "unreachable"},
		{"no STARTTLS", "smtp://ana@%s?tls=starttls&", "s3cret", nil, nil, "unreachable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := startFake(t, c.certificate, strings.HasPrefix(c.url, "smtps"), "ana")
			out := sender(t, f, c.url, c.password, c.config)
			err := out.Mail(t.Context(), small())
			if c.code == "" {
				got := f.mails()
				if err != nil || len(got) != 1 || got[0].user != "ana" || got[0].encrypted != (c.certificate != nil) {
					t.Fatalf("%+v, %v", got, err)
				}
				return
			}
			var refused *messaging.MailRefused
			if !errors.As(err, &refused) || refused.Permanent || refused.Code != c.code {
				t.Fatalf("%v, want a temporary %q", err, c.code)
			}
			if len(f.mails()) > 0 {
				t.Error("the email arrived")
			}
			if strings.Contains(err.Error(), c.password) && c.password != "" {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestConnectionsAreKept(t *testing.T) {
	f := startFake(t, nil, false, "")
	out := sender(t, f, "smtp://%s?", "", nil)
	send := func() {
		t.Helper()
		if err := out.Mail(t.Context(), small()); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		send()
	}
	if got := f.connected(); got != 1 {
		t.Errorf("five emails took %d connections, want 1", got)
	}
	f.drop(t) // as a server does that has waited long enough
	send()
	if got := f.connected(); got != 2 {
		t.Errorf("%d connections, want a second one", got)
	}
	out.SetClock(func() time.Time { return time.Now().Add(time.Minute) }, time.Minute)
	send() // the connection is too old to be trusted
	if got := f.connected(); got != 3 {
		t.Errorf("%d connections, want a third one", got)
	}
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if err := out.Mail(t.Context(), small()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, mails := f.connected(), len(f.mails()); got > 7 || mails != 47 {
		t.Errorf("%d connections and %d emails, want at most 7 and 47", got, mails)
	}
}

func TestConnectionEndsAfterManyMails(t *testing.T) {
	f := startFake(t, nil, false, "")
	out := sender(t, f, "smtp://%s?", "", nil)
	for range 101 {
		if err := out.Mail(t.Context(), small()); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.connected(); got != 2 {
		t.Errorf("101 emails took %d connections, want 2", got)
	}
}

// A server that hangs holds four callers. The next one is told at once, and a context that ends frees the others.
func TestServerThatHangs(t *testing.T) {
	f := startFake(t, nil, false, "")
	f.block, f.arrived = make(chan struct{}), make(chan struct{}, 4)
	defer close(f.block)
	out := sender(t, f, "smtp://%s?", "", nil)
	out.SetClock(time.Now, 50*time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 4)
	for range 4 {
		go func() { ended <- out.Mail(ctx, small()) }()
	}
	for range 4 {
		<-f.arrived
	}
	var refused *messaging.MailRefused
	if err := out.Mail(ctx, small()); !errors.As(err, &refused) || refused.Permanent || refused.Code != "busy" {
		t.Error(err)
	}
	cancel()
	for range 4 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("after the end of the context: %v", err)
		}
	}
}

func TestServerThatIsDownIsLeftAlone(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeServer{address: listener.Addr().String()}
	accepted := make(chan struct{}, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- struct{}{}
			_ = conn.Close()
		}
	}()
	defer func() { _ = listener.Close() }()
	var logged bytes.Buffer
	server, err := mail.ParseServer("smtp://ana:s3cret@"+f.address+"?from=a@example.org", "")
	if err != nil {
		t.Fatal(err)
	}
	out := mail.NewSMTP(server, returns, slog.New(slog.NewTextHandler(&logged, nil)))
	var health []error
	out.Health = func(err error) { health = append(health, err) }
	start := time.Now()
	now := start
	out.SetClock(func() time.Time { return now }, time.Minute)
	// One connection at once, then after 5, 10, 20, 40, 60 and 60 seconds.
	var tried []int
	for second := range 200 {
		now = start.Add(time.Duration(second) * time.Second)
		before := len(accepted)
		var refused *messaging.MailRefused
		if err := out.Mail(t.Context(), small()); !errors.As(err, &refused) || refused.Code != "unreachable" {
			t.Fatal(err)
		}
		if len(accepted) > before {
			tried = append(tried, second)
		}
	}
	if got, want := fmt.Sprint(tried), "[0 5 15 35 75 135 195]"; got != want {
		t.Errorf("tried at %s, want %s", got, want)
	}
	if len(health) != 1 || !errors.Is(health[0], mail.ErrDown) {
		t.Errorf("it says of its health %v, want once that the server is down", health)
	}
	if text := logged.String(); strings.Contains(text, "s3cret") || !strings.Contains(text, "ana:••••@") {
		t.Errorf("the log says %s", text)
	}
}

func TestInvalidAddressIsPermanent(t *testing.T) {
	f := startFake(t, nil, false, "")
	out := sender(t, f, "smtp://%s?", "", nil)
	sent := small()
	for _, to := range []string{"nobody", "", "a@b\r\nRCPT TO:<x@example.com>", "<ana@example.com"} {
		sent.To = to
		var refused *messaging.MailRefused
		if err := out.Mail(t.Context(), sent); !errors.As(err, &refused) || !refused.Permanent {
			t.Errorf("%q: %v", to, err)
		}
	}
	if f.connected() > 0 {
		t.Error("the server was asked")
	}
}
