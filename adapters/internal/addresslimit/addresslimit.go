// Package addresslimit bounds how many requests an address may send, for pages and operations that need no key. It
// protects the server from load, not the tokens: those cannot be found by trying.
package addresslimit

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	burst        = 60          // requests at once
	interval     = time.Second // until one more is allowed
	maxAddresses = 20_000      // that are remembered
)

// Limit is a token bucket for each address.
type Limit struct {
	now func() time.Time

	mu   sync.Mutex
	full *simplelru.LRU[netip.Prefix, time.Time] // when the bucket of an address is full again
}

// New returns a limit that nobody has used.
func New(now func() time.Time) *Limit {
	full, err := simplelru.NewLRU[netip.Prefix, time.Time](maxAddresses, nil)
	if err != nil {
		panic(err) // the size is positive
	}
	return &Limit{now: now, full: full}
}

// Allow reports whether a request may be served, and counts it if so.
func (l *Limit) Allow(r *http.Request) bool {
	from := addressOf(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	full, _ := l.full.Get(from)
	if full.Before(now) {
		full = now
	}
	if full = full.Add(interval); full.Sub(now) > burst*interval {
		return false
	}
	l.full.Add(from, full)
	return true
}

// Of returns who sent a request, as Allow counts it: an address, or a network.
func Of(r *http.Request) string { return addressOf(r).String() }

// addressOf returns who sent a request: an IPv4 address, or the 64 bits of an IPv6 network, in which one machine has
// all addresses. Behind a proxy in the same network it is the address that the proxy names last.
func addressOf(r *http.Request) netip.Prefix {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}
	}
	forwarded := r.Header.Values("X-Forwarded-For")
	if len(forwarded) > 0 && (address.IsLoopback() || address.IsPrivate()) {
		last := forwarded[len(forwarded)-1]
		last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
		if named, err := netip.ParseAddr(last); err == nil {
			address = named
		}
	}
	address = address.Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	prefix, _ := address.Prefix(bits) // the bits fit
	return prefix
}
