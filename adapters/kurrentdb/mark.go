package kurrentdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// A mark is the last event of a small stream that is not of the log.
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

// mark reads a mark and the revision it has, NoStream for none.
func (s *Store) mark(ctx context.Context, name string) (value string, at domain.Revision, err error) {
	at = domain.NoStream
	_, err = persist(ctx, s, func(ctx context.Context, client *esdb.Client) (struct{}, error) {
		options := esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}, Deadline: &s.attempt}
		stream, err := client.ReadStream(ctx, s.space.mark(name), options, 1)
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
			return struct{}{}, fmt.Errorf("stream %s does not hold a mark", s.space.mark(name))
		}
		value, at = found.Value, domain.Revision(event.Event.EventNumber)
		return struct{}{}, nil
	})
	if err != nil && judge(err) == missing {
		return "", domain.NoStream, nil
	}
	return value, at, err
}

// maxMarkRaces is how many others may change a mark and change it back while one tries to.
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
		_, err = persist(ctx, s, func(ctx context.Context, client *esdb.Client) (*esdb.WriteResult, error) {
			options := esdb.AppendToStreamOptions{ExpectedRevision: expectation(at), Deadline: &s.attempt}
			return client.AppendToStream(ctx, s.space.mark(name), options, event)
		})
		if err == nil {
			return nil
		}
		if judge(err) != wrong {
			return fmt.Errorf("mark %s: %w", name, err)
		}
	}
	return fmt.Errorf("mark %s: too many others change it: %w", name, domain.ErrConflict)
}
