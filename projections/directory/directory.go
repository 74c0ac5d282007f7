// Package directory holds the projections of who and what there is: accounts, services, resources, clients, providers
// and routes, API keys, and numbers that want no texts. What happens among them is in package projections.
package directory

import "github.com/clickbook/clickbook/projections/readmodel"

// All returns the projections of this package.
func All() []readmodel.Projection {
	return []readmodel.Projection{accounts, services, resources, clients, providers, keys, members, optOuts}
}
