package messaging

import (
	"context"
	"time"
)

// Mailer submits an email to the mail system.
type Mailer interface {
	// Mail returns a *MailRefused if the mail system did not accept the email, or did not say so in time. Submitting a
	// reference again must repeat the same email with the same Message-ID. A mail server may have accepted it before
	// the connection broke; then two copies can arrive, which many mail programs show as one.
	Mail(ctx context.Context, mail Mail) error
}

// MailRefused says that the mail system did not accept an email.
type MailRefused struct {
	Permanent bool   // it will not accept it later either
	Code      string // as message.MailFailed has it
	Reply     string // what the server said. It may name the address, so it is for whoever asked and not for the log
}

func (r *MailRefused) Error() string {
	if r.Reply == "" {
		return "the mail was not accepted: " + r.Code
	}
	return "the mail was not accepted: " + r.Reply
}

// Mail is one email: its text, and the same in HTML where that is given.
type Mail struct {
	Reference string // the id of the message, used as Message-ID
	To        string
	Subject   string
	Body      string // plain text
	At        time.Time

	FromName    string // shown as the sender, such as the name of the account; "" for the installation's own name
	ReplyTo     string // where a reply goes, such as the address of the account; "" for the sender's address
	HTML        string // a whole document that says the same as Body (see HTML); "" for an email of plain text only
	Attachments []Attachment
	// ListUnsubscribe is a URL that ends emails of this kind (RFC 2369). With https it must also take the POST of one
	// click (RFC 8058). "" for emails that nobody can unsubscribe from, such as the alert of an outage.
	ListUnsubscribe string
	Urgent          bool // sent before others that wait, and marked as important: an outage, a call sheet
}

// Attachment is a file that goes with an email. One that is a calendar object with a method, such as
// "text/calendar; method=REQUEST; charset=utf-8", is also an alternative to the text (RFC 6047 2.4), so that a mail
// program offers to put it into the calendar.
type Attachment struct {
	Name        string // of the file, such as "appointment.ics"
	ContentType string // with its parameters
	Body        []byte
}
