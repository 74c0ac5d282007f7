package esdbtest

import (
	"context"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/metadata"
)

// Cluster is several nodes that share one log. One of them leads. Replication takes no time: every node can read what
// the leader has written, except during Isolate. Only Elect changes the leader.
type Cluster struct {
	Nodes []*Server // each can be stopped, started and made to fail on its own

	mu     sync.Mutex
	leader *Server
}

// StartCluster starts a cluster that stops when the test ends.
func StartCluster(t testing.TB, nodes int, options ...Option) *Cluster {
	t.Helper()
	c, err := newCluster(nodes, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// newCluster starts a cluster whose first node leads.
func newCluster(nodes int, options ...Option) (*Cluster, error) {
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

// URL returns the connection string that names every node. With several hosts a client first asks which node leads.
func (c *Cluster) URL() string {
	hosts := make([]string, len(c.Nodes))
	for i, node := range c.Nodes {
		hosts[i] = node.Addr()
	}
	return "esdb://" + strings.Join(hosts, ",") + "?tls=false"
}

// Leader returns the node that leads, even if it is stopped.
func (c *Cluster) Leader() *Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leader
}

// Elect makes another node the leader and deposes the old one: see Depose. It returns how many events were lost.
func (c *Cluster) Elect(node *Server) int {
	c.mu.Lock()
	old := c.leader
	c.leader = node
	c.mu.Unlock()
	return old.Depose()
}

// leads reports whether this node leads its cluster. A single node does.
func (s *Server) leads() bool { return s.cluster == nil || s.cluster.Leader() == s }

// checkLeader returns an error for a call that only the leader can serve. A follower forwards appends to the leader,
// which must be running, unless the client insists on the leader. A client insists by a header. The official Go
// client fails to send that header: see defect c of the adapter.
func (s *Server) checkLeader(ctx context.Context, kind Kind) error {
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
