// Package mail composes emails (RFC 5322) and delivers them to an outbox directory, as one .eml file each, which any
// mail program can open.
package mail

import (
	"context"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// outboxHost is the right-hand side of the Message-ID of an email that is not sent.
const outboxHost = "clickbook.invalid"

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
	body, err := compose(o.from, outboxHost, m)
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
