package domain_test

import (
	"errors"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

func TestParseZone(t *testing.T) {
	for _, name := range []string{"America/Sao_Paulo", "Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"} {
		first, err := domain.ParseZone(name)
		if err != nil || first.String() != name {
			t.Fatalf("ParseZone(%q) = %v, %v", name, first, err)
		}
		if again, _ := domain.ParseZone(name); again != first {
			t.Errorf("%s was loaded twice", name)
		}
	}
}

func TestParseZoneRefuses(t *testing.T) {
	for _, name := range []string{"", " ", "Local", "Europe/Atlantis", "../etc/passwd", "UTC+2", "Europe/Berlin "} {
		for range 2 { // a refused name is not kept either
			if zone, err := domain.ParseZone(name); !errors.Is(err, domain.Refuse(domain.Invalid, "zone_unknown", "")) {
				t.Errorf("ParseZone(%q) = %v, %v; want zone_unknown", name, zone, err)
			}
		}
	}
}
