package kurrentdb

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// diagnose explains why no node was reached. The client's own errors are long and do not name the wrong setting.
func (s *Store) diagnose(ctx context.Context, err error) error {
	if ended := contextErr(ctx); ended != nil {
		return ended
	}
	if !retryable(err) {
		return explain(err)
	}
	var unreachable error
	reached := false
	for _, address := range addresses(&s.config) {
		why := s.probe(ctx, address)
		switch {
		case why == nil:
			reached = true
		case !errors.Is(why, domain.ErrUnavailable):
			return why
		default:
			unreachable = why
		}
	}
	if unreachable != nil && !reached {
		return unreachable
	}
	return explain(err)
}

// probe connects to one address without the client. It returns nil if it finds nothing wrong.
func (s *Store) probe(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%w: no node responds at %s: %w", domain.ErrUnavailable, address, err)
	}
	defer func() { _ = conn.Close() }() // nothing was sent
	host, _, _ := strings.Cut(address, ":")
	secure := tls.Client(conn, &tls.Config{
		ServerName: host, RootCAs: s.config.RootCAs, NextProtos: []string{"h2"},
		InsecureSkipVerify: s.config.DisableTLS || s.config.SkipCertificateVerification, // nothing is sent
	})
	err = secure.HandshakeContext(ctx)
	var plain tls.RecordHeaderError
	var untrusted *tls.CertificateVerificationError
	switch {
	case s.config.DisableTLS && err == nil:
		return fmt.Errorf("the node at %s speaks TLS, and the store's URL says tls=false: remove that", address)
	case !s.config.DisableTLS && errors.As(err, &plain):
		return fmt.Errorf("the node at %s does not speak TLS: add tls=false to the store's URL if that is intended", address)
	case !s.config.DisableTLS && errors.As(err, &untrusted):
		return fmt.Errorf("the certificate of the node at %s is not trusted: name the authority that signed it by "+
			"tlsCAFile in the store's URL (%w)", address, untrusted.Err)
	}
	return nil
}
