package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
)

func TestCheckInstant(t *testing.T) {
	for text, want := range map[string]bool{
		"1900-01-01T00:00:00Z": true, "1899-12-31T23:59:59.999999Z": false, "2199-12-31T23:59:59.999999Z": true,
		"2200-01-01T00:00:00Z": false, "2200-01-01T00:30:00+01:00": true, "1900-01-01T00:30:00+01:00": false,
		"2262-04-12T00:00:00Z": false, "9999-12-31T23:59:59-12:00": false, "0000-01-01T00:00:00Z": false,
		"0001-01-01T00:00:00Z": false,
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if err := domain.CheckInstant(at); (err == nil) != want || err != nil && !errors.Is(err, domain.ErrInstantRange) {
			t.Errorf("%s: %v, want it in the range: %v", text, err, want)
		}
	}
}
