package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"net/textproto"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// Limits of talking to a mail server. A server that hangs holds at most maxConnections callers, and the next ones are
// told at once.
const (
	maxConnections = 4
	slotWait       = 2 * time.Second
	dialTimeout    = 15 * time.Second // until the server is ready, with TLS and login
	commandTimeout = 30 * time.Second
	acceptTimeout  = 2 * time.Minute // for the reply to the whole email; RFC 5321 4.5.3.2.6 would wait 10 minutes
	lastMoment     = 5 * time.Second // for the same, when the program stops
	idleTimeout    = 30 * time.Second
	maxPerSession  = 100 // emails by one connection; servers limit it too
)

// SMTP submits emails to a mail server (RFC 5321). It keeps connections open between emails.
type SMTP struct {
	// Health, if it is set, is called with ErrDown when the server does not take mail, and with nil when it does again.
	Health func(err error)

	server  Server
	returns ReturnPaths
	log     *slog.Logger
	now     func() time.Time

	slots    chan struct{}
	slotWait time.Duration

	mu    sync.Mutex
	idle  []*session
	trips int       // failures to talk to the server in a row
	until time.Time // before this, the server is taken to be down
}

// ErrDown says that the mail server cannot be reached or refuses us.
var ErrDown = errors.New("the mail server does not take mail")

// NewSMTP returns a sender for a server. It does not connect before the first email.
func NewSMTP(server Server, returns ReturnPaths, log *slog.Logger) *SMTP {
	return &SMTP{
		server: server, returns: returns, log: log, now: time.Now,
		slots: make(chan struct{}, maxConnections), slotWait: slotWait,
	}
}

// Mail submits an email. Its error is a *messaging.MailRefused unless the context ended before anything was sent.
func (s *SMTP) Mail(ctx context.Context, m messaging.Mail) error {
	_, err := s.Submit(ctx, m)
	return err
}

// Submit is Mail and returns the server's reply.
func (s *SMTP) Submit(ctx context.Context, m messaging.Mail) (reply string, err error) {
	to, err := mail.ParseAddress(m.To)
	if err != nil {
		return "", &messaging.MailRefused{Permanent: true, Code: "invalid_address"}
	}
	body, err := compose(s.server.From, domainOf(s.server.From.Address), m)
	if err != nil {
		return "", fmt.Errorf("compose mail %s: %w", m.Reference, err)
	}
	letter := letter{from: s.returns.For(s.server.returnAddress(), m.Reference), to: to.Address, body: body}
	if err := s.takeSlot(ctx); err != nil {
		return "", err
	}
	defer func() { <-s.slots }()
	reply, err = s.submit(ctx, letter)
	return reply, s.judge(ctx, err)
}

// returnAddress returns the address that reports go to, or variants of it.
func (s Server) returnAddress() string {
	if s.Bounces != "" {
		return s.Bounces
	}
	return s.From.Address
}

// takeSlot waits for the right to use a connection. It fails at once while the server is down, and soon while it is
// slow, so that a bad mail server does not hold up those who send other things.
func (s *SMTP) takeSlot(ctx context.Context) error {
	s.mu.Lock()
	down := s.now().Before(s.until)
	s.mu.Unlock()
	if down {
		return &messaging.MailRefused{Code: "unreachable"}
	}
	timer := time.NewTimer(s.slotWait)
	defer timer.Stop()
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-timer.C:
		return &messaging.MailRefused{Code: "busy"}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// submit sends a letter by an idle connection or by a new one. An idle connection that the server has closed meanwhile
// is replaced: nothing was sent by it yet.
func (s *SMTP) submit(ctx context.Context, l letter) (string, error) {
	for {
		open := s.takeIdle()
		fresh := open == nil
		if fresh {
			var err error
			if open, err = dial(ctx, s.server); err != nil {
				return "", &talkError{stage: connecting, err: err}
			}
		}
		reply, err := open.send(ctx, l, !fresh)
		var failed *talkError
		if errors.As(err, &failed) && failed.broken() {
			open.close()
			if !fresh && failed.stage < handedOver && ctx.Err() == nil {
				continue
			}
			return "", err
		}
		s.keepIdle(open)
		return reply, err
	}
}

func (s *SMTP) takeIdle() *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		last := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if s.now().Sub(last.used) < idleTimeout {
			return last
		}
		last.close()
	}
	return nil
}

func (s *SMTP) keepIdle(open *session) {
	if open.sent >= maxPerSession {
		open.quit()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	open.used = s.now()
	s.idle = append(s.idle, open)
}

// Close ends the idle connections.
func (s *SMTP) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, open := range s.idle {
		open.quit()
	}
	s.idle = nil
	return nil
}

// judge turns what happened into the error of Mail, and remembers whether the server can be talked to.
func (s *SMTP) judge(ctx context.Context, err error) error {
	var failed *talkError
	if !errors.As(err, &failed) {
		s.mark(ctx, false, nil)
		return err
	}
	if ctx.Err() != nil && failed.stage < handedOver { // we stopped, and nothing was sent
		return ctx.Err()
	}
	refused := refusalOf(failed)
	s.mark(ctx, failed.isServers(), failed)
	return refused
}

// mark keeps the server from being asked for a while after it could not be talked to: 5 seconds, then longer, at most a
// minute.
func (s *SMTP) mark(ctx context.Context, down bool, why error) {
	s.mu.Lock()
	was := s.trips > 0
	switch {
	case !down:
		s.trips, s.until = 0, time.Time{}
	case ctx.Err() == nil && !s.now().Before(s.until): // else we stopped, or another caller has just seen it
		s.trips = min(s.trips+1, 5)
		pause := min(5*time.Second<<(s.trips-1), time.Minute)
		s.until = s.now().Add(pause)
		if s.log != nil {
			s.log.Error("the mail server does not take mail; emails wait and will be tried again",
				"server", s.server.String(), "error", why, "pause", pause)
		}
	}
	is := s.trips > 0
	s.mu.Unlock()
	switch {
	case s.Health == nil || is == was:
	case is:
		s.Health(ErrDown)
	default:
		s.Health(nil)
	}
}

// refusalOf returns what a failed conversation means for the email. A server that refuses us, our sender or our
// password will take the email when that is set right, so only what it says about the recipient or the email itself is
// permanent.
func refusalOf(failed *talkError) *messaging.MailRefused {
	var reply *textproto.Error
	if !errors.As(failed.err, &reply) {
		code := "unreachable"
		if failed.stage >= handedOver {
			code = "unconfirmed"
		}
		return &messaging.MailRefused{Code: code, Reply: failed.Error()}
	}
	return &messaging.MailRefused{
		Permanent: reply.Code >= 500 && !failed.isServers(), Code: codeOf(reply),
		Reply: fmt.Sprintf("%d %s", reply.Code, reply.Msg),
	}
}

var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// codeOf returns the code of a reply with its enhanced one, such as "550 5.1.1".
func codeOf(reply *textproto.Error) string {
	code := strconv.Itoa(reply.Code)
	if more := enhanced.FindString(reply.Msg); more != "" {
		return code + " " + more
	}
	return code
}
