package messaging

import (
	"context"
	"time"
)

// Mailer hands an email to the mail system. The same reference mailed twice must leave one email.
type Mailer interface {
	Mail(ctx context.Context, mail Mail) error
}

// Mail is one email in plain text.
type Mail struct {
	Reference string // the message's id; becomes the Message-ID
	To        string
	Subject   string
	Body      string
	At        time.Time
}
