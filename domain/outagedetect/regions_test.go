package outagedetect

import (
	"testing"

	"github.com/clickbook/clickbook/domain"
)

func TestEveryCountryHasARegion(t *testing.T) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			_, err := domain.ParseCountry(code)
			if known := Region(code) != Elsewhere; known != (err == nil) {
				t.Errorf("%s: region %s, and %v", code, Region(code), err)
			}
		}
	}
	for _, code := range []string{"US", "CA", "PR"} {
		if Region(code) != "NA" {
			t.Errorf("%s is in %s", code, Region(code))
		}
	}
}
