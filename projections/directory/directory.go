package directory

import "github.com/clickbook/clickbook/projections/readmodel"

// DirectoryAll lists the read models of this package.
func All() []readmodel.Projection {
	return []readmodel.Projection{accounts, services, resources, clients, providers, keys}
}
