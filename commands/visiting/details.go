package visiting

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/page"
)

// Form is what a visitor fills in.
type Form struct {
	Name, Phone, Email string
	Note               string            // several lines
	Responses          map[string]string // to the questions of the page, by their ids
	Language           string            // in which the visitor reads; "" means that of the account
	Trap               string            // a field that people do not see, so only programs fill it in
	From               string            // the network address of the visitor, for Limits
}

// Refusals of a form.
var (
	ErrProgram = domain.Refuse(domain.Invalid, "form_trap",
		"a field that must stay empty was filled in; clear the field website and send the form again").At("website")
	ErrTooFast = domain.Refuse(domain.Disallowed, "form_too_fast",
		"the form was sent very fast; check what you have written and send it again")
	errNoContact = domain.Refuse(domain.Invalid, "contact_missing",
		"write a phone number or an email address, so that the business can reach you").At("email")
	errNoEmail = domain.Refuse(domain.Invalid, "email_missing",
		"write your email address: you get a link to confirm the booking").At("email")
)

const (
	maxName = 200  // characters
	maxNote = 2000 // characters
)

// details are what a form says, parsed.
type details struct {
	Client   domain.ClientID
	Contact  client.Contact
	Note     domain.Private // with the responses
	Language string
}

// clientOf returns the client that a visitor becomes who books an appointment and is no client yet.
func clientOf(id domain.AppointmentID) domain.ClientID {
	return domain.DeriveID[domain.ClientID]("visitor", id)
}

// parse parses a form. The first thing that is wrong is refused by its field.
func parse(at Page, id domain.AppointmentID, service domain.ServiceID, form Form) (details, error) {
	if form.Trap != "" {
		return details{}, ErrProgram
	}
	name, err := domain.ParseText("the name", form.Name, maxName)
	if err != nil {
		return details{}, atField(err, "name")
	}
	phone, email := strings.TrimSpace(form.Phone), strings.TrimSpace(form.Email)
	switch {
	case email == "" && at.Page.ConfirmEmail:
		return details{}, errNoEmail
	case phone == "" && email == "":
		return details{}, errNoContact
	}
	contact := client.Contact{Name: domain.Secret(name)}
	if phone != "" {
		parsed, err := domain.ParsePhone(phone, at.Account.Country)
		if err != nil {
			return details{}, atField(err, "phone")
		}
		contact.Phone, contact.Country = domain.Secret(parsed.E164), parsed.Country
	}
	if email != "" {
		parsed, err := domain.ParseEmail(email)
		if err != nil {
			return details{}, atField(err, "email")
		}
		contact.Email = domain.Secret(parsed)
	}
	responses, err := at.Page.ParseResponses(service, form.Responses)
	if err != nil {
		return details{}, err
	}
	note, err := parseNote(form.Note)
	if err != nil {
		return details{}, err
	}
	return details{
		Client: clientOf(id), Contact: contact, Note: noteOf(responses, note),
		Language: cmp.Or(form.Language, at.Account.Locale),
	}, nil
}

// atField names the field of a refusal.
func atField(err error, field string) error {
	if refusal, refused := domain.AsRefusal(err); refused {
		return refusal.At(field)
	}
	return err
}

// parseNote parses a text of several lines.
func parseNote(text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" {
		return "", nil
	}
	if n := utf8.RuneCountInString(text); n > maxNote {
		return "", domain.Refusef(domain.Invalid, "text_too_long",
			"the note has %d characters; write at most %d", n, maxNote).At("note")
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			lines[i] = ""
			continue
		}
		var err error
		if lines[i], err = domain.ParseText("the note", line, maxNote); err != nil {
			return "", atField(err, "note")
		}
	}
	return strings.Join(lines, "\n"), nil
}

// noteOf returns the note of the appointment: each question with its response, and what the visitor wrote. As a note it
// is where the staff read it, and is erased with the client.
func noteOf(responses []page.Response, note string) domain.Private {
	var parts []string
	for _, one := range responses {
		parts = append(parts, one.Question+"\n"+one.Text)
	}
	if note != "" {
		parts = append(parts, note)
	}
	if len(parts) == 0 {
		return domain.Private{}
	}
	return domain.Secret(strings.Join(parts, "\n\n"))
}

// kept returns the details as the log keeps them until they are confirmed.
func (d details) kept() appointment.Details {
	return appointment.Details{
		Client: d.Client, Name: d.Contact.Name, Phone: d.Contact.Phone, Country: d.Contact.Country,
		Email: d.Contact.Email, Note: d.Note, Language: d.Language,
	}
}

func fromDetails(kept appointment.Details) details {
	return details{
		Client: kept.Client, Note: kept.Note, Language: kept.Language,
		Contact: client.Contact{Name: kept.Name, Phone: kept.Phone, Country: kept.Country, Email: kept.Email},
	}
}

// sameEmail compares addresses without case, as mail systems do.
func sameEmail(a, b domain.Private) bool { return strings.EqualFold(a.Reveal(), b.Reveal()) }
