// Package mail hands emails to the world. Until a mail server is configured they are written as files into an
// outbox directory, one .eml (RFC 5322) each, where any mail program can open them. It refuses HTML.
package mail

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// Outbox writes emails into a directory.
type Outbox struct {
	dir  string
	from mail.Address
}

// NewOutbox makes the directory if need be, readable by its owner only: emails name people.
func NewOutbox(dir string, from mail.Address) (*Outbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the outbox cannot be made: %w; check the data directory's permissions", err)
	}
	return &Outbox{dir: dir, from: from}, nil
}

// Mail writes one file, named by the mail's reference, so that a repeated mail replaces itself. The file
// appears whole or not at all.
func (o *Outbox) Mail(_ context.Context, m messaging.Mail) error {
	body, err := compose(o.from, m)
	if err != nil {
		return fmt.Errorf("compose mail %s: %w", m.Reference, err)
	}
	final := filepath.Join(o.dir, m.At.UTC().Format(time.DateOnly)+"-"+filepath.Base(m.Reference)+".eml")
	draft := final + ".part"
	if err := os.WriteFile(draft, body, 0o600); err != nil {
		return fmt.Errorf("write mail %s: %w", m.Reference, err)
	}
	if err := os.Rename(draft, final); err != nil {
		return fmt.Errorf("write mail %s: %w", m.Reference, err)
	}
	return nil
}

// compose writes the message in the form of RFC 5322 with a quoted-printable UTF-8 body.
func compose(from mail.Address, m messaging.Mail) ([]byte, error) {
	to, err := mail.ParseAddress(m.To)
	if err != nil {
		return nil, fmt.Errorf("the address is not one an email can go to: %w", err)
	}
	subject := strings.Join(strings.Fields(m.Subject), " ") // one line, whatever was written
	var out bytes.Buffer
	fmt.Fprintf(&out, "From: %s\r\nTo: %s\r\n", from.String(), to.String())
	fmt.Fprintf(&out, "Subject: %s\r\n", mime.QEncoding.Encode("utf-8", subject))
	fmt.Fprintf(&out, "Date: %s\r\n", m.At.UTC().Format(time.RFC1123Z))
	fmt.Fprintf(&out, "Message-ID: <%s@clickbook.invalid>\r\n", m.Reference)
	out.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n")
	out.WriteString("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
	body := quotedprintable.NewWriter(&out)
	if _, err := body.Write([]byte(strings.ReplaceAll(m.Body, "\n", "\r\n"))); err != nil {
		return nil, err
	}
	if err := body.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
