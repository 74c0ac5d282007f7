package kurrentdb

import (
	"context"
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// Sizes of what is read at a time. A page ends with either; between pages nothing is held open, so a consumer may
// take its time.
const (
	firstRows = 64
	pageRows  = 1024
	pageBytes = 8 << 20
)

// page is a stretch of what was read.
type page struct {
	records []record
	more    bool // it ended before the log or the stream did
}

// collect receives up to rows records. The node sends each once; one that comes again is the fault of the way.
func (s space) collect(stream *esdb.ReadStream, rows uint64, bytes int) (page, error) {
	defer stream.Close()
	var p page
	for size := 0; ; {
		if uint64(len(p.records)) == rows || size > bytes {
			p.more = true
			return p, nil
		}
		resolved, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil && len(p.records) > 0 && mayPass(err) {
			p.more = true // what came is not asked for again
			return p, nil
		}
		if err != nil {
			return page{}, err
		}
		r, err := s.read(resolved)
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

// page reads a stretch of one stream. A stream that is not there is an error that judge calls missing.
func (s *Store) page(
	ctx context.Context, stream domain.Stream, direction esdb.Direction, from esdb.StreamPosition, rows uint64, bytes int,
) (page, error) {
	return persist(ctx, s, func(ctx context.Context, client *esdb.Client) (page, error) {
		options := esdb.ReadStreamOptions{Direction: direction, From: from, Deadline: &s.attempt}
		events, err := client.ReadStream(ctx, s.name(string(stream)), options, rows)
		if err != nil {
			return page{}, err
		}
		return s.collect(events, rows, bytes)
	})
}

// logPage reads a stretch of the whole log, the node's own events included.
func (s *Store) logPage(
	ctx context.Context, direction esdb.Direction, from esdb.AllPosition, rows uint64,
) (page, error) {
	return persist(ctx, s, func(ctx context.Context, client *esdb.Client) (page, error) {
		options := esdb.ReadAllOptions{Direction: direction, From: from, Deadline: &s.attempt}
		events, err := client.ReadAll(ctx, options, rows)
		if err != nil {
			return page{}, err
		}
		return s.collect(events, rows, pageBytes)
	})
}
