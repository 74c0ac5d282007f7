package message

// PriceList is the price of a segment in micro-credits, by destination: the country of a domain.Phone. A list that was
// in force never changes: a new version is added, and messages keep the price they were queued with.
type PriceList struct {
	Version   int
	Elsewhere int64 // for every country not listed
	countries map[string]int64
}

// UnitPrice returns the price of a segment to a country.
func (l PriceList) UnitPrice(country string) int64 {
	if price, ok := l.countries[country]; ok {
		return price
	}
	return l.Elsewhere
}

// Prices returns all price lists, oldest first. The last is in force.
func Prices() []PriceList {
	return []PriceList{
		{Version: 1, Elsewhere: 1_000_000, countries: map[string]int64{
			"AR": 1_000_000, "AU": 1_000_000, "BR": 800_000, "CA": 500_000, "CL": 900_000, "DE": 1_500_000,
			"ES": 1_200_000, "FR": 1_200_000, "GB": 800_000, "IE": 1_200_000, "IN": 600_000, "IT": 1_200_000,
			"MX": 700_000, "NZ": 1_200_000, "PT": 700_000, "US": 500_000, "ZA": 700_000,
		}},
	}
}

var inForce = func() PriceList { lists := Prices(); return lists[len(lists)-1] }()

// PricesInForce returns the price list of texts that are queued now.
func PricesInForce() PriceList { return inForce }
