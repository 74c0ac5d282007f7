package main

import (
	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/resource"
)

// importWish is what an import was asked for.
type importWish struct {
	path, refused string
	at            home
	account       domain.AccountID // zero: open one with settings
	settings      account.Settings
	order         sheet.Order
	units         int // 0 where the flag was not given
	hours         resource.Hours
	columns       map[sheet.Field]string
}
