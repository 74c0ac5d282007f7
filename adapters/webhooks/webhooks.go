// Package webhooks calls webhooks over HTTP, signed as the Standard Webhooks specification says. An owner chooses the
// addresses, so it refuses those of this machine and its networks, follows no redirect, and reads little of a reply.
package webhooks

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/clickbook/clickbook/commands/webhooks"
	"github.com/clickbook/clickbook/domain/webhook"
)

const (
	timeout   = 15 * time.Second // as the specification recommends
	maxReply  = 4 << 10
	userAgent = "ClickBook-Webhooks"
)

// Caller calls webhooks.
type Caller struct{ client *http.Client }

var _ webhooks.Caller = Caller{}

// New returns a caller. With private it also calls addresses of this machine and its networks, which only a trial may.
func New(private bool) Caller {
	dialer := &net.Dialer{Timeout: timeout}
	if !private {
		dialer.Control = ssrf.New(ssrf.WithAnyPort()).Safe
	}
	return Caller{client: &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout,
			MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Call makes one call. Only a status of 2xx is success.
func (c Caller) Call(
	ctx context.Context, target webhook.Webhook, d webhooks.Delivery, at time.Time,
) (code int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL.Reveal(), bytes.NewReader(d.Body))
	if err != nil {
		return 0, errors.New("its address is malformed; set it again")
	}
	signature, err := sign(target, d, at)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set(standardwebhooks.HeaderWebhookID, d.ID.String())
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	response, err := c.client.Do(request)
	if err != nil {
		return 0, explain(err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxReply)) // so that the connection can be used again
	switch {
	case response.StatusCode >= 200 && response.StatusCode < 300:
		return response.StatusCode, nil
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return response.StatusCode, fmt.Errorf("it redirected with %d; set the address that it leads to", response.StatusCode)
	default:
		return response.StatusCode, fmt.Errorf("it replied %d", response.StatusCode)
	}
}

// sign returns a signature for each valid secret, so that a receiver can change over from one to the next.
func sign(target webhook.Webhook, d webhooks.Delivery, at time.Time) (string, error) {
	var signatures []string
	for _, secret := range target.Secrets {
		signer, err := standardwebhooks.NewWebhook(secret.Reveal())
		if err != nil {
			return "", errors.New("its secret is not readable; set a new one")
		}
		signature, err := signer.Sign(d.ID.String(), at, d.Body)
		if err != nil {
			return "", err
		}
		signatures = append(signatures, signature)
	}
	return strings.Join(signatures, " "), nil
}

// explain returns why there was no reply, without the address, which may have a token.
func explain(err error) error {
	var named *net.DNSError
	var certificate *tls.CertificateVerificationError
	var timed net.Error
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork):
		return errors.New("its address is one of a private network; only public addresses are called")
	case errors.As(err, &named):
		return errors.New("its host name is not known")
	case errors.As(err, &certificate):
		return errors.New("its certificate is not valid")
	case errors.As(err, &timed) && timed.Timeout():
		return fmt.Errorf("it did not reply within %s", timeout)
	default:
		return errors.New("it could not be reached")
	}
}
