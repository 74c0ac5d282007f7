package esdbtest

import (
	"context"
	"strconv"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// expecting is implemented by the options of appends, deletions and tombstones.
type expecting interface {
	GetRevision() uint64
	GetNoStream() *shared.Empty
	GetAny() *shared.Empty
	GetStreamExists() *shared.Empty
}

func expectedRevision(options expecting) int64 {
	switch {
	case options.GetNoStream() != nil:
		return expectNoStream
	case options.GetAny() != nil:
		return expectAny
	case options.GetStreamExists() != nil:
		return expectStream
	}
	return int64(options.GetRevision())
}

func appended(result appendResult) *streams.AppendResp {
	success := &streams.AppendResp_Success{}
	if result.revision < 0 {
		success.CurrentRevisionOption = &streams.AppendResp_Success_NoStream{NoStream: &shared.Empty{}}
	} else {
		success.CurrentRevisionOption = &streams.AppendResp_Success_CurrentRevision{
			CurrentRevision: uint64(result.revision),
		}
	}
	if result.position == 0 {
		success.PositionOption = &streams.AppendResp_Success_NoPosition{NoPosition: &shared.Empty{}}
	} else {
		success.PositionOption = &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{
			CommitPosition: result.position, PreparePosition: result.position,
		}}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: success}}
}

func wrongExpectedVersion(expected, current int64) *streams.AppendResp {
	wrong := &streams.AppendResp_WrongExpectedVersion{}
	if current < 0 {
		wrong.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{
			CurrentNoStream: &shared.Empty{},
		}
	} else {
		wrong.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{
			CurrentRevision: uint64(current),
		}
	}
	switch expected {
	case expectNoStream:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{
			ExpectedNoStream: &shared.Empty{},
		}
	case expectAny:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{
			ExpectedAny: &shared.Empty{},
		}
	case expectStream:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{
			ExpectedStreamExists: &shared.Empty{},
		}
	default:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{
			ExpectedRevision: uint64(expected),
		}
	}
	return &streams.AppendResp{
		Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: wrong},
	}
}

// statusError returns an error with trailers, given as pairs, from which a client reads its kind and details.
func statusError(ctx context.Context, code codes.Code, text string, trailers ...string) error {
	_ = grpc.SetTrailer(ctx, metadata.Pairs(trailers...)) // fails only outside a call
	return status.Error(code, text)
}

func invalid(text string) error { return status.Error(codes.InvalidArgument, text) }

func invalidPosition() error { return invalid("Trying to read from an invalid position.") }

func timedOut() error { return status.Error(codes.Aborted, "Operation timed out: Commit timeout") }

func unavailable() error { return status.Error(codes.Unavailable, "Server Is Not Ready") }

func streamDeleted(ctx context.Context, stream string) error {
	return statusError(ctx, codes.FailedPrecondition, "Event stream '"+stream+"' is deleted.",
		"exception", "stream-deleted", "stream-name", stream)
}

func tooLarge(ctx context.Context, limit int) error {
	return statusError(ctx, codes.InvalidArgument, "Maximum Append Size of "+strconv.Itoa(limit)+" Exceeded.",
		"exception", "maximum-append-size-exceeded", "maximum-append-size", strconv.Itoa(limit))
}

func wrongVersionError(ctx context.Context, stream string, expected, current int64) error {
	return statusError(ctx, codes.FailedPrecondition,
		"Append failed due to WrongExpectedVersion. Stream: "+stream+
			", Expected version: "+strconv.FormatInt(expected, 10)+", Actual version: "+strconv.FormatInt(current, 10),
		"exception", "wrong-expected-version", "stream-name", stream,
		"expected-version", strconv.FormatInt(expected, 10), "actual-version", strconv.FormatInt(current, 10))
}

func notLeader(ctx context.Context, host string, port int) error {
	return statusError(ctx, codes.NotFound, "Leader info available",
		"exception", "not-leader", "leader-endpoint-host", host, "leader-endpoint-port", strconv.Itoa(port))
}
