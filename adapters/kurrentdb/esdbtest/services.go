package esdbtest

import (
	"context"
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// featuresService reports what the node supports.
type featuresService struct {
	serverfeatures.UnimplementedServerFeaturesServer
	*Server
}

// GetSupportedMethods returns the version and the methods of the streams service.
func (s *featuresService) GetSupportedMethods(
	ctx context.Context, _ *shared.Empty,
) (*serverfeatures.SupportedMethods, error) {
	failure := s.failures.next(Call{Kind: Features})
	if err := failure.before(ctx, s.Server); err != nil {
		return nil, err
	}
	const service = "event_store.client.streams.streams"
	result := &serverfeatures.SupportedMethods{EventStoreServerVersion: s.settings.version}
	for _, name := range []string{"append", "read", "delete", "tombstone"} {
		result.Methods = append(result.Methods, &serverfeatures.SupportedMethod{MethodName: name, ServiceName: service})
	}
	return result, failure.after(ctx, s.Server)
}

// streamsService reads and writes events.
type streamsService struct {
	streams.UnimplementedStreamsServer
	*Server
}

// Append serves an append.
func (s *streamsService) Append(call streams.Streams_AppendServer) error {
	stream, expected, events, err := s.receive(call)
	if err != nil {
		return err
	}
	ctx := call.Context()
	failure := s.failures.next(Call{Kind: Append, Stream: stream, Events: len(events)})
	if err := failure.before(ctx, s.Server); err != nil {
		return err
	}
	if err := s.checkLeader(ctx, Append); err != nil {
		return err
	}
	result := s.log.append(stream, expected, events)
	if failure.duplicate {
		result = s.log.append(stream, expected, events)
	}
	result = failure.hideOutcome(result)
	if err := failure.after(ctx, s.Server); err != nil {
		return err
	}
	switch result.kind {
	case deleted:
		return streamDeleted(ctx, stream)
	case unreplicated:
		return timedOut()
	case wrongVersion:
		return call.SendAndClose(wrongExpectedVersion(expected, result.revision))
	case written:
	}
	return call.SendAndClose(appended(result))
}

// receive reads the messages of an append: the options, then one message for each event.
func (s *streamsService) receive(call streams.Streams_AppendServer) (string, int64, []Recorded, error) {
	first, err := call.Recv()
	if err != nil {
		return "", 0, nil, err
	}
	options := first.GetOptions()
	stream := string(options.GetStreamIdentifier().GetStreamName())
	if stream == "" {
		return "", 0, nil, invalid("the append names no stream")
	}
	var events []Recorded
	for size := 0; ; {
		message, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return stream, expectedRevision(options), events, nil
		}
		if err != nil {
			return "", 0, nil, err
		}
		event, err := parseProposed(message.GetProposedMessage())
		if err != nil {
			return "", 0, nil, err
		}
		size += 2*len(event.Type) + len(event.Data) + len(event.Metadata)
		if size > s.settings.maxAppend {
			return "", 0, nil, tooLarge(call.Context(), s.settings.maxAppend)
		}
		events = append(events, event)
	}
}

func parseProposed(message *streams.AppendReq_ProposedMessage) (Recorded, error) {
	if message == nil {
		return Recorded{}, invalid("the append has a message without an event")
	}
	id, err := parseID(message.GetId())
	if err != nil {
		return Recorded{}, invalid("the event has an invalid id")
	}
	kind, content := message.GetMetadata()["type"], message.GetMetadata()["content-type"]
	if kind == "" {
		return Recorded{}, invalid("Required Metadata Property 'type' is missing")
	}
	if content != jsonContent && content != binaryContent {
		return Recorded{}, invalid("Required Metadata Property 'content-type' is missing")
	}
	return Recorded{
		ID: id, Type: kind, ContentType: content, Data: message.GetData(), Metadata: message.GetCustomMetadata(),
	}, nil
}

// Delete deletes a stream softly.
func (s *streamsService) Delete(ctx context.Context, request *streams.DeleteReq) (*streams.DeleteResp, error) {
	result, err := s.remove(ctx, Delete, request.GetOptions().GetStreamIdentifier(),
		expectedRevision(request.GetOptions()))
	if err != nil {
		return nil, err
	}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{Position: &streams.DeleteResp_Position{
		CommitPosition: result.position, PreparePosition: result.position,
	}}}, nil
}

// Tombstone deletes a stream permanently.
func (s *streamsService) Tombstone(ctx context.Context, request *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	result, err := s.remove(ctx, Tombstone, request.GetOptions().GetStreamIdentifier(),
		expectedRevision(request.GetOptions()))
	if err != nil {
		return nil, err
	}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{
		Position: &streams.TombstoneResp_Position{CommitPosition: result.position, PreparePosition: result.position},
	}}, nil
}

func (s *streamsService) remove(
	ctx context.Context, kind Kind, id *shared.StreamIdentifier, expected int64,
) (appendResult, error) {
	stream := string(id.GetStreamName())
	failure := s.failures.next(Call{Kind: kind, Stream: stream})
	if err := failure.before(ctx, s.Server); err != nil {
		return appendResult{}, err
	}
	if err := s.checkLeader(ctx, kind); err != nil {
		return appendResult{}, err
	}
	result := s.log.delete(stream, expected, kind == Tombstone)
	if failure.duplicate {
		result = s.log.delete(stream, expected, kind == Tombstone)
	}
	result = failure.hideOutcome(result)
	if err := failure.after(ctx, s.Server); err != nil {
		return appendResult{}, err
	}
	switch result.kind {
	case deleted:
		return appendResult{}, streamDeleted(ctx, stream)
	case unreplicated:
		return appendResult{}, timedOut()
	case wrongVersion:
		return appendResult{}, wrongVersionError(ctx, stream, expected, result.revision)
	case written:
	}
	return result, nil
}
