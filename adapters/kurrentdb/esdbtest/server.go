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

// Server is one node. Its methods may be called from several goroutines.
type Server struct {
	settings settings
	log      *eventLog
	faults   faults
	conns    connections
	cluster  *Cluster // nil for a node alone
	port     int
	running  atomic.Bool

	mu      sync.Mutex // guards what follows: a node is started and stopped by one caller at a time
	grpc    *grpc.Server
	serving chan struct{} // closed when the accepting goroutine has ended
}

// Start runs a node for the length of a test.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	s, err := New(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// New runs a node on a free port of the loopback address, for use outside a test. End it by Stop.
func New(options ...Option) (*Server, error) { return newServer(nil, options...) }

// newServer runs a node, alone or as one more of a cluster, whose log it shares.
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

// Start runs the node again after Stop, on the same port and with the same log: a node that was restarted. It is an
// error where it is running already.
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

// Stop ends the node at once: it closes the port and every connection, and waits until all its calls have ended. The
// log stays, for Start. Stopping twice is allowed.
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

// Addr is the node's address, 127.0.0.1:port. It stays the same over restarts.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Port is the port of Addr.
func (s *Server) Port() int { return s.port }

// URL is the connection string for one node.
func (s *Server) URL() string { return "esdb://" + s.Addr() + "?tls=false" }

// DropConnections closes every connection; the node keeps running and accepts new ones.
func (s *Server) DropConnections() { s.conns.closeAll() }
