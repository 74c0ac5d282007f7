package loopback_test

import (
	"testing"

	"github.com/clickbook/clickbook/adapters/internal/loopback"
)

func TestIs(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.8.8.8": true, "::1": true, "192.0.2.1": false, "0.0.0.0": false,
		"localhost.example.com": false, "127.0.0.1.example.com": false, "": false,
	} {
		if got := loopback.Is(host); got != want {
			t.Errorf("%q is this machine: %v, want %v", host, got, want)
		}
	}
}
