package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// letter is an email with its envelope.
type letter struct {
	from, to string
	body     []byte
}

// stage is how far a conversation with a mail server came.
type stage int

const (
	connecting stage = iota // TCP, TLS, EHLO and login
	greeting                // MAIL: the server takes our sender
	addressing              // RCPT: the server takes the recipient
	announcing              // DATA: the server is ready for the email
	handedOver              // the email was sent: after a broken connection nobody knows whether it was accepted
)

// talkError is a conversation that ended without an accepted email.
type talkError struct {
	stage stage
	err   error
}

func (e *talkError) Error() string {
	doing := [...]string{
		"connecting to the mail server", "naming the sender", "naming the recipient", "announcing the email",
		"waiting until the mail server accepts the email",
	}[e.stage]
	return doing + ": " + e.err.Error()
}

func (e *talkError) Unwrap() error { return e.err }

// broken reports whether the connection cannot be used any more: there was no reply, or the server closes it (421).
func (e *talkError) broken() bool {
	var reply *textproto.Error
	return !errors.As(e.err, &reply) || reply.Code == 421
}

// isServers reports whether the failure is about the server or our access to it, not about one email: it could not be
// reached, it refuses our sender, or it says that we should log in (RFC 4954 6) or that it does not understand us.
func (e *talkError) isServers() bool {
	var reply *textproto.Error
	if e.broken() || !errors.As(e.err, &reply) {
		return true
	}
	switch reply.Code {
	case 500, 502, 503, 504, 530, 534, 535, 538:
		return true
	case 552: // the email is too large, also when its size was announced with the sender
		return false
	}
	return e.stage <= greeting
}

// session is an open connection to a mail server, ready for an email.
type session struct {
	client *smtp.Client
	conn   net.Conn
	used   time.Time
	sent   int
}

// dial connects, protects the connection and logs in.
func dial(ctx context.Context, server Server) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var conn net.Conn
	config := server.tlsConfig()
	options := []gomail.Option{
		gomail.WithPort(server.Port), gomail.WithTimeout(dialTimeout), gomail.WithTLSPolicy(gomail.NoTLS),
		gomail.WithHELO(cmp.Or(server.Name, hostName())), gomail.WithTLSConfig(config),
		// The library leaves a connection open when its greeting fails, so it is kept here to be closed.
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			var err error
			conn, err = connect(ctx, network, address, server.Security, config)
			return conn, err
		}),
	}
	if server.Security == StartTLS {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if server.User != "" {
		options = append(options, gomail.WithUsername(server.User), gomail.WithPassword(server.password),
			gomail.WithOpportunisticSMTPAuth(
				gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5,
			))
	}
	dialer, err := gomail.NewClient(server.Host, options...)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() {
		if conn != nil {
			_ = conn.SetDeadline(time.Unix(1, 0))
		}
	})
	defer stop()
	client, err := dialer.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if conn != nil {
			_ = conn.Close()
		}
		return nil, err
	}
	// A report then has the header of an email and not its text, which is the client's own business (RFC 3461).
	client.SetDSNMailReturnOption(string(gomail.DSNMailReturnHeadersOnly))
	client.SetDSNRcptNotifyOption(string(gomail.DSNRcptNotifyFailure))
	return &session{client: client, conn: conn}, nil
}

func connect(
	ctx context.Context, network, address string, security Security, config *tls.Config,
) (net.Conn, error) {
	if security == ImplicitTLS {
		return (&tls.Dialer{Config: config}).DialContext(ctx, network, address)
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

func (s Server) tlsConfig() *tls.Config {
	config := new(tls.Config)
	if s.TLS != nil {
		config = s.TLS.Clone()
	}
	config.MinVersion, config.ServerName = tls.VersionTLS12, s.Host
	return config
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// send submits one letter and returns the server's reply. Used says that the connection was used before.
func (s *session) send(ctx context.Context, l letter, used bool) (reply string, err error) {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	at := greeting
	step := func(next stage, timeout time.Duration, do func() error) {
		if err != nil {
			return
		}
		at, err = next, s.client.UpdateDeadline(timeout)
		if err == nil {
			err = ctx.Err() // the deadline of a context that ended may just have been moved
		}
		if err == nil {
			err = do()
		}
	}
	if used {
		step(connecting, commandTimeout, s.client.Reset)
	}
	s.client.SkipSMTPUTF8(isASCII(l.from) && isASCII(l.to)) // it would forbid servers on the way that lack it
	step(greeting, commandTimeout, func() error { return s.client.Mail("<" + l.from + ">") })
	step(addressing, commandTimeout, func() error { return s.client.Rcpt("<" + l.to + ">") })
	step(announcing, commandTimeout, func() error {
		data, err := s.client.Data()
		if err == nil {
			_, err = data.Write(l.body)
		}
		if err != nil {
			return err
		}
		stop()
		at = handedOver
		return s.hand(ctx, data, &reply)
	})
	if err != nil {
		return "", &talkError{stage: at, err: err}
	}
	s.sent++
	return reply, nil
}

// hand ends an email and waits for the reply. When the program stops it still waits for a moment: an email that was
// accepted unheard is sent again later.
func (s *session) hand(ctx context.Context, data io.Closer, reply *string) error {
	if err := s.client.UpdateDeadline(acceptTimeout); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(time.Now().Add(lastMoment)) })
	defer stop()
	if err := data.Close(); err != nil {
		return err
	}
	if said, ok := data.(interface{ ServerResponse() string }); ok {
		*reply = said.ServerResponse()
	}
	return nil
}

func (s *session) close() { _ = s.conn.Close() }

// quit ends the conversation politely, and soon.
func (s *session) quit() {
	_ = s.client.UpdateDeadline(time.Second)
	_ = s.client.Quit()
	s.close()
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] > 0x7e || text[i] < ' ' {
			return false
		}
	}
	return true
}
