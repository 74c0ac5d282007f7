package kurrentdb

import (
	"context"
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// A page ends at a number of rows or of bytes, whichever comes first. No call is open between pages, so a consumer
// may take its time.
const (
	firstRows = 64
	pageRows  = 1024
	pageBytes = 8 << 20
)

// page is a part of the log or of a stream.
type page struct {
	records []record
	more    bool // the log or the stream may go on
}

// collect receives up to rows records. It drops repeated records: the node sends each once, but the network may
// repeat.
func (n namespace) collect(stream *esdb.ReadStream, rows uint64, maxBytes int) (page, error) {
	defer stream.Close()
	var p page
	for size := 0; ; {
		if uint64(len(p.records)) == rows || size > maxBytes {
			p.more = true
			return p, nil
		}
		resolved, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil && len(p.records) > 0 && retryable(err) {
			p.more = true // the next page continues after what has arrived
			return p, nil
		}
		if err != nil {
			return page{}, err
		}
		r, err := n.decode(resolved)
		if err != nil {
			return page{}, err
		}
		if n := len(p.records); n > 0 && p.records[n-1].Position == r.Position {
			continue
		}
		p.records = append(p.records, r)
		size += r.size()
	}
}

// page reads a part of one stream. If the stream does not exist, the error classifies as noStream.
func (s *Store) page(
	ctx context.Context, stream domain.Stream, direction esdb.Direction, from esdb.StreamPosition, rows uint64,
	maxBytes int,
) (page, error) {
	return retry(ctx, s, func(ctx context.Context, client *esdb.Client) (page, error) {
		options := esdb.ReadStreamOptions{Direction: direction, From: from, Deadline: &s.attemptTimeout}
		events, err := client.ReadStream(ctx, s.streamName(string(stream)), options, rows)
		if err != nil {
			return page{}, err
		}
		return s.collect(events, rows, maxBytes)
	})
}

// logPage reads a part of the whole log, the node's own events included.
func (s *Store) logPage(
	ctx context.Context, direction esdb.Direction, from esdb.AllPosition, rows uint64,
) (page, error) {
	return retry(ctx, s, func(ctx context.Context, client *esdb.Client) (page, error) {
		options := esdb.ReadAllOptions{Direction: direction, From: from, Deadline: &s.attemptTimeout}
		events, err := client.ReadAll(ctx, options, rows)
		if err != nil {
			return page{}, err
		}
		return s.collect(events, rows, pageBytes)
	})
}
