package outage

import (
	"regexp"

	"github.com/clickbook/clickbook/domain"
)

// Cell is a part of what a provider carries. An empty field means all of it: {alpha} is everything that alpha carries,
// {alpha, NA, US} its texts to the United States.
type Cell struct {
	Provider string `json:"provider"`
	Region   string `json:"region,omitzero"`  // two letters such as "NA" for North America
	Country  string `json:"country,omitzero"` // ISO 3166-1 alpha-2, or 001
	Network  string `json:"network,omitzero"` // MCC-MNC such as "310-410"; needs a country
}

var (
	region = regexp.MustCompile(`^[A-Z]{2}$`)
	// network matches a mobile country code and a mobile network code (ITU-T E.212).
	network = regexp.MustCompile(`^[0-9]{3}-[0-9]{2,3}$`)
)

// IsNetwork reports whether text is a network as cells write it: MCC-MNC, such as "310-410".
func IsNetwork(text string) bool { return network.MatchString(text) }

// check refuses a cell that cannot be.
func (c Cell) check() error {
	if !domain.IsShortName(c.Provider) {
		return ErrProvider
	}
	if c.Region != "" && !region.MatchString(c.Region) {
		return ErrRegion
	}
	if c.Country != "" {
		if _, err := domain.ParseDestination(c.Country); err != nil {
			return err
		}
	}
	if c.Network != "" && (c.Country == "" || !IsNetwork(c.Network)) {
		return ErrNetwork
	}
	return nil
}

// depth says how small the cell is: 0 for a whole provider, 3 for a network.
func (c Cell) depth() int {
	switch {
	case c.Network != "":
		return 3
	case c.Country != "":
		return 2
	case c.Region != "":
		return 1
	}
	return 0
}

// place identifies the cell among those of its provider. A country is in one region, so the region of a country or a
// network says nothing more.
func (c Cell) place() string {
	if c.Country != "" {
		return c.Country + " " + c.Network
	}
	return c.Region
}

// Same reports whether both are the same cell, whether or not they name the region of their country.
func (c Cell) Same(o Cell) bool { return c.Provider == o.Provider && c.place() == o.place() }

// Covers reports whether a text to a place is within the cell. A place without a network is within no cell of a
// network.
func (c Cell) Covers(place Cell) bool {
	switch {
	case c.Provider != place.Provider || c.Network != "" && c.Network != place.Network:
		return false
	case c.Country != "":
		return c.Country == place.Country
	}
	return c.Region == "" || c.Region == place.Region
}

// Label returns the cell as operators read it: "alpha", "alpha in region NA", "alpha in US on 310-410".
func (c Cell) Label() string {
	text := c.Provider
	switch {
	case c.Country != "":
		text += " in " + c.Country
	case c.Region != "":
		text += " in region " + c.Region
	}
	if c.Network != "" {
		text += " on " + c.Network
	}
	return text
}
