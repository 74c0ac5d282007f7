package network

import (
	"bytes"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// echo starts a server that sends back what it receives, and returns its address.
func echo(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// send sends text through the proxy and returns what came back, up to the end of the connection.
func send(t *testing.T, proxy *Proxy, text []byte) ([]byte, error) {
	t.Helper()
	conn, err := net.Dial("tcp", proxy.Addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(recovery)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = conn.Write(text) }()
	received := make([]byte, len(text))
	n, err := io.ReadFull(conn, received)
	return received[:n], err
}

func toxic(t *testing.T, name string) Toxic {
	for _, toxic := range Toxics {
		if toxic.Name == name {
			return toxic
		}
	}
	t.Fatalf("unknown toxic %q", name)
	return Toxic{}
}

func TestToxicsTakeEffect(t *testing.T) {
	proxy := NewProxy(t, echo(t))
	text := bytes.Repeat([]byte("0123456789"), 1000)
	whole := func(received []byte, err error) bool { return err == nil && bytes.Equal(received, text) }
	// Data that the server has sent may be lost with its connection.
	ends := func(after int) func([]byte, error) bool {
		return func(received []byte, err error) bool {
			return err != nil && len(received) <= after && bytes.HasPrefix(text, received)
		}
	}
	for _, want := range []struct {
		toxic  string
		effect func([]byte, error) bool
	}{
		{"latency", whole},
		{"bandwidth", whole},
		{"slicer", whole},
		{"timeout", ends(0)},
		{"reset", ends(0)},
		{"slow close", ends(2000)},
		{"limit data", ends(3000)},
		{"proxy stopped", func(_ []byte, err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
	} {
		for _, way := range toxic(t, want.toxic).ways() {
			proxy.Put(t, toxic(t, want.toxic), way)
			if received, err := send(t, proxy, text); !want.effect(received, err) {
				t.Errorf("%s %s: received %d bytes, then %v", want.toxic, way, len(received), err)
			}
			proxy.Take(t, toxic(t, want.toxic))
			if received, err := send(t, proxy, text); !whole(received, err) {
				t.Errorf("%s %s deactivated: received %d bytes, then %v", want.toxic, way, len(received), err)
			}
		}
	}
}

// TestResetIsSeenByTheClient checks the error of connections that begin under the toxic.
func TestResetIsSeenByTheClient(t *testing.T) {
	proxy := NewProxy(t, echo(t))
	proxy.Put(t, toxic(t, "reset"), Upstream)
	for range 20 {
		if _, err := send(t, proxy, bytes.Repeat([]byte("x"), 100_000)); errors.Is(err, syscall.ECONNRESET) {
			return
		}
	}
	t.Error("none of 20 connections was reset")
}
