package kurrentdb

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// propose makes what the node is sent of an append. The bytes are copies: a call that was given up may go on for a
// while, and its caller's bytes are the caller's again.
func propose(events []domain.Stored) []esdb.EventData {
	proposed := make([]esdb.EventData, len(events))
	for i, event := range events {
		content := esdb.ContentTypeBinary
		if json.Valid(event.Data) {
			content = esdb.ContentTypeJson
		}
		proposed[i] = esdb.EventData{
			EventID: event.ID, EventType: escaped(event.Type), ContentType: content,
			Data: slices.Clone(event.Data), Metadata: withRest(len(events)-1-i, event.Meta),
		}
	}
	return proposed
}

// record is an event as it was read: of our log, or of the node's own.
type record struct {
	domain.Entry
	ours bool // what is not has a position only
}

// read takes a record from what the client gives. An event of somebody else's is an error: a log is whole or it is
// no log.
func (s space) read(resolved *esdb.ResolvedEvent) (record, error) {
	event := resolved.Event
	if event == nil {
		return record{}, fmt.Errorf("the node sent a message without an event")
	}
	r := record{Entry: domain.Entry{Position: domain.NewPosition(event.Position.Commit, event.Position.Prepare)}}
	stream, isStream := s.stream(event.StreamID)
	kind, isType := unescaped(event.EventType)
	if !isStream || !isType {
		return r, nil
	}
	rest, meta, ok := withoutRest(event.UserMetadata)
	if !ok || event.EventID == uuid.Nil || event.EventNumber > math.MaxInt64 {
		return r, fmt.Errorf("event %d of stream %.60q was not written by ClickBook: "+
			"the log needs a node, or a cluster, of its own", event.EventNumber, event.StreamID)
	}
	r.ours, r.Rest = true, rest
	r.Stream, r.Revision = domain.Stream(stream), domain.Revision(event.EventNumber)
	r.Stored = domain.Stored{ID: event.EventID, Type: kind, Data: event.Data, Meta: meta}
	return r, nil
}

func (r *record) size() int { return len(r.Data) + len(r.Meta) + 256 }

// place is a position as the client wants it.
func place(position domain.Position) esdb.Position {
	commit, prepare := position.Pair()
	return esdb.Position{Commit: commit, Prepare: prepare}
}

// from is where a read of the whole log begins that includes the position.
func from(position domain.Position) esdb.AllPosition {
	if position.IsZero() {
		return esdb.Start{}
	}
	return place(position)
}
