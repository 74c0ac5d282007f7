package csvimport

import (
	"slices"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/commands/importing"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
)

// ParseDailyHours parses "08:00-18:00" as the hours of every day.
func ParseDailyHours(text string) (resource.Hours, error) {
	hours := resource.Hours{Days: []int{0, 1, 2, 3, 4, 5, 6}}
	if len(text) != len("08:00-18:00") || text[5] != '-' {
		return hours, domain.Refusef(domain.Invalid, "hours_invalid", "invalid hours %q: write 08:00-18:00", text)
	}
	hours.From, hours.To = text[:5], text[6:]
	_, _, err := hours.Minutes()
	return hours, err
}

// optionsOf returns the options of an import through the API.
func optionsOf(of domain.AccountID, file httpapi.Sheet) (options Options, err error) {
	options = Options{
		Options: importing.Options{Account: of, Units: file.Units}, Columns: make(map[sheet.Field]string),
	}
	for field, column := range file.Columns {
		known := slices.ContainsFunc(sheet.Fields, func(one sheet.Known) bool { return string(one.Field) == field })
		if !known {
			return options, domain.Refusef(domain.Invalid, "column_unknown",
				"%q is not a field of an appointment; the flags of `clickbook import csv --help` name them", field)
		}
		options.Columns[sheet.Field(field)] = column
	}
	if options.Order, err = sheet.ParseOrder(file.Dates); err != nil {
		return options, domain.Refusef(domain.Invalid, "dates_invalid", "%s", err)
	}
	options.Hours, err = ParseDailyHours(file.Hours)
	return options, err
}
