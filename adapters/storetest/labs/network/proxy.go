package network

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Way is the direction in which a toxic works.
type Way string

// The directions: from the client, and from the server.
const (
	Upstream   Way = "upstream"
	Downstream Way = "downstream"
)

// Toxic is a network failure that a proxy injects.
type Toxic struct {
	Name  string
	parts []string // type and attributes for toxiproxy; none if the proxy is stopped
}

// Toxics are the failures that a store is tested with. Times are in milliseconds, except those of the slicer, which
// are in microseconds; rates are in KB/s. A slow close shows only when connections end, so one part of that toxic
// ends them.
var Toxics = []Toxic{
	{"latency", []string{`"latency","attributes":{"latency":60,"jitter":40}`}},
	{"bandwidth", []string{`"bandwidth","attributes":{"rate":20}`}},
	{"slicer", []string{`"slicer","attributes":{"average_size":64,"size_variation":32,"delay":50}`}},
	{"timeout", []string{`"timeout","attributes":{"timeout":150}`}},
	{"reset", []string{`"reset_peer","attributes":{"timeout":10}`}},
	{"slow close", []string{
		`"limit_data","attributes":{"bytes":2000}`, `"slow_close","attributes":{"delay":120}`,
	}},
	{"limit data", []string{`"limit_data","attributes":{"bytes":3000}`}},
	{"proxy stopped", nil},
}

func (x Toxic) ways() []Way {
	if x.parts == nil {
		return []Way{Upstream}
	}
	return []Way{Upstream, Downstream}
}

// Proxy forwards connections from Addr to a server.
type Proxy struct {
	Addr  string // host:port on the loopback
	proxy *toxiproxy.Proxy
}

// NewProxy starts a proxy for a server and stops it when the test ends.
func NewProxy(t testing.TB, upstream string) *Proxy {
	t.Helper()
	zerolog.SetGlobalLevel(zerolog.Disabled) // some toxics use the global logger
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &Proxy{proxy: toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", upstream)}
	if err := p.proxy.Start(); err != nil {
		t.Fatalf("start a proxy for %s: %v", upstream, err)
	}
	p.Addr = p.proxy.Listen
	t.Cleanup(p.proxy.Stop)
	return p
}

// Put activates a toxic on all connections, old and new.
func (p *Proxy) Put(t testing.TB, toxic Toxic, way Way) {
	t.Helper()
	within(t, "activate "+toxic.Name, func() error {
		if toxic.parts == nil {
			p.proxy.Stop()
			return nil
		}
		for i, part := range toxic.parts {
			text := fmt.Sprintf(`{"name":"%s %d","stream":%q,"type":%s}`, toxic.Name, i, way, part)
			if _, err := p.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Take deactivates a toxic. Connections that it damaged stay damaged.
func (p *Proxy) Take(t testing.TB, toxic Toxic) {
	t.Helper()
	within(t, "deactivate "+toxic.Name, func() error {
		if toxic.parts == nil {
			return p.proxy.Start()
		}
		for i := range toxic.parts {
			if err := p.proxy.Toxics.RemoveToxic(context.Background(), fmt.Sprintf("%s %d", toxic.Name, i)); err != nil {
				return err
			}
		}
		return nil
	})
}

// within limits how long the proxy may take: it waits for its connections, which may wait for their ends.
func within(t testing.TB, what string, work func() error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	case <-time.After(recovery):
		t.Fatalf("%s: not done in %s", what, recovery)
	}
}

// Disturb activates random toxics, one at a time, until ctx ends: a few per second, each for a twentieth of a second.
func (p *Proxy) Disturb(ctx context.Context, t testing.TB, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0xd15c0))
	for pause(ctx, time.Duration(100+rng.IntN(300))*time.Millisecond) {
		toxic := Toxics[rng.IntN(len(Toxics))]
		ways := toxic.ways()
		p.Put(t, toxic, ways[rng.IntN(len(ways))])
		pause(ctx, 50*time.Millisecond)
		p.Take(t, toxic)
	}
}

// pause waits and reports whether ctx is still running.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
