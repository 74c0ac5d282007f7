package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

const (
	maxReply    = 256 << 10        // bytes of a provider's reply that are read
	callTimeout = 20 * time.Second // of a call, without a client of its own
)

// Caller calls a provider's API. It limits the rate of texts, bounds what it reads, follows no redirects, which would
// take the credentials elsewhere, and puts neither secrets nor numbers nor texts in errors and logs.
type Caller struct {
	base    *url.URL
	client  http.Client
	pace    Pace
	log     *slog.Logger
	secrets []string
}

// Reply is what a provider replied.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// NewCaller returns a caller for the settings base_url and per_second. Secrets are kept out of errors and logs.
func NewCaller(config Config, secrets ...string) (*Caller, error) {
	base, err := ParseBaseURL(config.Settings["base_url"])
	if err != nil {
		return nil, err
	}
	pace, err := NewPace(config.Settings["per_second"])
	if err != nil {
		return nil, err
	}
	c := &Caller{
		base: base, log: config.Log, pace: pace,
		client: http.Client{Timeout: callTimeout}, secrets: secrets,
	}
	if config.Client != nil {
		c.client = *config.Client
	}
	c.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.log = c.log.With("provider", config.Provider)
	return c, nil
}

// Request returns a request for a path below the base URL.
func (c *Caller) Request(ctx context.Context, method, path string, body string) (*http.Request, error) {
	var reader io.Reader // nil, so that a GET has no body
	if body != "" {
		reader = strings.NewReader(body)
	}
	return http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.base.String(), "/")+path, reader)
}

// Submit makes a call that submits a text, when it is its turn. It returns a *messaging.NotAccepted if the request
// certainly did not leave: it was not its turn for too long, or there was no connection.
func (c *Caller) Submit(request *http.Request) (Reply, error) {
	if err := c.pace.Turn(request.Context()); err != nil {
		return Reply{}, err
	}
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	reply, err := c.Do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	switch {
	case err == nil || connected.Load():
		return reply, err
	case request.Context().Err() != nil:
		return Reply{}, NotSent(request.Context().Err())
	}
	c.log.Warn("no connection to the provider", "error", err)
	return Reply{}, messaging.Reject(message.FaultProvider, "no_connection")
}

// Do makes a call and reads the reply.
func (c *Caller) Do(request *http.Request) (Reply, error) {
	started := time.Now()
	response, err := c.client.Do(request)
	if err != nil {
		return Reply{}, c.discreet(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply+1))
	if err == nil && len(body) > maxReply {
		err = fmt.Errorf("the reply is longer than %d bytes", maxReply)
	}
	c.log.Debug("called", "method", request.Method, "path", Redact(request.URL.Path, c.secrets...),
		"status", response.StatusCode, "duration", time.Since(started))
	return Reply{Status: response.StatusCode, Header: response.Header, Body: body}, c.discreet(err)
}

// discreet returns an error without the URL that net/http puts in front, and without secrets and numbers. An end of
// the context is kept.
func (c *Caller) discreet(err error) error {
	if err == nil {
		return nil
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			return fmt.Errorf("call the provider: %w", ended)
		}
	}
	var addressed *url.Error
	if errors.As(err, &addressed) {
		err = addressed.Err
	}
	return errors.New("call the provider: " + Redact(err.Error(), c.secrets...))
}

// Rejected returns what a status of HTTP says of a text where the reply has no code of the provider: a rejection if the
// provider certainly did not accept it, otherwise nil, and then the text is in doubt. A 500, 502 or 504 proves nothing:
// the provider may have failed after it accepted the text.
func (r Reply) Rejected() *messaging.NotAccepted {
	code := "http_" + strconv.Itoa(r.Status)
	switch {
	case r.Status == http.StatusTooManyRequests:
		refused := messaging.Reject(message.FaultThrottle, code)
		refused.After = r.RetryAfter()
		return refused
	case r.Status == http.StatusServiceUnavailable:
		refused := messaging.Reject(message.FaultProvider, code)
		refused.After = r.RetryAfter()
		return refused
	case r.Status == http.StatusUnauthorized, r.Status == http.StatusForbidden, r.Status == http.StatusNotFound,
		r.Status == http.StatusPaymentRequired, r.Status == http.StatusMethodNotAllowed,
		r.Status >= 300 && r.Status < 400:
		return messaging.Reject(message.FaultConfigure, code)
	case r.Status == http.StatusRequestTimeout:
		return nil
	case r.Status >= 400 && r.Status < 500:
		return messaging.Reject(message.FaultUnknown, code)
	}
	return nil
}

// RetryAfter returns how long the provider asks to wait, at most a day, 0 if it does not say (RFC 9110, 10.2.3). A date
// is relative to the reply's own Date, so a wrong clock here does not matter.
func (r Reply) RetryAfter() time.Duration {
	value := r.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return min(max(time.Duration(seconds), 0)*time.Second, 24*time.Hour)
	}
	until, err := http.ParseTime(value)
	now, other := http.ParseTime(r.Header.Get("Date"))
	if err != nil || other != nil {
		return 0
	}
	return min(max(until.Sub(now), 0), 24*time.Hour)
}

// InDoubt returns the error of a text whose outcome a reply does not tell.
func (r Reply) InDoubt() error {
	return fmt.Errorf("the provider's reply with status %d does not say whether it accepted the text", r.Status)
}
