package esdbtest

import (
	_ "github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	_ "google.golang.org/grpc"
)
