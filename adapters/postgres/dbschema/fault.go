package dbschema

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	"github.com/clickbook/clickbook/domain"
)

// Kinds of faults of a schema or its server, in addition to those of package fault and domain.ErrUnavailable. Use
// errors.Is.
var (
	ErrURL      = errors.New("invalid URL")
	ErrDenied   = errors.New("access denied")
	ErrTLS      = errors.New("TLS mismatch")
	ErrServer   = errors.New("unsupported server or statement")
	ErrReadOnly = errors.New("read-only")
	ErrRights   = errors.New("missing rights")
)

// Fault turns an error of the driver or of the server into a *fault.Fault. A temporary one wraps
// domain.ErrUnavailable: the server is away, starting, stopping or full of connections, or a transaction lost against
// another. The end of a context is returned as it is. Other errors get the schema added.
func (s *Schema) Fault(err error) error {
	var already *fault.Fault
	if err == nil || errors.As(err, &already) || errors.Is(err, context.Canceled) {
		return err
	}
	var said *pgconn.PgError
	var connecting *pgconn.ConnectError
	switch {
	case errors.As(err, &said):
		return s.said(said, err)
	case s.isTLS(err):
		return fault.New(ErrTLS, err, "the server %s and this URL do not agree about TLS; check sslmode, "+
			"sslrootcert, and what the server offers", s.server())
	case errors.As(err, &connecting):
		return s.unavailable("cannot be reached; check that it runs, and the host and port in the URL", err)
	case errors.Is(err, context.DeadlineExceeded):
		return err
	case isNetwork(err):
		return s.unavailable("lost the connection", err)
	}
	return fmt.Errorf("%s: %w", s.Where(), err)
}

// Damaged returns the fault for a schema that PostgreSQL can read but whose content breaks a rule of its owner.
func (s *Schema) Damaged(what string) *fault.Fault {
	return fault.New(fault.ErrDamaged, nil, "%s is damaged (%s); %s", s.Where(), what, s.remedy)
}

func (s *Schema) unavailable(what string, err error) *fault.Fault {
	return fault.New(domain.ErrUnavailable, err, "the server %s %s", s.server(), what)
}

// said translates an error of the server (PostgreSQL, appendix A: error codes).
func (s *Schema) said(said *pgconn.PgError, err error) error {
	switch said.Code {
	case "28P01":
		return fault.New(ErrDenied, err, "the server %s rejects the password of the user %s; check both "+
			"in the URL", s.server(), s.config.User)
	case "28000":
		return fault.New(ErrDenied, err,
			"the server %s does not admit the user %s from here; check the user in the "+
				"URL, and the server's pg_hba.conf", s.server(), s.config.User)
	case "3D000":
		return fault.New(ErrDenied, err, "the server %s has no database %s; create it, or change the URL",
			s.server(), s.config.Database)
	case "42501":
		return fault.New(ErrRights, err, "the user %s lacks a right on %s; grant it, or make the "+
			"user the owner of the schema", s.config.User, s.Where())
	case "25006":
		return fault.New(ErrReadOnly, err, "the database %s on %s is read-only; give the URL of the server that takes "+
			"writes", s.config.Database, s.server())
	case "53100":
		return fault.New(fault.ErrFull, err,
			"the disk of the server %s is full, so nothing was saved; free some space "+
				"and try again", s.server())
	case "XX001", "XX002", "58030":
		return fault.New(fault.ErrDamaged, err, "%s is damaged or its disk failed; %s", s.Where(), s.remedy)
	case "53300", "57P03", "57P01", "57P02", "57P04", "57P05":
		return s.unavailable("does not accept work now", err)
	case "40001", "40P01", "55P03", "57014":
		return s.unavailable("cancelled a statement", err)
	}
	if strings.HasPrefix(said.Code, "08") {
		return s.unavailable("lost the connection", err)
	}
	return fault.New(ErrServer, err, "PostgreSQL refused a statement on %s", s.Where())
}

// isTLS reports an error of TLS, if no plain connection was allowed. The driver has no error value for a refusal.
func (s *Schema) isTLS(err error) bool {
	if s.config.TLSConfig == nil {
		return false
	}
	for _, fallback := range s.config.Fallbacks {
		if fallback.TLSConfig == nil {
			return false
		}
	}
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var authority x509.UnknownAuthorityError
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &authority) || strings.Contains(err.Error(), "server refused TLS connection")
}

func isNetwork(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, pgx.ErrTxClosed) || pgconn.SafeToRetry(err)
}
