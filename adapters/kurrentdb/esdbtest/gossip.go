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
	answer := &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId: protoID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(s.Addr()))), State: gossip.MemberInfo_Leader,
		IsAlive: true, HttpEndPoint: &gossip.EndPoint{Address: "127.0.0.1", Port: uint32(s.port)},
	}}}
	return answer, fault.after(ctx, s.Server)
}
