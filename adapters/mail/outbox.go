// Package mail delivers emails to an outbox directory, as one .eml file each (RFC 5322), which any mail program can
// open. There is no mail server yet. Emails are plain text, never HTML.
package mail

import (
	"bytes"
	"context"
	"fmt"
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

// NewOutbox returns an outbox and creates its directory, readable only by its owner, because emails name people.
func NewOutbox(dir string, from mail.Address) (*Outbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot create the outbox: %w; check the permissions of the data directory", err)
	}
	return &Outbox{dir: dir, from: from}, nil
}

// Mail writes an email to a file named by its reference, so repeating an email replaces it. A crash leaves no partial
// email.
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

// compose returns the message in RFC 5322 form with a quoted-printable UTF-8 body.
func compose(from mail.Address, m messaging.Mail) ([]byte, error) {
	to, err := mail.ParseAddress(m.To)
	if err != nil {
		return nil, fmt.Errorf("invalid email address: %w", err)
	}
	var out bytes.Buffer
	out.WriteString(addressField("From", from) + addressField("To", *to) + textField("Subject", m.Subject))
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
