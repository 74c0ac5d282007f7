package outagedetect

import (
	"strings"
)

// Elsewhere is the region of a country that the table does not know.
const Elsewhere = "ZZ"

// regions lists the countries of each region by their ISO 3166-1 codes, and XK. A region is what networks of one part
// of the world decide together, such as a ban: so the territories of the United States are in NA.
var regions = regionsOf(map[string]string{
	"NA":// North America
	"AS BM CA GL GU MP PM PR UM US VI",
	"LA": // Latin America and the Caribbean
	"AG AI AR AW BB BL BO BQ BR BS BZ CL CO CR CU CW DM DO EC FK GD GF GP GS GT GY HN HT JM KN KY LC MF " +
		"MQ MS MX NI PA PE PY SR SV SX TC TT UY VC VE VG",
	"EU": // Europe
	"AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV " +
		"MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK",
	"ME":// Middle East and Caucasus
	"AE AM AZ BH GE IL IQ IR JO KW LB OM PS QA SA SY TR YE",
	"AF": // Africa
	"AO BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU " +
		"MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW " +
		"AC BF TA",
	"AS":// Asia
	"AF BD BN BT CN HK ID IN JP KG KH KP KR KZ LA LK MM MN MO MV MY NP PH PK SG TH TJ TL TM TW UZ VN",
	"OC":// Oceania and the far south
	"AQ AU BV CC CK CX FJ FM HM KI MH NC NF NR NU NZ PF PG PN PW SB TF TK TO TV VU WF WS",
})

// Region returns the region of a country: NA, LA, EU, ME, AF, AS, OC, or Elsewhere.
func Region(country string) string {
	if region, known := regions[country]; known {
		return region
	}
	return Elsewhere
}

func regionsOf(table map[string]string) map[string]string {
	regions := make(map[string]string, 256)
	for region, countries := range table {
		for country := range strings.FieldsSeq(countries) {
			regions[country] = region
		}
	}
	return regions
}
