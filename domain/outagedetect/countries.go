package outagedetect

import (
	"maps"
	"slices"
)

// Countries returns the countries of a region, in order. Elsewhere has none: nobody can list what the table does not
// know.
func Countries(region string) (countries []string) {
	for _, country := range slices.Sorted(maps.Keys(regions)) {
		if regions[country] == region {
			countries = append(countries, country)
		}
	}
	return countries
}
