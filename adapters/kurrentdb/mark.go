package kurrentdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// mark is the content of an event in the stream of a mark. The last event has the current value. These streams are
// not part of the log.
type mark struct {
	Value string `json:"value"`
}

// Mark implements domain.Marks.
func (s *Store) Mark(ctx context.Context, name string) (string, error) {
	value, _, err := s.mark(ctx, name)
	if err != nil {
		return "", fmt.Errorf("mark %s: %w", name, err)
	}
	return value, nil
}

// mark reads a mark and its revision, NoStream if there is none.
func (s *Store) mark(ctx context.Context, name string) (value string, at domain.Revision, err error) {
	at = domain.NoStream
	_, err = retry(ctx, s, func(ctx context.Context, client *esdb.Client) (struct{}, error) {
		options := esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}, Deadline: &s.attemptTimeout}
		stream, err := client.ReadStream(ctx, s.markStream(name), options, 1)
		if err != nil {
			return struct{}{}, err
		}
		defer stream.Close()
		event, err := stream.Recv()
		if err != nil {
			return struct{}{}, err
		}
		var found mark
		if err := json.Unmarshal(event.Event.Data, &found); err != nil || event.Event.EventType != markType {
			return struct{}{}, fmt.Errorf("stream %s does not hold a mark", s.markStream(name))
		}
		value, at = found.Value, domain.Revision(event.Event.EventNumber)
		return struct{}{}, nil
	})
	if err != nil && classify(err) == noStream {
		return "", domain.NoStream, nil
	}
	return value, at, err
}

// maxMarkRaces is how often SetMark tries again when the mark was changed and changed back meanwhile.
const maxMarkRaces = 16

// SetMark implements domain.Marks.
func (s *Store) SetMark(ctx context.Context, name, before, after string) error {
	if err := domain.CheckMark(name, before, after); err != nil {
		return err
	}
	data, err := json.Marshal(mark{after})
	if err != nil {
		return fmt.Errorf("mark %s: %w", name, err)
	}
	for range maxMarkRaces {
		value, at, err := s.mark(ctx, name)
		switch {
		case err != nil:
			return fmt.Errorf("mark %s: %w", name, err)
		case value == after:
			return nil
		case value != before:
			return fmt.Errorf("mark %s: it is %q, not %q: %w", name, value, before, domain.ErrConflict)
		}
		event := esdb.EventData{
			EventID: uuid.New(), EventType: markType, ContentType: esdb.ContentTypeJson, Data: data,
		}
		_, err = retry(ctx, s, func(ctx context.Context, client *esdb.Client) (*esdb.WriteResult, error) {
			options := esdb.AppendToStreamOptions{ExpectedRevision: expectation(at), Deadline: &s.attemptTimeout}
			return client.AppendToStream(ctx, s.markStream(name), options, event)
		})
		if err == nil {
			return nil
		}
		if classify(err) != wrongRevision {
			return fmt.Errorf("mark %s: %w", name, err)
		}
	}
	return fmt.Errorf("mark %s: it changes too often, try again: %w", name, domain.ErrConflict)
}
