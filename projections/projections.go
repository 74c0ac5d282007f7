// Package projections holds the questions people ask, one a file: the events it learns from, its tables and its
// queries. The tables can be rebuilt from the event log at any time. It decides nothing, appends nothing and opens
// no file; package readmodel is the machinery, package projector keeps the tables current.
package projections

import (
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// All lists every read model of the engine.
func All() []readmodel.Projection {
	return append(directory.All(), calendar, due, messages, deliveries, ledger, windows)
}
