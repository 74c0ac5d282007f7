package esdbtest

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
)

// Server is one node. Its methods are safe for concurrent use.
type Server struct {
	settings settings
	log      *eventLog
	failures failures
	conns    connections
	cluster  *Cluster // nil for a single node
	port     int
	running  atomic.Bool

	mu      sync.Mutex // guards the fields below, and serialises Start and Stop
	grpc    *grpc.Server
	serving chan struct{} // closed when the goroutine that accepts connections has ended
}

// Start starts a node that stops when the test ends.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	s, err := New(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// New starts a node on a free port of the loopback address, for use outside a test. The caller must call Stop.
func New(options ...Option) (*Server, error) { return newServer(nil, options...) }

// newServer starts a single node, or a node of a cluster, whose log it shares.
func newServer(cluster *Cluster, options ...Option) (*Server, error) {
	s := &Server{settings: defaults(), cluster: cluster}
	for _, option := range options {
		option(&s.settings)
	}
	if cluster != nil && len(cluster.Nodes) > 0 {
		s.log = cluster.Nodes[0].log
	} else {
		s.log = newEventLog(s.settings)
	}
	s.port = s.settings.port
	if err := s.Start(); err != nil {
		return nil, err
	}
	return s, nil
}

// Start starts the node again after Stop, on the same port and with the same log. It returns an error if the node is
// running.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grpc != nil {
		return errors.New("the node is running already: stop it first")
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)))
	if err != nil {
		return fmt.Errorf("the node cannot listen: %w", err)
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	server := grpc.NewServer(grpc.WaitForHandlers(true), grpc.MaxRecvMsgSize(maxMessage))
	streams.RegisterStreamsServer(server, &streamsService{Server: s})
	serverfeatures.RegisterServerFeaturesServer(server, &featuresService{Server: s})
	gossip.RegisterGossipServer(server, &gossipService{Server: s})
	serving := make(chan struct{})
	go func() {
		defer close(serving)
		_ = server.Serve(s.conns.track(listener)) // ends with the listener, which Stop closes
	}()
	s.grpc, s.serving = server, serving
	s.running.Store(true)
	return nil
}

// Stop stops the node: it closes the port and every connection, and waits until all calls have ended. The log stays
// for Start. Stop may be called twice.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grpc == nil {
		return
	}
	s.running.Store(false)
	s.grpc.Stop()
	<-s.serving
	s.grpc = nil
}

// Addr returns the node's address, 127.0.0.1:port. It is the same after a restart.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Port returns the port of Addr.
func (s *Server) Port() int { return s.port }

// URL returns the connection string for this node.
func (s *Server) URL() string { return "esdb://" + s.Addr() + "?tls=false" }

// DropConnections closes every connection. The node keeps running and accepts new ones.
func (s *Server) DropConnections() { s.conns.closeAll() }
