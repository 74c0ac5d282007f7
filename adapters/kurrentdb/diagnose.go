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

// diagnose says why no node was reached: the client's own words are long and do not name the setting that is wrong.
func (s *Store) diagnose(ctx context.Context, err error) error {
	if over := ended(ctx); over != nil {
		return over
	}
	if !mayPass(err) {
		return explain(err)
	}
	var silent error
	answered := false
	for _, address := range addresses(&s.config) {
		why := s.knock(ctx, address)
		switch {
		case why == nil:
			answered = true
		case !errors.Is(why, domain.ErrUnavailable):
			return why
		default:
			silent = why
		}
	}
	if silent != nil && !answered {
		return silent
	}
	return explain(err)
}

// knock tries one address without the client. Nil says that nothing is wrong with it from here.
func (s *Store) knock(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%w: no node answers at %s: %w", domain.ErrUnavailable, address, err)
	}
	defer func() { _ = conn.Close() }() // nothing was said
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
		return fmt.Errorf("the node at %s speaks TLS, and the store's URL says tls=false: take that out", address)
	case !s.config.DisableTLS && errors.As(err, &plain):
		return fmt.Errorf("the node at %s does not speak TLS: add tls=false to the store's URL if that is meant", address)
	case !s.config.DisableTLS && errors.As(err, &untrusted):
		return fmt.Errorf("the certificate of the node at %s is not to be trusted: name the authority that signed it by "+
			"tlsCAFile in the store's URL (%w)", address, untrusted.Err)
	}
	return nil
}
