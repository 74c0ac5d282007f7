package importing

import (
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/fold"
)

// people tells the clients of a sheet apart. Rows are about one person if they have the same phone number or email
// address and the same name, "Last, First" being "First Last". Families share numbers, so another name is another
// person. Of rows that have neither number nor address, those with one name are taken for one person, but only if the
// sheet does not tell more about people of that name.
type people struct {
	known map[string]*person // by evidence
	named map[string]bool    // people with evidence, by name
}

// person is one person of a sheet. It is part of another person once a row shows that they are the same.
type person struct {
	partOf         *person
	number         int // in the order of the sheet
	contact        client.Contact
	phones, emails []string
}

func newPeople() *people {
	return &people{known: make(map[string]*person), named: make(map[string]bool)}
}

// nameOf returns what makes two spellings one name. A person without number and address has nothing but the name, so
// there "Last, First" may be somebody else.
func nameOf(contact client.Contact) string {
	if contact.Phone.IsZero() && contact.Email.IsZero() {
		return fold.Identity(contact.Name.Reveal())
	}
	return fold.PersonIdentity(contact.Name.Reveal())
}

// evidence returns what identifies a client together with their name: none, one or two texts.
func evidence(name, phone, email string) (found []string) {
	if phone != "" {
		found = append(found, "phone\x00"+phone+"\x00"+name)
	}
	if email != "" {
		found = append(found, "email\x00"+strings.ToLower(email)+"\x00"+name)
	}
	return found
}

// learn takes in the contact of a row. Contacts that it has seen change nothing.
func (p *people) learn(contact client.Contact) {
	var one *person
	for _, text := range evidence(nameOf(contact), contact.Phone.Reveal(), contact.Email.Reveal()) {
		other := p.known[text]
		switch {
		case other == nil && one == nil:
			one = &person{number: len(p.known)}
			p.known[text] = one
		case other == nil:
			p.known[text] = one
		case one == nil:
			one = other.root()
		default:
			one = one.join(other.root())
		}
	}
	if one != nil {
		p.named[nameOf(contact)] = true
		one.add(contact)
	}
}

// of returns the person of a row, or nil for a row without evidence.
func (p *people) of(contact client.Contact) *person {
	for _, text := range evidence(nameOf(contact), contact.Phone.Reveal(), contact.Email.Reveal()) {
		return p.known[text].root()
	}
	return nil
}

// isAlone reports whether the sheet tells no more about anybody of this name.
func (p *people) isAlone(contact client.Contact) bool {
	return !p.named[fold.PersonIdentity(contact.Name.Reveal())]
}

func (p *person) root() *person {
	for p.partOf != nil {
		if p.partOf.partOf != nil {
			p.partOf = p.partOf.partOf
		}
		p = p.partOf
	}
	return p
}

// join makes two persons one: the first in the sheet.
func (p *person) join(other *person) *person {
	if p == other {
		return p
	}
	if other.number < p.number {
		p, other = other, p
	}
	other.partOf = p
	phones, emails := other.phones, other.emails
	p.add(other.contact)
	for _, phone := range phones {
		p.phones = addText(p.phones, phone)
	}
	for _, email := range emails {
		p.emails = addText(p.emails, email)
	}
	return p
}

// add completes the contact by that of another row. The first spelling of each part counts.
func (p *person) add(contact client.Contact) {
	if p.contact.Name.IsZero() {
		p.contact = contact
	}
	if p.contact.Phone.IsZero() {
		p.contact.Phone, p.contact.Country = contact.Phone, contact.Country
	}
	if p.contact.Email.IsZero() {
		p.contact.Email = contact.Email
	}
	p.phones = addText(p.phones, contact.Phone.Reveal())
	p.emails = addText(p.emails, contact.Email.Reveal())
}

// addText adds a text that is not there yet.
func addText(texts []string, text string) []string {
	if text == "" || slices.Contains(texts, text) {
		return texts
	}
	return append(texts, text)
}
