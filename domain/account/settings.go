package account

import "github.com/clickbook/clickbook/domain"

// Form is the settings as texts from outside.
type Form struct {
	Name, Email, Phone, Zone, Locale, Country string
}

// NewSettings reads the form. Name, zone, locale and country must be given; email and phone may be left out. The
// phone number may be written as dialled within the country.
func NewSettings(form Form) (Settings, error) {
	settings := Settings{Zone: form.Zone}
	name, err := domain.ParseText("the account's name", form.Name, 200)
	if err != nil {
		return Settings{}, err
	}
	settings.Name = domain.Secret(name)
	if _, err := domain.ParseZone(form.Zone); err != nil {
		return Settings{}, err
	}
	if settings.Locale, err = domain.ParseLocale(form.Locale); err != nil {
		return Settings{}, err
	}
	if settings.Country, err = parseCountry(form.Country); err != nil {
		return Settings{}, err
	}
	if form.Email != "" {
		email, err := domain.ParseEmail(form.Email)
		if err != nil {
			return Settings{}, err
		}
		settings.Email = domain.Secret(email)
	}
	if form.Phone != "" {
		phone, err := domain.ParsePhone(form.Phone, settings.Country)
		if err != nil {
			return Settings{}, err
		}
		settings.Phone = domain.Secret(phone.E164)
	}
	return settings, nil
}

// parseCountry stands in until domain.ParseCountry knows the ISO 3166-1 list.
func parseCountry(text string) (string, error) {
	if len(text) != 2 || text[0] < 'A' || text[0] > 'Z' || text[1] < 'A' || text[1] > 'Z' {
		return "", domain.Refusef(domain.Invalid, "country_unknown", "%q is not a country; write it like BR or US", text)
	}
	return text, nil
}
