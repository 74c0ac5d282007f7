// Package projections holds the questions that people ask, one per file: the events it subscribes to, its tables and
// its queries. Tables can be rebuilt from the event log at any time. The package decides nothing, appends nothing and
// opens no file. Package directory holds the projections of who and what there is, package readmodel what all of them
// are written with, and package projector keeps their tables current.
//
// To add a projection, write its file and its test, and list it here: in All, and its queries in Reader.
package projections

import (
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// All returns the projections of the engine, those of package directory included.
func All() []readmodel.Projection {
	return append(directory.All(), calendar, calendarPast, notes, work, due, messages, deliveries, ledger, windows,
		callSheet, outages, providerIDs, alerts, texted)
}

// Reader has the queries of every projection over one database. A caller that needs one of them can make its value
// alone, as in Calendar{DB: db}.
type Reader struct {
	Accounts  directory.Accounts
	Services  directory.Services
	Resources directory.Resources
	Clients   directory.Clients
	Providers directory.Providers
	Keys      directory.Keys
	Members   directory.Members
	OptOuts   directory.OptOuts

	Calendar    Calendar
	Past        CalendarPast
	Notes       Notes
	Work        Work
	Agenda      Agenda
	Due         Due
	Messages    Messages
	Deliveries  Deliveries
	Ledger      Ledger
	Windows     Windows
	CallSheet   CallSheet
	Outages     Outages
	ProviderIDs ProviderIDs
	Alerts      Alerts
	Texted      Texted
}

// NewReader returns the queries over a database whose tables a projector keeps.
func NewReader(db readmodel.Reader) Reader {
	return Reader{
		Accounts: directory.Accounts{DB: db}, Services: directory.Services{DB: db}, Resources: directory.Resources{DB: db},
		Clients: directory.Clients{DB: db}, Providers: directory.Providers{DB: db}, Keys: directory.Keys{DB: db},
		Members: directory.Members{DB: db},
		OptOuts: directory.OptOuts{DB: db}, Calendar: Calendar{DB: db}, Past: CalendarPast{DB: db}, Notes: Notes{DB: db},
		Work: Work{DB: db}, Agenda: Agenda{DB: db}, Due: Due{DB: db}, Messages: Messages{DB: db},
		Deliveries: Deliveries{DB: db}, Ledger: Ledger{DB: db}, Windows: Windows{DB: db},
		CallSheet: CallSheet{DB: db}, Outages: Outages{DB: db}, ProviderIDs: ProviderIDs{DB: db}, Alerts: Alerts{DB: db},
		Texted: Texted{DB: db},
	}
}
