package addresslimit_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/internal/addresslimit"
)

// A case sends requests until one is refused, and then one from another address.
func TestLimitIsByAddress(t *testing.T) {
	for name, c := range map[string]struct {
		from, forwarded   string
		other, otherNamed string
		shared            bool // the two count as one address
	}{
		"two IPv4 addresses":               {from: "192.0.2.1:1", other: "192.0.2.2:1"},
		"two ports":                        {from: "192.0.2.1:1", other: "192.0.2.1:2", shared: true},
		"one IPv6 network":                 {from: "[2001:db8::1]:1", other: "[2001:db8::2]:1", shared: true},
		"two IPv6 networks":                {from: "[2001:db8::1]:1", other: "[2001:db8:0:1::1]:1"},
		"an IPv4 address written as IPv6":  {from: "192.0.2.1:1", other: "[::ffff:192.0.2.1]:1", shared: true},
		"two clients of a proxy":           {"127.0.0.1:1", "192.0.2.1", "127.0.0.1:1", "192.0.2.2", false},
		"one client of a proxy, that lies": {"127.0.0.1:1", "192.0.2.1", "127.0.0.1:1", "198.51.100.7, 192.0.2.1", true},
		"a stranger who names addresses":   {"192.0.2.1:1", "198.51.100.1", "192.0.2.1:1", "198.51.100.2", true},
		"a proxy that names nonsense":      {"127.0.0.1:1", "x", "127.0.0.1:1", "y", true},
	} {
		t.Run(name, func(t *testing.T) {
			limit := addresslimit.New(func() time.Time { return time.Unix(0, 0) })
			allow := func(from, forwarded string) bool {
				r := httptest.NewRequest("GET", "/", nil)
				if r.RemoteAddr = from; forwarded != "" {
					r.Header.Set("X-Forwarded-For", forwarded)
				}
				return limit.Allow(r)
			}
			allowed := 0
			for allow(c.from, c.forwarded) {
				allowed++
			}
			if allowed != 60 {
				t.Errorf("%d requests were allowed, want 60", allowed)
			}
			if got := allow(c.other, c.otherNamed); got == c.shared {
				t.Errorf("the other address is allowed: %t", got)
			}
		})
	}
}

func TestLimitRefillsWithTime(t *testing.T) {
	now := time.Unix(0, 0)
	limit := addresslimit.New(func() time.Time { return now })
	r := httptest.NewRequest("GET", "/", nil)
	allowed := func() (count int) {
		for limit.Allow(r) {
			count++
		}
		return count
	}
	allowed()
	now = now.Add(2 * time.Second)
	if got := allowed(); got != 2 {
		t.Errorf("two seconds refilled %d requests, want 2", got)
	}
}
