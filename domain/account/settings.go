package account

import "github.com/clickbook/clickbook/domain"

// Form holds settings as text from outside.
type Form struct {
	Name, Email, Phone, Zone, Locale, Country string
	Agenda                                    Agenda
	Notices                                   Notices
	Alerts                                    Alerts
}

// UsualNotices are the notices of an account that says nothing about them: emails to the client, and to the staff
// about visits that are booked, moved or cancelled.
var UsualNotices = Notices{
	Booked: Notice{Email: true, Staff: true}, Moved: Notice{Email: true, Staff: true},
	Cancelled: Notice{Email: true, Staff: true}, Approved: Notice{Email: true}, Declined: Notice{Email: true},
}

// NewSettings parses the form. It requires name, zone, locale and country; email and phone are optional. The phone
// number may be written as dialled within the country.
func NewSettings(form Form) (Settings, error) {
	settings := Settings{Zone: form.Zone, Agenda: form.Agenda, Notices: form.Notices, Alerts: form.Alerts}
	if form.Agenda.At != "" {
		if _, err := domain.ParseClock(form.Agenda.At); err != nil {
			return Settings{}, err
		}
	}
	if form.Alerts.CreditsBelow < 0 {
		return Settings{}, ErrCreditsBelow
	}
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
	country, err := domain.ParseCountry(form.Country)
	if err != nil {
		return Settings{}, err
	}
	settings.Country = string(country)
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
