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

// echo is a server that says what it hears, until its client is done.
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

// say sends text through the proxy and answers what came back before the connection ended, or all of it.
func say(t *testing.T, proxy *Proxy, text []byte) ([]byte, error) {
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
	heard := make([]byte, len(text))
	n, err := io.ReadFull(conn, heard)
	return heard[:n], err
}

func toxic(t *testing.T, name string) Toxic {
	for _, toxic := range Toxics {
		if toxic.Name == name {
			return toxic
		}
	}
	t.Fatalf("there is no toxic %q", name)
	return Toxic{}
}

func TestToxicsAreFelt(t *testing.T) {
	proxy := NewProxy(t, echo(t))
	text := bytes.Repeat([]byte("0123456789"), 1000)
	whole := func(heard []byte, err error) bool { return err == nil && bytes.Equal(heard, text) }
	// What the server has said may be lost with its connection.
	ends := func(after int) func([]byte, error) bool {
		return func(heard []byte, err error) bool {
			return err != nil && len(heard) <= after && bytes.HasPrefix(text, heard)
		}
	}
	for _, want := range []struct {
		toxic string
		felt  func([]byte, error) bool
	}{
		{"latency", whole},
		{"bandwidth", whole},
		{"slicer", whole},
		{"timeout", ends(0)},
		{"reset", ends(0)},
		{"slow close", ends(2000)},
		{"limit data", ends(3000)},
		{"nobody there", func(_ []byte, err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
	} {
		for _, way := range toxic(t, want.toxic).ways() {
			proxy.Put(t, toxic(t, want.toxic), way)
			if heard, err := say(t, proxy, text); !want.felt(heard, err) {
				t.Errorf("%s %s: heard %d bytes, then %v", want.toxic, way, len(heard), err)
			}
			proxy.Take(t, toxic(t, want.toxic))
			if heard, err := say(t, proxy, text); !whole(heard, err) {
				t.Errorf("%s %s taken out: heard %d bytes, then %v", want.toxic, way, len(heard), err)
			}
		}
	}
}

// TestResetIsOne: a client of a connection that began under the toxic is told rudely.
func TestResetIsOne(t *testing.T) {
	proxy := NewProxy(t, echo(t))
	proxy.Put(t, toxic(t, "reset"), Upstream)
	for range 20 {
		if _, err := say(t, proxy, bytes.Repeat([]byte("x"), 100_000)); errors.Is(err, syscall.ECONNRESET) {
			return
		}
	}
	t.Error("of 20 connections none was reset")
}
