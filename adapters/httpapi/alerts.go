package httpapi

import (
	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain/account"
)

// alertsOf returns the alerts that an account asks for. One that says nothing about them gets all.
func alertsOf(given *api.AccountAlerts) account.Alerts {
	if given == nil {
		return account.Alerts{On: true}
	}
	return account.Alerts{
		On: true, UndeliveredOff: given.UndeliveredOff, BouncedOff: given.BouncedOff, CreditsOff: given.CreditsOff,
		CreditsBelow: given.CreditsBelowMicro,
	}
}

// shownAlerts returns the alerts of an account as a request would ask for them.
func shownAlerts(alerts account.Alerts) *api.AccountAlerts {
	return &api.AccountAlerts{
		UndeliveredOff: !alerts.On || alerts.UndeliveredOff, BouncedOff: !alerts.On || alerts.BouncedOff,
		CreditsOff: !alerts.On || alerts.CreditsOff, CreditsBelowMicro: alerts.CreditsBelow,
	}
}
