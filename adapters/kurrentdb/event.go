package kurrentdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// encode makes the events of an append. It copies their bytes, because the caller may reuse them while an abandoned
// call still runs.
func encode(events []domain.Stored) []esdb.EventData {
	encoded := make([]esdb.EventData, len(events))
	for i, event := range events {
		content := esdb.ContentTypeBinary
		if json.Valid(event.Data) {
			content = esdb.ContentTypeJson
		}
		encoded[i] = esdb.EventData{
			EventID: event.ID, EventType: escaped(event.Type), ContentType: content,
			Data: slices.Clone(event.Data), Metadata: withRest(len(events)-1-i, event.Meta),
		}
	}
	return encoded
}

// record is an event that was read: one of the log, or one of the node's own.
type record struct {
	domain.Entry
	ours bool // of the log; otherwise only the position is set
}

// decode makes a record of what the client returns. It returns an error for an event that ClickBook has not written:
// such a log is incomplete or damaged.
func (n namespace) decode(resolved *esdb.ResolvedEvent) (record, error) {
	event := resolved.Event
	if event == nil {
		return record{}, errors.New("the node sent a message without an event")
	}
	r := record{Entry: domain.Entry{Position: domain.NewPosition(event.Position.Commit, event.Position.Prepare)}}
	stream, isStream := n.stream(event.StreamID)
	kind, isType := unescaped(event.EventType)
	if !isStream || !isType {
		return r, nil
	}
	rest, meta, ok := withoutRest(event.UserMetadata)
	if !ok || event.EventID == uuid.Nil || event.EventNumber > math.MaxInt64 {
		return r, fmt.Errorf("event %d of stream %.60q was not written by ClickBook: "+
			"use a node, or a cluster, for this log only", event.EventNumber, event.StreamID)
	}
	r.ours, r.Rest = true, rest
	r.Stream, r.Revision = domain.Stream(stream), domain.Revision(event.EventNumber)
	r.Stored = domain.Stored{ID: event.EventID, Type: kind, Data: event.Data, Meta: meta}
	return r, nil
}

func (r *record) size() int { return len(r.Data) + len(r.Meta) + 256 }

func esdbPosition(position domain.Position) esdb.Position {
	commit, prepare := position.Pair()
	return esdb.Position{Commit: commit, Prepare: prepare}
}

// startAt returns where a read of the whole log begins that includes the position.
func startAt(position domain.Position) esdb.AllPosition {
	if position.IsZero() {
		return esdb.Start{}
	}
	return esdbPosition(position)
}
