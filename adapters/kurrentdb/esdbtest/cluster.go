package esdbtest

import (
	"context"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/metadata"
)

// Cluster is several nodes with one log, of which one leads. Replication takes no time: what the leader has written
// can be read on every node, unless Isolate says otherwise. The leader changes only by Elect.
type Cluster struct {
	Nodes []*Server // each can be stopped, started and made to fail on its own

	mu     sync.Mutex
	leader *Server
}

// StartCluster runs a cluster for the length of a test.
func StartCluster(t testing.TB, nodes int, options ...Option) *Cluster {
	t.Helper()
	c, err := NewCluster(nodes, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// NewCluster runs a cluster of which the first node leads, for use outside a test. End it by Stop.
func NewCluster(nodes int, options ...Option) (*Cluster, error) {
	c := &Cluster{}
	for range nodes {
		node, err := newServer(c, options...)
		if err != nil {
			c.Stop()
			return nil, err
		}
		c.Nodes = append(c.Nodes, node)
		c.leader = c.Nodes[0]
	}
	return c, nil
}

// Stop stops every node.
func (c *Cluster) Stop() {
	for _, node := range c.Nodes {
		node.Stop()
	}
}

// URL is the connection string that names every node: a client asks them who leads before it does anything else.
func (c *Cluster) URL() string {
	hosts := make([]string, len(c.Nodes))
	for i, node := range c.Nodes {
		hosts[i] = node.Addr()
	}
	return "esdb://" + strings.Join(hosts, ",") + "?tls=false"
}

// Leader is the node that leads, running or not.
func (c *Cluster) Leader() *Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leader
}

// Elect makes another node the leader. What the old one had written while it was isolated is cut off the log, and its
// connections are closed, as by Depose. It returns how many events vanished.
func (c *Cluster) Elect(node *Server) int {
	c.mu.Lock()
	old := c.leader
	c.leader = node
	c.mu.Unlock()
	return old.Depose()
}

// leads says whether this node leads its cluster. A node alone does.
func (s *Server) leads() bool { return s.cluster == nil || s.cluster.Leader() == s }

// admit refuses what this node cannot do now: a follower does nothing for a client that insists on the leader, and
// hands an append to it, which must be running. Only a client that says so in the call's headers insists; the official
// one for Go means to, and does not (see the adapter's notes on its defects).
func (s *Server) admit(ctx context.Context, kind Kind) error {
	if s.leads() {
		return nil
	}
	leader := s.cluster.Leader()
	headers, _ := metadata.FromIncomingContext(ctx)
	if value := headers.Get("requires-leader"); len(value) > 0 && strings.EqualFold(value[0], "true") {
		return notLeader(ctx, "127.0.0.1", leader.port)
	}
	writes := kind == Append || kind == Delete || kind == Tombstone
	if writes && !leader.running.Load() {
		return unavailable()
	}
	return nil
}
