package importing

import (
	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/resource"
)

// importWish is what an import was asked for.
type Options struct {
	Path, Refused string
	At            installation.Home
	Account       domain.AccountID // zero: open one with settings
	Settings      account.Settings
	Order         sheet.Order
	Units         int // 0 where the flag was not given
	Hours         resource.Hours
	Columns       map[sheet.Field]string
}
