package esdbtest

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
)

// gossipService lists the nodes of the cluster. A client asks if its connection string names several hosts or
// requests discovery.
type gossipService struct {
	gossip.UnimplementedGossipServer
	*Server
}

func (s *gossipService) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	failure := s.failures.next(Call{Kind: Gossip})
	if err := failure.before(ctx, s.Server); err != nil {
		return nil, err
	}
	result := &gossip.ClusterInfo{}
	for _, node := range s.members() {
		state := gossip.MemberInfo_Follower
		if node.leads() {
			state = gossip.MemberInfo_Leader
		}
		result.Members = append(result.Members, &gossip.MemberInfo{
			InstanceId: protoID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(node.Addr()))), State: state,
			TimeStamp: ticks(s.settings.now()), IsAlive: node.running.Load(),
			HttpEndPoint: &gossip.EndPoint{Address: "127.0.0.1", Port: uint32(node.port)},
		})
	}
	return result, failure.after(ctx, s.Server)
}

// members returns the nodes of the cluster, or only this node if there is no cluster.
func (s *Server) members() []*Server {
	if s.cluster == nil {
		return []*Server{s}
	}
	return s.cluster.Nodes
}
