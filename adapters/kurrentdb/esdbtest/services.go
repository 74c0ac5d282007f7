package esdbtest

import (
	"context"
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// featuresService tells a client what the node can do.
type featuresService struct {
	serverfeatures.UnimplementedServerFeaturesServer
	*Server
}

// GetSupportedMethods tells the version and what of the streams service is there.
func (s *featuresService) GetSupportedMethods(
	ctx context.Context, _ *shared.Empty,
) (*serverfeatures.SupportedMethods, error) {
	fault := s.faults.take(Call{Kind: Features})
	if err := fault.before(ctx, s.Server); err != nil {
		return nil, err
	}
	const service = "event_store.client.streams.streams"
	answer := &serverfeatures.SupportedMethods{EventStoreServerVersion: s.settings.version}
	for _, name := range []string{"append", "read", "delete", "tombstone"} {
		answer.Methods = append(answer.Methods, &serverfeatures.SupportedMethod{MethodName: name, ServiceName: service})
	}
	return answer, fault.after(ctx, s.Server)
}

// streamsService reads and writes events.
type streamsService struct {
	streams.UnimplementedStreamsServer
	*Server
}

// Append answers an append.
func (s *streamsService) Append(call streams.Streams_AppendServer) error {
	stream, expected, events, err := s.receive(call)
	if err != nil {
		return err
	}
	ctx := call.Context()
	fault := s.faults.take(Call{Kind: Append, Stream: stream, Events: len(events)})
	if err := fault.before(ctx, s.Server); err != nil {
		return err
	}
	if err := s.admit(ctx, Append); err != nil {
		return err
	}
	answer := s.log.append(stream, expected, events)
	if fault.twice {
		answer = s.log.append(stream, expected, events)
	}
	answer = fault.doubt(answer)
	if err := fault.after(ctx, s.Server); err != nil {
		return err
	}
	switch answer.verdict {
	case deleted:
		return streamDeleted(ctx, stream)
	case unreplicated:
		return timedOut()
	case wrongVersion:
		return call.SendAndClose(wrongExpectedVersion(expected, answer.revision))
	}
	return call.SendAndClose(appended(answer))
}

// receive collects the messages of an append: first what it is about, then one message for each event.
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
		event, err := proposed(message.GetProposedMessage())
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

func proposed(message *streams.AppendReq_ProposedMessage) (Recorded, error) {
	if message == nil {
		return Recorded{}, invalid("the append holds a message that is no event")
	}
	id, err := parseID(message.GetId())
	if err != nil {
		return Recorded{}, invalid("the event has no readable id")
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
	answer, err := s.remove(ctx, Delete, request.GetOptions().GetStreamIdentifier(),
		expectedRevision(request.GetOptions()))
	if err != nil {
		return nil, err
	}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{Position: &streams.DeleteResp_Position{
		CommitPosition: answer.position, PreparePosition: answer.position,
	}}}, nil
}

// Tombstone deletes a stream for ever.
func (s *streamsService) Tombstone(ctx context.Context, request *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	answer, err := s.remove(ctx, Tombstone, request.GetOptions().GetStreamIdentifier(),
		expectedRevision(request.GetOptions()))
	if err != nil {
		return nil, err
	}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{
		Position: &streams.TombstoneResp_Position{CommitPosition: answer.position, PreparePosition: answer.position},
	}}, nil
}

func (s *streamsService) remove(
	ctx context.Context, kind Kind, id *shared.StreamIdentifier, expected int64,
) (outcome, error) {
	stream := string(id.GetStreamName())
	fault := s.faults.take(Call{Kind: kind, Stream: stream})
	if err := fault.before(ctx, s.Server); err != nil {
		return outcome{}, err
	}
	if err := s.admit(ctx, kind); err != nil {
		return outcome{}, err
	}
	answer := s.log.delete(stream, expected, kind == Tombstone)
	if fault.twice {
		answer = s.log.delete(stream, expected, kind == Tombstone)
	}
	answer = fault.doubt(answer)
	if err := fault.after(ctx, s.Server); err != nil {
		return outcome{}, err
	}
	switch answer.verdict {
	case deleted:
		return outcome{}, streamDeleted(ctx, stream)
	case unreplicated:
		return outcome{}, timedOut()
	case wrongVersion:
		return outcome{}, wrongVersionError(ctx, stream, expected, answer.revision)
	}
	return answer, nil
}
