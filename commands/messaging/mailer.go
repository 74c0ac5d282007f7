package messaging

import (
	"context"
	"time"
)

// Mailer submits an email to the mail system. Submitting a reference twice must send one email.
type Mailer interface {
	Mail(ctx context.Context, mail Mail) error
}

// Mail is one email in plain text.
type Mail struct {
	Reference string // the id of the message, used as Message-ID
	To        string
	Subject   string
	Body      string
	At        time.Time
}
