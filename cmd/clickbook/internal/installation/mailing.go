package installation

import (
	stdmail "net/mail"
	"path/filepath"

	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/commands/messaging"
)

// mailer returns what emails go to: the mail server, or files in the data directory.
func (in *Installation) mailer() (messaging.Mailer, error) {
	if in.options.MailServer != nil {
		in.smtp = mail.NewSMTP(*in.options.MailServer, in.returnPaths(), in.options.Log)
		in.smtp.Health = func(err error) {
			if err == nil {
				in.troubles.clear("mail server")
			} else {
				in.troubles.set("mail server", err)
			}
		}
		return in.smtp, nil
	}
	return mail.NewOutbox(in.outbox(), stdmail.Address{Name: "ClickBook", Address: "clickbook@localhost.invalid"})
}

func (in *Installation) outbox() string { return filepath.Join(in.at.Data, "mail") }

// returnPaths makes and checks the return paths of emails.
func (in *Installation) returnPaths() mail.ReturnPaths {
	return mail.ReturnPaths{MAC: in.Keys.Fingerprint}
}

// describeMail says where emails go.
func (in *Installation) describeMail() string {
	if in.options.MailServer != nil {
		return in.options.MailServer.Describe()
	}
	return "mail is written to files in " + in.outbox() + ": none leaves this machine until --smtp names a mail server"
}
