package esdbtest

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
)

// The names that a node gives to its own streams and events.
const (
	metadataPrefix = "$$"
	metadataType   = "$metadata"
	tombstoneType  = "$streamDeleted"
	linkType       = "$>"
	statsType      = "$statsCollected"
	statsStream    = "$stats-127.0.0.1:2113"
	jsonContent    = "application/json"
	binaryContent  = "application/octet-stream"

	// deletedRevision is the revision of a tombstone, and the $tb of a stream after a soft deletion.
	deletedRevision = math.MaxInt64
)

// Recorded is one event of the log.
type Recorded struct {
	ID          uuid.UUID
	Stream      string
	Revision    uint64
	Type        string
	ContentType string // application/json or application/octet-stream
	Data        []byte
	Metadata    []byte
	Created     time.Time // to 100 ns
	Position    uint64    // both commit and prepare position, which are equal on current servers
}

// size returns what the event takes in the log of a real node, 90 bytes and its texts, as the client's fixtures show.
// So the positions are as far apart as there.
func (r *Recorded) size() uint64 {
	return uint64(90 + len(r.Stream) + len(r.Type) + len(r.Data) + len(r.Metadata))
}

// ticks returns a time in steps of 100 ns since 1970.
func ticks(t time.Time) int64 { return t.Unix()*1e7 + int64(t.Nanosecond())/100 }

func (r *Recorded) proto() *streams.ReadResp_ReadEvent_RecordedEvent {
	return &streams.ReadResp_ReadEvent_RecordedEvent{
		Id:               protoID(r.ID),
		StreamIdentifier: protoStream(r.Stream),
		StreamRevision:   r.Revision,
		PreparePosition:  r.Position,
		CommitPosition:   r.Position,
		Metadata: map[string]string{
			"type":         r.Type,
			"content-type": r.ContentType,
			"created":      strconv.FormatInt(ticks(r.Created), 10),
		},
		CustomMetadata: r.Metadata,
		Data:           r.Data,
	}
}

// target returns the event that a link points at.
func (r *Recorded) target() (stream string, revision uint64, ok bool) {
	if r.Type != linkType {
		return "", 0, false
	}
	number, stream, ok := strings.Cut(string(r.Data), "@")
	if !ok {
		return "", 0, false
	}
	revision, err := strconv.ParseUint(number, 10, 63)
	return stream, revision, err == nil
}

func protoStream(name string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(name)}
}
