package commands

import (
	"testing"
	"time"
)

// A test may ask for the time, but not the machine for a zone.
func TestPlanted(t *testing.T) {
	//want:forbidigo
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Now().In(zone))
}
