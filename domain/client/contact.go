package client

import (
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// Form holds contact data as text from outside. Country (ISO 3166-1 alpha-2) is where a phone number without + is
// dialled: the country of the account.
type Form struct {
	Name, Phone, Country, Email, Address, Zone string
}

// NewContact parses the form. Only the name is required.
func NewContact(form Form) (Contact, error) {
	name, err := domain.ParseText("the client's name", form.Name, 200)
	if err != nil {
		return Contact{}, err
	}
	contact := Contact{Name: domain.Secret(name), Zone: form.Zone}
	if form.Zone != "" {
		if _, err := domain.ParseZone(form.Zone); err != nil {
			return Contact{}, err
		}
	}
	if strings.TrimSpace(form.Phone) != "" {
		phone, err := domain.ParsePhone(form.Phone, form.Country)
		if err != nil {
			return Contact{}, err
		}
		contact.Phone, contact.Country = domain.Secret(phone.E164), phone.Country
	}
	if strings.TrimSpace(form.Email) != "" {
		email, err := domain.ParseEmail(form.Email)
		if err != nil {
			return Contact{}, err
		}
		contact.Email = domain.Secret(email)
	}
	if strings.TrimSpace(form.Address) != "" {
		address, err := domain.ParseText("the client's address", form.Address, 500)
		if err != nil {
			return Contact{}, err
		}
		contact.Address = domain.Secret(address)
	}
	return contact, nil
}
