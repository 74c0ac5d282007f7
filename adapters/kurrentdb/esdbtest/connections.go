package esdbtest

import (
	"context"
	"net"
	"sync"

	"google.golang.org/grpc/peer"
)

// connections holds the open connections of a node by the address of the client.
type connections struct {
	mu   sync.Mutex
	open map[string]net.Conn
}

// track wraps a listener so that its open connections are recorded.
func (c *connections) track(listener net.Listener) net.Listener { return &tracker{listener, c} }

type tracker struct {
	net.Listener
	conns *connections
}

func (l *tracker) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	tracked := &trackedConn{conn, l.conns}
	l.conns.mu.Lock()
	defer l.conns.mu.Unlock()
	if l.conns.open == nil {
		l.conns.open = map[string]net.Conn{}
	}
	l.conns.open[conn.RemoteAddr().String()] = tracked
	return tracked, nil
}

type trackedConn struct {
	net.Conn
	conns *connections
}

func (c *trackedConn) Close() error {
	c.conns.mu.Lock()
	if c.conns.open[c.RemoteAddr().String()] == c {
		delete(c.conns.open, c.RemoteAddr().String())
	}
	c.conns.mu.Unlock()
	return c.Conn.Close()
}

// close closes the connection of a call. Other calls on the connection fail too, as they do when a cable is
// unplugged.
func (c *connections) close(call context.Context) {
	caller, ok := peer.FromContext(call)
	if !ok {
		return
	}
	c.mu.Lock()
	conn := c.open[caller.Addr.String()]
	c.mu.Unlock()
	if conn != nil {
		_ = conn.Close() // the client sees the failure
	}
}

func (c *connections) closeAll() {
	c.mu.Lock()
	open := make([]net.Conn, 0, len(c.open))
	for _, conn := range c.open {
		open = append(open, conn)
	}
	c.mu.Unlock()
	for _, conn := range open {
		_ = conn.Close() // the client sees the failure
	}
}
