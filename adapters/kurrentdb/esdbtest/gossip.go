package esdbtest

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
)

// gossipService tells a client which nodes there are. A client asks where its connection string names several hosts,
// or wants nodes discovered.
type gossipService struct {
	gossip.UnimplementedGossipServer
	*Server
}

func (s *gossipService) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	fault := s.faults.take(Call{Kind: Gossip})
	if err := fault.before(ctx, s.Server); err != nil {
		return nil, err
	}
	answer := &gossip.ClusterInfo{}
	for _, node := range s.members() {
		state := gossip.MemberInfo_Follower
		if node.leads() {
			state = gossip.MemberInfo_Leader
		}
		answer.Members = append(answer.Members, &gossip.MemberInfo{
			InstanceId: protoID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(node.Addr()))), State: state,
			TimeStamp: ticks(s.settings.now()), IsAlive: node.running.Load(),
			HttpEndPoint: &gossip.EndPoint{Address: "127.0.0.1", Port: uint32(node.port)},
		})
	}
	return answer, fault.after(ctx, s.Server)
}

// members are the nodes of the cluster, this one alone where there is none.
func (s *Server) members() []*Server {
	if s.cluster == nil {
		return []*Server{s}
	}
	return s.cluster.Nodes
}
