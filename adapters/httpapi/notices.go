package httpapi

import (
	"slices"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain/account"
)

// noticesOf returns the notices that a request asks for, none if it says nothing about them.
func noticesOf(given *api.AccountNotices) account.Notices {
	if given == nil {
		return account.Notices{}
	}
	one := func(n api.AccountNotice) account.Notice {
		return account.Notice{
			Email: slices.Contains(n.Client, api.ChannelEmail), SMS: slices.Contains(n.Client, api.ChannelSms),
			Staff: n.Staff,
		}
	}
	return account.Notices{
		Booked: one(given.Booked), Moved: one(given.Moved), Cancelled: one(given.Cancelled),
		Approved: one(given.Approved), Declined: one(given.Declined),
	}
}

// shownNotices returns the notices of an account as a request would ask for them.
func shownNotices(n account.Notices) *api.AccountNotices {
	one := func(n account.Notice) (shown api.AccountNotice) {
		if n.Email {
			shown.Client = append(shown.Client, api.ChannelEmail)
		}
		if n.SMS {
			shown.Client = append(shown.Client, api.ChannelSms)
		}
		shown.Staff = n.Staff
		return shown
	}
	return &api.AccountNotices{
		Booked: one(n.Booked), Moved: one(n.Moved), Cancelled: one(n.Cancelled), Approved: one(n.Approved),
		Declined: one(n.Declined),
	}
}

// silent reports whether a request asks that nobody is told.
func silent(notify *api.Notify) bool { return notify != nil && !*notify }
